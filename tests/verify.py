"""The long suites, one file of tests after the other, stopping and going on; evidence for readers.

`make verify` runs this. Each file that holds tests marked `long` is one suite and one pytest
process. What passed is kept with a digest of the code, the configurations and the tests, so that
a second call runs only what has not yet passed with exactly this code. The outcome is written to
`docs/evidence/verify.json` and, for people, `docs/evidence/verify.md`.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

from simulator.foundations.files import atomic_write_text, digest_bytes, digest_file

ROOT = Path(__file__).resolve().parents[1]
EVIDENCE = ROOT / "docs" / "evidence"
COUNT = re.compile(r"(\d+) (passed|failed|error|skipped)")
SUITE = re.compile(r"(tests/\S+?\.py)(::|: \d)")


def what_is_tested() -> str:
    """One digest of everything the outcome depends on."""
    files = [ROOT / "requirements.lock", ROOT / "pyproject.toml"]
    for folder in ("simulator", "experiments", "viz", "configs", "tests"):
        files += [p for p in (ROOT / folder).rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    rows = sorted(f"{path.relative_to(ROOT).as_posix()} {digest_file(path)}" for path in files)
    return digest_bytes("\n".join(rows).encode())


def find_long_suites() -> list[str]:
    """The test files that hold long tests, sorted."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-m", "long", "--color=no"]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)
    if done.returncode not in (0, 5):
        sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
    return sorted({found[1] for line in done.stdout.splitlines() if (found := SUITE.match(line))})


def run_suite(suite: str) -> dict:
    """Run the long tests of one file; what came of it."""
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-m", "long", "--color=no", "--timeout=0", "--durations=3", suite]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    last = ""
    for line in process.stdout:
        print(line, end="", flush=True)
        last = line.strip() or last
    code = process.wait()
    return {
        "passed": code == 0,
        "counts": {word: int(number) for number, word in COUNT.findall(last)},
        "seconds": round(time.monotonic() - began, 1),
        "finished": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }


def write_evidence(state: dict) -> None:
    """The state for the next call, and the same as a page of the documentation."""
    EVIDENCE.mkdir(parents=True, exist_ok=True)
    atomic_write_text(EVIDENCE / "verify.json", json.dumps(state, indent=1, sort_keys=True) + "\n")
    lines = [
        "---\norphan: true\n---\n",
        "# The long suites\n",
        f"Written by `make verify`. Code, configurations and tests: `{state['digest'][:16]}`.",
        f"Machine: {state['machine']}.\n",
        "| suite | outcome | tests | seconds | finished |",
        "|---|---|---|---|---|",
    ]
    for suite, row in sorted(state["suites"].items()):
        counts = ", ".join(f"{number} {word}" for word, number in row["counts"].items()) or "none"
        outcome = "passed" if row["passed"] else "failed"
        lines.append(f"| `{suite}` | {outcome} | {counts} | {row['seconds']} | {row['finished']} |")
    waiting = [suite for suite in state["all"] if suite not in state["suites"]]
    lines.append("\nNot yet run: " + (", ".join(f"`{s}`" for s in waiting) if waiting else "none") + ".\n")
    atomic_write_text(EVIDENCE / "verify.md", "\n".join(lines))


def main() -> int:
    """Run what has not yet passed; 0 when every long suite has."""
    parser = argparse.ArgumentParser(prog="make verify", description="Run the long suites, going on where the last call stopped.")
    parser.add_argument("--again", action="store_true", help="run everything, also what has passed")
    again = parser.parse_args().again
    digest, path = what_is_tested(), EVIDENCE / "verify.json"
    state = {"digest": digest, "suites": {}, "all": []}
    if path.is_file() and not again:
        earlier = json.loads(path.read_text("utf-8"))
        state = earlier if earlier.get("digest") == digest else state
    state["machine"] = f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    state["all"] = find_long_suites()
    state["suites"] = {suite: row for suite, row in state["suites"].items() if suite in state["all"] and row["passed"]}
    for number, suite in enumerate(state["all"], 1):
        if suite in state["suites"]:
            print(f"[{number}/{len(state['all'])}] {suite}: passed before with this code")
            continue
        print(f"[{number}/{len(state['all'])}] {suite}", flush=True)
        state["suites"][suite] = run_suite(suite)
        write_evidence(state)
    write_evidence(state)
    if not state["all"]:
        print("no test is marked long, so nothing was verified")
        return 1
    failed = [suite for suite, row in state["suites"].items() if not row["passed"]]
    print(f"{len(state['all']) - len(failed)} of {len(state['all'])} long suites passed; see docs/evidence/verify.md")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
