"""The GitHub action and the hooks for pre-commit, run for real on a scratch repository: no network, no runner.

    python3 tests/e2e/action.py target/debug/doorbell

The steps of `action.yml` are run as a runner does: expressions filled, `GITHUB_OUTPUT` and `GITHUB_STEP_SUMMARY` as files,
`bash -eo pipefail`, and nothing after a step that failed. Of `.pre-commit-hooks.yaml` each hook's entry is run with the
program on the path, by `pre-commit` itself where that is installed. Needs python3-yaml, git and bash.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
RULES = """\
sources:
  shop: { verify: none, event: $.kind }
rules:
  - name: large orders
    event: order
    if: { $.total: { gt: 100 } }
    do: [{ log: "{{ $.total }}" }]
"""
TESTS = """\
tests:
  - { name: a large order, send: { json: { kind: order, total: 101 } }, expect: [large orders] }
  - { name: a small order, send: { json: { kind: order, total: 100 } }, expect: nothing }
"""
EVENTS = [
    {"id": f"evt_0000000000000000000000000{number}", "source": "shop", "type": "order",
     "payload": {"kind": "order", "total": total}}
    for number, total in enumerate([50, 80, 500], start=1)
]


class Failed(Exception):
    """What was seen is not what was wanted."""


def want(truth, words):
    if not truth:
        raise Failed(words)


def repository(folder):
    """A scratch repository with rules, their tests and recorded events; the base branch's rules stand in `base/`."""
    for directory in ["rules", "base"]:
        (folder / directory).mkdir(mode=0o755)
        (folder / directory / "shop.yaml").write_text(RULES, encoding="utf-8")
    (folder / "rules" / "shop.test.yaml").write_text(TESTS, encoding="utf-8")
    (folder / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in EVENTS), encoding="utf-8")
    for command in [["init", "-q"], ["add", "."], ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "rules"]]:
        subprocess.run(["git", *command], cwd=folder, check=True, timeout=60)


def filled(text, inputs, outputs):
    """A text with its expressions: `inputs.NAME` and `steps.ID.outputs.NAME`, which is all that the action uses."""

    def value(match):
        path = match[1].split(".")
        if path[0] == "inputs":
            return inputs[path[1]]
        return outputs.get(path[1], {}).get(path[3], "")

    return re.sub(r"\$\{\{\s*([\w.-]+)\s*\}\}", value, str(text))


def applies(condition, inputs):
    """Whether a step's `if` holds; only comparisons of an input with a text."""
    if condition is None:
        return True
    name, operator, text = re.fullmatch(r"inputs\.([\w-]+) (==|!=) '([^']*)'", condition).groups()
    return (inputs[name] == text) == (operator == "==")


def action(folder, doorbell, **given):
    """Runs the action's steps: the exit code, what was said, the summary, and the action's outputs."""
    text = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    known = {name: str(entry.get("default", "")) for name, entry in text["inputs"].items()}
    inputs = {**known, "doorbell": str(doorbell), **{name.replace("_", "-"): value for name, value in given.items()}}
    want(set(inputs) == set(known), f"unknown inputs: {sorted(set(inputs) - set(known))}")
    summary, outputs, said = folder.parent / "summary.md", {}, ""
    summary.write_text("")
    code = 0
    for step in text["runs"]["steps"]:
        if code or not applies(step.get("if"), inputs):
            continue
        want(step["shell"] == "bash", f"step {step['name']}: shell {step['shell']}")
        output = folder.parent / "output"
        output.write_text("")
        script = folder.parent / "step.sh"
        script.write_text(filled(step["run"], inputs, outputs))
        environment = {name: filled(value, inputs, outputs) for name, value in step.get("env", {}).items()}
        ran = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(folder),
                 "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary), **environment},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        )
        code, said = ran.returncode, said + ran.stdout + ran.stderr
        if "id" in step:
            pairs = [line.split("=", 1) for line in output.read_text().splitlines()]
            outputs[step["id"]] = dict(pairs)
    results = {name: filled(entry["value"], inputs, outputs) for name, entry in text["outputs"].items()}
    return code, said, summary.read_text(), results


def the_action(folder, doorbell):
    rules = folder / "rules" / "shop.yaml"
    code, said, summary, results = action(folder, doorbell, coverage_min="50")
    want(code == 0 and "2 passed" in said, f"check and test of good rules: {code}\n{said}")
    want(summary == "" and results["changed"] == "", f"a plan that nobody asked for: {summary} {results}")

    events = {"events": "events.jsonl", "against": "base"}
    code, said, summary, results = action(folder, doorbell, **events)
    want(code == 0 and results["changed"] == "false", f"a plan of the same rules: {code} {results}\n{said}")
    want("nothing would be done otherwise" in summary, summary)

    rules.write_text(RULES.replace("gt: 100", "gt: 60"))
    tests = folder / "rules" / "shop.test.yaml"
    tests.write_text(TESTS.replace("total: 100", "total: 60"))
    code, said, summary, results = action(folder, doorbell, **events)
    want(code == 0 and results["changed"] == "true", f"a plan of edited rules: {code} {results}\n{said}")
    want("### doorbell plan" in summary and "| `~` | large orders |" in summary, summary)

    code, said, _, _ = action(folder, doorbell, events="events.jsonl")
    want(code != 0 and "against" in said, f"events and nothing to compare with: {code}\n{said}")
    code, said, _, _ = action(folder, doorbell, coverage_min="100", rules="rules/ base/")
    want(code != 0, f"two files with one source, or short of coverage: {code}\n{said}")

    tests.write_text(TESTS)
    code, said, _, _ = action(folder, doorbell)
    want(code == 1 and "a small order" in said, f"a test that fails: {code}\n{said}")
    rules.write_text(RULES.replace("gt:", "above:"))
    code, said, summary, _ = action(folder, doorbell, **events)
    want(code == 1 and "::error file=rules/shop.yaml,line=6" in said, f"broken rules are annotated: {code}\n{said}")
    want("passed" not in said and summary == "", "a step ran after one that failed")
    rules.write_text(RULES)
    return 7


def the_hooks(folder, doorbell):
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    rules = folder / "rules" / "shop.yaml"
    path = f"{doorbell.parent}:{os.environ['PATH']}"
    real = shutil.which("pre-commit")
    for hook in hooks:
        for name, wanted in [("rules/shop.yaml", True), ("doorbell.yaml", True), ("README.md", False), ("src/a.yaml", False)]:
            want(bool(re.search(hook["files"], name)) == wanted, f"{hook['id']} and {name}")
        want(hook["pass_filenames"] is False and hook["language"] == "rust", f"{hook['id']}: {hook}")
        for text, good in [(RULES, True), (RULES.replace("gt:", "above:"), False)]:
            rules.write_text(text)
            if real:
                local = {"repos": [{"repo": "local", "hooks": [{**hook, "language": "system"}]}]}
                config = folder.parent / "pre-commit.yaml"
                config.write_text(yaml.safe_dump(local))
                subprocess.run(["git", "add", "."], cwd=folder, check=True, timeout=60)
                command = [real, "run", "--config", str(config), "--all-files", hook["id"]]
            else:
                command = hook["entry"].split()
            ran = subprocess.run(command, cwd=folder, env={**os.environ, "PATH": path}, stdin=subprocess.DEVNULL,
                                 capture_output=True, text=True, timeout=120)
            want((ran.returncode == 0) == good, f"{hook['id']}: {ran.returncode}\n{ran.stdout}{ran.stderr}")
    rules.write_text(RULES)
    return "by pre-commit" if real else "by its entry"


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    doorbell = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as directory:
        folder = Path(directory) / "repository"
        folder.mkdir(mode=0o755)
        repository(folder)
        try:
            runs = the_action(folder, doorbell)
            way = the_hooks(folder, doorbell)
        except Failed as why:
            print(f"failed: {why}", file=sys.stderr)
            return 1
    print(f"the action: {runs} runs as wanted; two hooks, each {way}, as wanted")
    return 0


if __name__ == "__main__":
    sys.exit(main())
