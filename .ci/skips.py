"""Fail where tests were skipped for want of something that this machine should have.

python .ci/skips.py JUNIT.xml
"""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET

ALLOWED = re.compile(r"\broot\b|\bmacOS\b|\bframework\b", re.IGNORECASE)
"""Reasons that hold on a complete machine too; frameworks have an environment and a step of their own."""


def _reason(skipped: ET.Element) -> str:
    """Of a whole file that was skipped, the reason stands in the text, behind a path that is no part of it."""
    message = skipped.get("message") or ""
    return (skipped.text or "").partition("Skipped: ")[2] if message == "collection skipped" else message


def main(path: str) -> int:
    """Print every skipped test; 1 where one of them has no allowed reason, or nothing ran."""
    cases = list(ET.parse(path).iter("testcase"))  # noqa: S314 - our own report
    skipped = [(case.get("classname"), case.get("name"), _reason(s)) for case in cases for s in case.iter("skipped")]
    bad = [s for s in skipped if not ALLOWED.search(s[2])]
    for where, name, reason in skipped:
        print(f"skipped: {where}::{name}: {reason}")
    if len(cases) == len(skipped):
        print("no test ran")
        return 1
    print(f"{len(cases)} tests, {len(skipped)} skipped, {len(bad)} of them without an allowed reason")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
