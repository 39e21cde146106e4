#!/usr/bin/env python3
"""A payment at Stripe becomes a message in a Slack channel, through the real program; forgeries do not.

Needs python3 (3.9 or later, standard library only). Stripe and Slack are played by this script, on loopback.

    cargo build && python3 tests/e2e/stripe_slack.py [target/debug/doorbell]

What is checked: a signed `payment_intent.succeeded` of 150.00 USD is accepted (202) and reaches Slack as a message with
`$150.00`; one of 42.00 USD is accepted and reaches nobody; a forged one (401), a stale one (401) and a repeat (200) do
not reach Slack.
"""

import hashlib
import hmac
import http.server
import json
import queue
import tempfile
import threading
import time

import program
from program import want

SECRET = "whsec_" + "0123456789abcdef" * 2
# Stripe's own libraries accept a signature for 300 s.
STALE_S = 301

RULES = """
sources:
  stripe: { verify: stripe, secret: { env: STRIPE_WEBHOOK_SECRET } }
connections:
  sales-chat: { slack: { url: { env: SLACK_WEBHOOK_URL } } }
rules:
  - name: Big payments to sales chat
    from: stripe
    event: payment_intent.succeeded
    if:
      $.data.object.currency: usd
      $.data.object.amount: { gt: 10000 }
    do:
      - slack: sales-chat
        text: "{{ money $.data.object.amount $.data.object.currency }} from {{ default $.data.object.receipt_email \\"a customer\\" }}"
"""


class Slack(http.server.BaseHTTPRequestHandler):
    """Answers as an incoming webhook of Slack does, and keeps what came."""

    protocol_version = "HTTP/1.1"
    got = queue.Queue(maxsize=100)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.put((self.path, json.loads(body)))
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


def event(number, amount):
    """The body of an event as Stripe shapes it."""
    intent = {
        "id": f"pi_{number:024}",
        "object": "payment_intent",
        "amount": amount,
        "amount_received": amount,
        "currency": "usd",
        "receipt_email": "ann@example.com",
        "status": "succeeded",
    }
    whole = {
        "id": f"evt_{number:024}",
        "object": "event",
        "api_version": "2024-06-20",
        "created": int(time.time()),
        "data": {"object": intent},
        "livemode": False,
        "type": "payment_intent.succeeded",
    }
    return json.dumps(whole, indent=2).encode()


def signature(body, at, secret=SECRET):
    """`Stripe-Signature`: HMAC-SHA256 of `TIME.BODY`."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def main(binary):
    slack = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slack)
    threading.Thread(target=slack.serve_forever, daemon=True).start()
    environment = {
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "SLACK_WEBHOOK_URL": f"http://127.0.0.1:{slack.server_port}/services/T0/B0/x",
    }
    try:
        with tempfile.TemporaryDirectory(prefix="doorbell-stripe-") as directory:
            with program.Doorbell(binary, directory, RULES, environment) as doorbell:
                check(doorbell)
    finally:
        slack.shutdown()
        slack.server_close()


def check(doorbell):
    now = int(time.time())
    big, small, forged, stale = event(1, 15000), event(2, 4200), event(3, 15000), event(4, 15000)
    cases = [
        ("genuine, 150.00 USD", big, signature(big, now), 202),
        ("genuine, 42.00 USD", small, signature(small, now), 202),
        ("signed with another secret", forged, signature(forged, now, "whsec_somebody_elses_secret_0000"), 401),
        ("amount changed after signing", event(3, 99900), signature(forged, now), 401),
        ("signed too long ago", stale, signature(stale, now - STALE_S), 401),
        ("sent again", big, signature(big, now), 200),
    ]
    for name, body, signed, wanted in cases:
        headers = {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": signed}
        status, _ = doorbell.post("/stripe", headers, body)
        print(f"{name:30} {status}")
        want(status == wanted, f"`{name}` was answered {status}, not {wanted}; the log:\n{doorbell.told()}")
    states = doorbell.settled(1)
    want(states == ["delivered"], f"deliveries ended as {states}, wanted one, delivered")
    messages = [Slack.got.get_nowait() for _ in range(Slack.got.qsize())]
    want(len(messages) == 1, f"wanted one message, Slack got {messages}")
    path, message = messages[0]
    want(path == "/services/T0/B0/x", f"the message went to {path}")
    want(message.get("text") == "$150.00 from ann@example.com", f"Slack got {message}")
    print(f"Slack got one message:         {message['text']}")


if __name__ == "__main__":
    program.run(main)
