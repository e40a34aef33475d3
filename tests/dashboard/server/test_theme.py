"""Settings: the same from a checkout and from an installed package."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from lakeboard.dashboard.server import theme
from tests.dashboard.insides import known_settings

FILE = Path(__file__).parents[3] / ".streamlit" / "config.toml"


def flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in table.items():
        path = f"{prefix}{name}"
        out |= flat(value, f"{path}.") if isinstance(value, dict) else {path: value}
    return out


@pytest.mark.skipif(not FILE.exists(), reason="only in a checkout")
def test_the_repository_says_the_same_as_the_package() -> None:
    ours = {f"{section}.{name}": value for section, values in theme.SETTINGS.items() for name, value in values.items()}
    assert flat(tomllib.loads(FILE.read_text(encoding="utf-8"))) == ours


def test_streamlit_knows_every_setting() -> None:
    known = known_settings()
    for flag in theme.flags():
        name = flag.removeprefix("--").partition("=")[0]
        assert name in known, name


def test_nothing_is_reported_and_no_traceback_is_shown() -> None:
    flags = set(theme.flags())
    assert {"--browser.gatherUsageStats=false", "--client.showErrorDetails=none", "--server.address=127.0.0.1"} <= flags
    assert '--theme.headingFontSizes=["20px", "16px", "14px", "13px", "12px", "12px"]' in flags
