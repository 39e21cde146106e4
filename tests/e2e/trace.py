#!/usr/bin/env python3
"""A 2xx is written only after the commit it speaks of is on the disk: seen in the system calls of the real program.

Needs python3 (3.9 or later, standard library only) and strace.

    cargo build && python3 tests/e2e/trace.py [target/debug/doorbell]

Of each of 200 webhooks, sent eight at a time, it is looked up in the trace: the write to the journal that holds the id of
its event, the fdatasync (or fsync) of the journal that was begun after that and returned, and the write of the answer that tells the
id. Only this order counts. Then the same is done with a copy of the program in which `synchronous = FULL` was made
`synchronous = 1` (NORMAL), and there the check has to fail: else it would prove nothing.
"""

import concurrent.futures
import http.client
import json
import os
import re
import shutil
import tempfile
from pathlib import Path

import program
from program import Failed

WEBHOOKS = 200
AT_ONCE = 8
RULES = """
sources:
  door: { verify: none }
rules:
  - name: Somebody rang
    from: door
    if: { $.by: { exists: true } }
    do: [{ log: "{{ $.by }}" }]
"""
DURABLE = b"PRAGMA synchronous = FULL;"
LATER = b"PRAGMA synchronous = 1   ;"
SYNC = re.compile(r" f(data)?sync\(")
RESUMED = re.compile(r"f(data)?sync resumed")
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CALLS = "pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg"


def raw(event_id):
    """The 16 bytes of an id as it is told: Crockford's base32 of 128 bits."""
    number = 0
    for letter in event_id.removeprefix("evt_"):
        number = number * 32 + LETTERS.index(letter)
    return number.to_bytes(16, "big")


def shown(data):
    """Bytes as strace -xx prints them."""
    return "".join(f"\\x{byte:02x}" for byte in data)


def ring(address, number):
    """Sends one webhook; the id that the answer tells."""
    connection = http.client.HTTPConnection(address, timeout=program.PATIENCE_S)
    connection.request("POST", "/door", json.dumps({"by": number}), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 202:
        raise Failed(f"webhook {number} was answered {answer.status}: {body!r}")
    connection.close()
    return json.loads(body)["id"]


def traced(binary, directory):
    """The ids of all webhooks, and the lines of the trace while they came."""
    trace = Path(directory) / "trace"
    wrapper = Path(directory) / "traced"
    wrapper.write_text(
        f'#!/bin/sh\nexec strace -f -y -xx -s 70000 -e trace={CALLS} -o "{trace}" "{binary}" "$@"\n', encoding="utf-8"
    )
    wrapper.chmod(0o700)
    with program.Doorbell(wrapper, directory, RULES, {"DOORBELL_DISK_RESERVE": "0"}) as doorbell:
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            address = f"{doorbell.listen.host}:{doorbell.listen.port}"
            ids = list(pool.map(lambda number: ring(address, number), range(WEBHOOKS)))
    return ids, trace.read_text(encoding="ascii").splitlines()


def syncs(lines):
    """Where each fdatasync of the journal begins and where it has returned."""
    begun, found = {}, []
    for place, line in enumerate(lines):
        thread = line.split(None, 1)[0]
        if SYNC.search(line) and shown(b"-wal") in line:
            if "<unfinished" in line:
                begun[thread] = place
            elif line.rstrip().endswith("= 0"):
                found.append((place, place))
        elif RESUMED.search(line) and thread in begun:
            start = begun.pop(thread)
            if line.rstrip().endswith("= 0"):
                found.append((start, place))
    return found


def proven(ids, lines):
    """How many of the answers were written after their commit was on the disk."""
    done = syncs(lines)
    journal = [(place, line) for place, line in enumerate(lines) if " pwrite64(" in line and shown(b"-wal") in line]
    answers = [(place, line) for place, line in enumerate(lines) if re.search(r" (write|writev|sendto|sendmsg)\(\d+<", line)]
    count = 0
    for event_id in ids:
        bytes_of_id, text = shown(raw(event_id)), shown(event_id.encode())
        written = next((place for place, line in journal if bytes_of_id in line), None)
        told = next((place for place, line in answers if text in line and shown(b"HTTP/1.1 202") in line), None)
        if written is None or told is None:
            raise Failed(f"{event_id} is not in the trace: journal {written}, answer {told}")
        count += any(written < start and end < told for start, end in done)
    return count


def main(binary):
    if shutil.which("strace") is None:
        raise Failed("strace is not there: apt-get install strace")
    with tempfile.TemporaryDirectory() as directory:
        full = Path(directory) / "full"
        full.mkdir()
        count = proven(*traced(binary, full))
        print(f"synchronous = FULL:   {count} of {WEBHOOKS} answers were written after the fdatasync of their commit")
        if count != WEBHOOKS:
            raise Failed("an answer came before its commit was durable")
        content = binary.read_bytes()
        if content.count(DURABLE) != 1:
            raise Failed("the place to patch is not in the program")
        normal = Path(directory) / "normal"
        normal.mkdir()
        patched = normal / "patched"
        patched.write_bytes(content.replace(DURABLE, LATER))
        patched.chmod(0o700)
        count = proven(*traced(patched, normal))
        print(f"synchronous = NORMAL: {count} of {WEBHOOKS}, so the check can fail")
        if count == WEBHOOKS:
            raise Failed("the check passes whatever the program does")


if __name__ == "__main__":
    program.run(main)
