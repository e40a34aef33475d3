"""What may not be in the repository: paths of some machine, hosts of package registries, secrets, leftovers."""

from __future__ import annotations

import re

from tests.checkout import ROOT, tracked

# Spelled in pieces, so that this file passes its own test.
_MACHINE = re.compile(r"(?<![\w.])/(?:wo" + r"rk|opt/l" + r"b|home/(?!user\b|me\b|ann\b)\w+|root/\.\w+)/")
_REGISTRY = re.compile(r"\b(?:py" + r"pi\.org|python" + r"hosted|npm" + r"js\.(?:org|com)|deb\.deb" + r"ian\.org)")
_SECRET = re.compile(r"AK" + r"IA[0-9A-Z]{16}|BEGIN (?:RSA |EC |OPENSSH )?PRIV" + r"ATE KEY")
_TEXT = {".py", ".md", ".toml", ".js", ".css", ".html", ".json", ".txt", ".cfg", ".yml", ".yaml", ""}


def test_no_file_speaks_of_a_machine_a_registry_or_a_secret() -> None:
    texts = {str(p): (ROOT / p).read_text() for p in tracked() if p.suffix in _TEXT}
    assert "pyproject.toml" in texts
    found = [
        (name, m[0]) for name, text in texts.items() for r in (_MACHINE, _REGISTRY, _SECRET) if (m := r.search(text))
    ]
    assert found == []


def test_the_rules_can_fail() -> None:
    assert _MACHINE.search("see /wo" + "rk/main/x")
    assert _MACHINE.search("in /ho" + "me/jane/x")
    assert not _MACHINE.search("https://x/wo" + "rk/main and ./wo" + "rk/x")
    assert _REGISTRY.search("https://py" + "pi.org/simple")
    assert _SECRET.search("AK" + "IA" + "A" * 16)


def test_nothing_built_or_left_over_is_tracked() -> None:
    kinds = {".pyc", ".whl", ".spool", ".orig", ".rej", ".log", ".swp"}
    # Parts of consoles in the lakes of released formats are no leftovers.
    found = [p for p in tracked() if p.suffix in kinds or "__pycache__" in p.parts]
    assert [p for p in found if p.parts[:2] != ("tests", "lakes")] == []
    assert [p for p in tracked("lake", "dist", "build", "*.egg-info") if p.parts] == []


def test_no_tracked_file_is_large() -> None:
    assert {str(p): (ROOT / p).stat().st_size for p in tracked() if (ROOT / p).stat().st_size > 1_500_000} == {}


def test_marks_of_unfinished_work_are_not_committed() -> None:
    marks = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|<<<<" + r"<<<|breakpoint\(\)|pdb\.set_" + "trace")
    assert [str(p) for p in tracked("*.py", "*.js", "*.css") if marks.search((ROOT / p).read_text())] == []
