#!/usr/bin/env python3
"""The providers' own libraries beside doorbell: what they sign it accepts, what it signs they accept, and nothing else.

Needs python3 (3.9 or later, standard library only), Node.js with npm and the network, from which `npm install` fetches
the libraries into a temporary directory. Nothing is kept.

    cargo build && python3 tests/e2e/sdks.py [target/debug/doorbell]

What is checked, for Stripe, GitHub, Slack, Svix and Standard Webhooks: an event that the provider's library signed is
accepted (202) by the running program, with another body or another secret it is refused (401); an event that `ring`
signed is accepted by the library and by the program, and with another body or another secret the library refuses it.
"""

import base64
import json
import subprocess
import tempfile
import urllib.parse
import uuid
from pathlib import Path

import program
from program import want

PACKAGES = [
    "stripe@23.1.0",
    "@octokit/webhooks-methods@6.0.0",
    "@slack/bolt@5.1.0",
    "svix@1.99.1",
    "standardwebhooks@1.1.1",
]
FETCH_S = 300
NODE_S = 60

PLAIN = "a secret of at least thirty-two bytes"
CODED = "whsec_" + base64.b64encode(b"a secret of at least thirty-two bytes").decode()
OTHER_PLAIN = PLAIN.upper()
OTHER_CODED = "whsec_" + base64.b64encode(b"another one of at least thirty-two bytes").decode()

# Preset, its secret, another secret of the same form, what the library signs.
SDKS = [
    ("stripe", "whsec_" + "0123456789abcdef" * 2, "whsec_" + "f" * 32, {"object": "event", "type": "charge.succeeded"}),
    ("github", PLAIN, OTHER_PLAIN, {"ref": "refs/heads/main", "note": "\u00e9 \u2713"}),
    ("slack", PLAIN, OTHER_PLAIN, {"type": "event_callback", "event": {"type": "app_mention"}}),
    ("svix", CODED, OTHER_CODED, {"type": "invoice.paid"}),
    ("standard-webhooks", CODED, OTHER_CODED, {"type": "invoice.paid"}),
]


def variable(name):
    return name.upper().replace("-", "_") + "_SECRET"


def rules():
    lines = ["sources:"]
    lines += [f"  {name}: {{ verify: {name}, secret: {{ env: {variable(name)} }} }}" for name, *_ in SDKS]
    return "\n".join(lines + ["rules:", "  - { name: all, do: [{ log: '{{ event.type }}' }] }", ""])


def install(directory):
    command = ["npm", "install", "--silent", "--ignore-scripts", "--no-save", "--no-package-lock"]
    try:
        subprocess.run(
            [*command, "--prefix", str(directory), *PACKAGES],
            cwd=directory, capture_output=True, text=True, timeout=FETCH_S, check=True,
        )
    except FileNotFoundError:
        raise program.Failed("`npm` is not there; it fetches the libraries: install Node.js") from None
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as why:
        raise program.Failed(f"`npm install` failed: {why}") from None


def asked(directory, questions):
    """The answers of the libraries."""
    script = Path(__file__).with_name("sdks.mjs")
    done = subprocess.run(
        ["node", str(script)],
        cwd=directory, input=json.dumps(questions), capture_output=True, text=True, timeout=NODE_S, check=False,
    )
    want(done.returncode == 0, f"the libraries failed:\n{done.stderr}")
    return json.loads(done.stdout)


def changed(body):
    """The same body but for one letter."""
    return body.replace("type", "tYpe", 1) if "type" in body else body.replace("ref", "rEf", 1)


def theirs(doorbell, directory):
    """What the libraries sign."""
    events = []
    for name, _, _, payload in SDKS:
        events.append(json.dumps({"id": f"evt_{uuid.uuid4().hex}", "event_id": uuid.uuid4().hex, **payload}, ensure_ascii=False))
    questions = []
    for (name, secret, other, _), body in zip(SDKS, events):
        for key in (secret, other):
            questions.append({"sdk": name, "ask": "sign", "secret": key, "body": body, "id": f"msg_{uuid.uuid4().hex}"})
    answers = iter(asked(directory, questions))
    for (name, *_), body in zip(SDKS, events):
        right, wrong = next(answers), next(answers)
        got = [
            doorbell.post(f"/{name}", headers, content.encode())[0]
            for headers, content in ((right, changed(body)), (wrong, body), (right, body), (right, body))
        ]
        want(got == [401, 401, 202, 200], f"{name}: {got} in place of [401, 401, 202, 200]\n{doorbell.told()}")
        print(f"{name:<18} its library signs:  another body 401, another secret 401, as it is 202, again 200")


def ours(doorbell, directory, binary, environment):
    """What `ring` signs."""
    letters = []
    for name, *_ in SDKS:
        arguments = ["ring", name, "--rules", "doorbell.yaml", "-o", "json"]
        done = subprocess.run(
            [str(binary), *arguments], cwd=directory, env=environment, capture_output=True, text=True, timeout=NODE_S, check=False
        )
        want(done.returncode == 0, f"{name}: {done.stderr}")
        letters.append(json.loads(done.stdout))
    questions = []
    for (name, secret, other, _), letter in zip(SDKS, letters):
        for key, body in ((secret, letter["body"]), (secret, changed(letter["body"])), (other, letter["body"])):
            questions.append({"sdk": name, "ask": "verify", "secret": key, "body": body, "headers": letter["headers"]})
    answers = iter(asked(directory, questions))
    for (name, *_), letter in zip(SDKS, letters):
        got = [next(answers) for _ in range(3)]
        want(got == [True, False, False], f"{name}: its library says {got} in place of [True, False, False]")
        path = urllib.parse.urlsplit(letter["url"]).path
        status, _ = doorbell.post(path, letter["headers"], base64.b64decode(letter["body_base64"]))
        want(status == 202, f"{name}: doorbell answers {status} to its own ring")
        print(f"{name:<18} `ring` signs:        its library accepts, refuses another body, refuses another secret; doorbell 202")


def main(binary):
    with tempfile.TemporaryDirectory(prefix="doorbell-sdks-") as directory:
        install(directory)
        secrets = {variable(name): secret for name, secret, *_ in SDKS}
        with program.Doorbell(binary, directory, rules(), secrets) as doorbell:
            theirs(doorbell, directory)
            ours(doorbell, directory, binary, secrets)


if __name__ == "__main__":
    program.run(main)
