#!/usr/bin/env python3
"""Every webhook example that GitHub's own tooling publishes, signed as GitHub signs, through the real program.

Needs python3 (3.9 or later, standard library only), npm and the network, from which `npm pack` fetches the package
`@octokit/webhooks-examples` into a temporary directory. Nothing is kept.

    cargo build && python3 tests/e2e/octokit.py [target/debug/doorbell]

What is checked: each example is accepted (202); the commands of exactly those rules run, once each, that this script
finds to match by itself; sent again, each example is recognised (200) and nothing runs again.
"""

import hashlib
import hmac
import json
import shlex
import subprocess
import tarfile
import tempfile
import uuid
from collections import Counter
from pathlib import Path

import program
from program import want

PACKAGE = "@octokit/webhooks-examples@7.6.1"
EXAMPLES_IN_PACKAGE = 329
FETCH_S = 120
SECRET = "a secret of at least thirty-two bytes"
MAIN = ["refs/heads/main", "refs/heads/master"]  # the package's pushes go to `master`

RULES = """
sources:
  github: {{ verify: github, secret: {{ env: GITHUB_WEBHOOK_SECRET }} }}
rules:
  - name: push to main
    from: github
    event: push
    if: {{ $.ref: {main}, $.deleted: false }}
    do:
      - run: [sh, -c, 'printf "%s %s %s\\n" "$1" "$2" "$3" >> "$4"', sh, push, "{{{{ event.id }}}}", "{{{{ $.after }}}}", "{ran}"]
  - name: issue opened
    from: github
    event: issues
    if: {{ $.action: opened }}
    do:
      - run: [sh, -c, 'printf "%s %s %s\\n" "$1" "$2" "$3" >> "$4"', sh, issue, "{{{{ event.id }}}}", "{{{{ $.issue.number }}}}", "{ran}"]
"""


def expected(kind, payload):
    """What the rules above say about one example, said again in Python: the words its command writes, or nothing."""
    if kind == "push" and payload["ref"] in MAIN and payload["deleted"] is False:
        return ["push", payload["after"]]
    if kind == "issues" and payload.get("action") == "opened":
        return ["issue", str(payload["issue"]["number"])]
    return None


def fetch(directory):
    """The examples as (event type, payload)."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(directory), PACKAGE]
    try:
        packed = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=FETCH_S, check=True)
    except FileNotFoundError:
        raise program.Failed("`npm` is not there; it fetches the examples: install Node.js") from None
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as why:
        raise program.Failed(f"`{shlex.join(command)}` failed: {why}") from None
    with tarfile.open(Path(directory) / packed.stdout.split()[-1]) as archive:
        kinds = json.load(archive.extractfile("package/api.github.com/index.json"))
    return [(kind["name"], payload) for kind in kinds for payload in kind["examples"]]


def request(kind, payload):
    """Headers and body as GitHub makes them."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/e2e",
        "X-GitHub-Event": kind,
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": f"sha256={signature}",
    }
    return headers, body


def send_all(doorbell, requests, wanted):
    """Sends all; the ids that were answered. Any other status fails."""
    ids, wrong = [], []
    for kind, headers, body in requests:
        status, answer = doorbell.post("/github", headers, body)
        if status != wanted:
            wrong.append(f"{kind} {status}")
        ids.append((answer or {}).get("id"))
    want(not wrong, f"{len(wrong)} of {len(requests)} were not answered {wanted}: {Counter(wrong).most_common(10)}")
    return ids


def main(binary):
    with tempfile.TemporaryDirectory(prefix="doorbell-octokit-") as directory:
        examples = fetch(directory)
        want(len(examples) == EXAMPLES_IN_PACKAGE, f"{len(examples)} examples, not {EXAMPLES_IN_PACKAGE}")
        ran = Path(directory) / "ran"
        ran.touch()
        rules = RULES.format(ran=ran, main=json.dumps(MAIN))
        requests = [(kind, *request(kind, payload)) for kind, payload in examples]
        with program.Doorbell(binary, directory, rules, {"GITHUB_WEBHOOK_SECRET": SECRET}) as doorbell:
            check(doorbell, examples, requests, ran)


def check(doorbell, examples, requests, ran):
    ids = send_all(doorbell, requests, 202)
    want(len(set(ids)) == len(ids), "two events have one id")
    owed = Counter()
    for event, (kind, payload) in zip(ids, examples):
        words = expected(kind, payload)
        if words:
            owed[f"{words[0]} {event} {words[1]}"] += 1
    want(owed, "the rules match none of the examples: nothing would be proven")
    states = doorbell.settled(sum(owed.values()))
    want(set(states) == {"delivered"}, f"deliveries ended as {Counter(states)}")
    done = Counter(ran.read_text().splitlines())
    want(done == owed, f"wanted {dict(owed)}, ran {dict(done)}")
    print(f"first time: {len(ids)} of {len(ids)} answered 202; {sum(done.values())} commands ran, once each, the right ones")

    again = send_all(doorbell, requests, 200)
    want(again == ids, "a repeat was not answered with the id of the first")
    states = doorbell.settled(sum(owed.values()))
    want(len(states) == sum(owed.values()), f"{len(states)} deliveries after the repeats")
    want(Counter(ran.read_text().splitlines()) == done, "a repeat ran a command again")
    print(f"again:      {len(again)} of {len(again)} answered 200 with the first id; nothing ran")


if __name__ == "__main__":
    program.run(main)
