"""A doorbell of one's own for the scripts beside this file: started in a temporary directory, ended with the script.

Python's standard library only.
"""

import http.client
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# No single wait takes longer; it is a bound, never a pause.
PATIENCE_S = 60
# Between two looks at the history.
LOOK_S = 0.05


class Failed(Exception):
    """What was seen is not what was wanted."""


class Doorbell:
    """A running `doorbell serve`, used by `with`."""

    def __init__(self, binary, directory, rules, environment):
        self.directory = Path(directory)
        (self.directory / "doorbell.yaml").write_text(rules, encoding="utf-8")
        arguments = ["serve", "doorbell.yaml", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]
        self.log = open(self.directory / "log", "wb")
        self.process = subprocess.Popen(
            [str(binary), *arguments, "--store", "sqlite:doorbell.db"],
            cwd=self.directory,
            env={"PATH": os.environ.get("PATH", ""), **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        self.lines = queue.Queue(maxsize=100)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def _said(self, word):
        try:
            line = self.lines.get(timeout=PATIENCE_S)
        except queue.Empty:
            line = ""
        if not line.startswith(word):
            raise Failed(f"wanted a line `{word} …`, the program said `{line.strip()}`; its log:\n{self.told()}")
        return line.removeprefix(word).strip().removeprefix("http://")

    def __enter__(self):
        try:
            self.listen = http.client.HTTPConnection(self._said("ready"), timeout=PATIENCE_S)
            self.admin = http.client.HTTPConnection(self._said("admin"), timeout=PATIENCE_S)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_):
        self._end()

    def _end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def told(self):
        """The program's log."""
        return (self.directory / "log").read_text(encoding="utf-8", errors="replace")

    def post(self, path, headers, body):
        """Sends a webhook: status and the JSON of the answer."""
        return talk(self.listen, "POST", path, headers, body)

    def deliveries(self):
        """All deliveries that the history knows, newest first; the scripts make less than a page of them."""
        status, answer = talk(self.admin, "GET", "/api/deliveries?limit=500", {}, None)
        want(status == 200, f"the history answers {status}")
        return answer["deliveries"]

    def settled(self, count):
        """The states of all deliveries, once there are `count` of them and none is still to be done."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            states = [delivery["state"] for delivery in self.deliveries()]
            if len(states) >= count and not {"waiting", "due", "started"} & set(states):
                return states
            if time.monotonic() > deadline:
                raise Failed(f"deliveries never settled: {states}")
            time.sleep(LOOK_S)


def talk(connection, method, path, headers, body):
    """One exchange on a kept connection; the connection is opened anew when it was closed while it rested."""
    for last in (False, True):
        try:
            connection.request(method, path, body=body, headers=headers)
            response = connection.getresponse()
            text = response.read()
            return response.status, json.loads(text) if text else None
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            connection.close()
            if last:
                raise


def want(holds, otherwise):
    """Fails with these words when something does not hold."""
    if not holds:
        raise Failed(otherwise)


def binary():
    """The program to be tested: the first argument, or the one that `cargo build` made."""
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "target" / "debug" / "doorbell"
    if not chosen.is_file():
        sys.exit(f"`{chosen}` is not there: run `cargo build`, or name the binary: {sys.argv[0]} PATH")
    return chosen.resolve()


def run(main):
    """Runs a script: 0 when all is as wanted, 1 when it is not."""
    try:
        main(binary())
    except Failed as why:
        print(f"FAILED  {why}")
        sys.exit(1)
    print("ok")
