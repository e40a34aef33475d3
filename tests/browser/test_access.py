"""Pages that everybody can use: names for what has no words, contrast, order."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from .conftest import Visitor

_SERIOUS = ("serious", "critical")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "page",
    ["", "leaderboard", "runs", "curves", "compare", "run", "lake", "trash"],
    ids=lambda page: page or "home",
)
def test_no_serious_findings(visitor: Visitor, page: str, scheme: str) -> None:
    visitor.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    visitor.open(page, **({"run": "r0"} if page == "run" else {}))
    found = Axe().run(visitor.page, options={"runOnly": ["wcag2a", "wcag2aa"]})
    serious = [each for each in found.response["violations"] if each["impact"] in _SERIOUS]
    told = [(each["id"], [node["target"] for node in each["nodes"]][:4]) for each in serious]
    assert told == []
