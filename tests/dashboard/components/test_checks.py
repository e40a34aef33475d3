"""Scripts of the browser pass their types, their linter and Node's own tests."""

from __future__ import annotations

import json
import re

import pytest

from tests.checkout import ROOT, tracked
from tests.dashboard.components.node import checkout, node, run, tool

TESTS = "tests/dashboard/components/browser"


def test_unit_tests_pass() -> None:
    command = [node(), "--test"]
    files = [str(path) for path in tracked(f"{TESTS}/*/*.test.js")]
    assert len(files) > 15
    run([*command, *files])


@pytest.mark.slow
def test_types_are_right() -> None:
    run([tool("tsc"), "-p", "tsconfig.json"])


@pytest.mark.slow
def test_nothing_to_lint() -> None:
    run([tool("eslint"), "dashboard/components/browser", TESTS])


def test_tools_are_pinned_and_named_without_a_registry() -> None:
    checkout()
    named = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert named["private"] is True
    assert "dependencies" not in named
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in named["devDependencies"].values())
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = lock["packages"]
    assert packages[""]["devDependencies"] == named["devDependencies"]
    others = [package for name, package in packages.items() if name]
    assert len(others) > 50
    assert all("integrity" in package and "resolved" not in package for package in others)
