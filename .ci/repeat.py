"""Repeat the tests that meet real processes, servers and browsers, and keep count: a flake is a defect of somebody.

    python .ci/repeat.py [TIMES] [-- PYTEST ARGUMENTS]

Counts are kept in `.ci/repetitions.json` for the commit that is checked out, so that several sittings add up. Prints
what failed how often. CI's `--reruns` goes once a commit has 20 green rounds in a row.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

COUNTS = Path(".ci/repetitions.json")
MARKED = "browser or process or s3"


def git(*arguments: str) -> str:
    """What git says."""
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S607


def commit() -> str:
    """The commit that is checked out.

    Raises:
        SystemExit: something is changed and not committed; nobody could tell later what was tried.
    """
    if [line for line in git("status", "--porcelain", "-uno").splitlines() if str(COUNTS) not in line]:
        raise SystemExit("commit first: counts are kept for a commit")
    return git("rev-parse", "--short=12", "HEAD")


def failures(report: Path) -> list[str]:
    """Names of tests that failed, as pytest takes them."""
    return [
        f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"
        for case in ET.parse(report).iter("testcase")  # noqa: S314 - written by our own tests
        if case.find("failure") is not None or case.find("error") is not None
    ]


def main() -> int:
    """Run, count, tell; fails where a round did."""
    own, _, theirs = " ".join(sys.argv[1:]).partition("--")
    times, known = int(own or 1), json.loads(COUNTS.read_text()) if COUNTS.exists() else {}
    name = commit()
    counts = known.setdefault(name, {"green_in_a_row": 0, "rounds": 0, "failed": {}})
    red = 0
    for number in range(times):
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.xml"
            command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-m", MARKED, f"--junitxml={report}"]
            done = subprocess.run([*command, *theirs.split()], check=False)
            failed = failures(report) if report.exists() else ["nothing was run"]
        counts["rounds"] += 1
        counts["green_in_a_row"] = 0 if failed or done.returncode else counts["green_in_a_row"] + 1
        red += bool(failed or done.returncode)
        for test in failed:
            counts["failed"][test] = counts["failed"].get(test, 0) + 1
        COUNTS.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
        print(f"round {number + 1} of {times}: {counts['green_in_a_row']} green in a row at {name}", flush=True)
    for test, n in sorted(counts["failed"].items(), key=lambda item: -item[1]):
        print(f"{n} of {counts['rounds']}: {test}")
    return red > 0


if __name__ == "__main__":
    raise SystemExit(main())
