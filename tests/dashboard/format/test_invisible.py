"""What cannot be seen is shown by its number, in text of Python and of scripts alike."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lakeboard.dashboard
from lakeboard.dashboard.charts.model import escaped
from lakeboard.dashboard.format import escape
from lakeboard.dashboard.format.invisible import UNSEEN, visible
from tests.dashboard.components.node import answering

BROWSER = Path(lakeboard.dashboard.__file__).parent / "components/browser"
_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(st.text())
def test_nothing_is_left_that_turns_the_text_around_it(text: str) -> None:
    shown = visible(text)
    assert not any(unicodedata.bidirectional(each) in _TURNING for each in shown)
    assert visible(shown) == shown


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_letters_numbers_and_signs_of_all_scripts_stay(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("safe\u202etxt.exe", "safe<U+202E>txt.exe"),
        ("a\u200bb\ufeff", "a<U+200B>b<U+FEFF>"),
        ("\x1b[31m", "<U+001B>[31m"),
        ("\u200f\u061c\u2066x\u2069", "<U+200F><U+061C><U+2066>x<U+2069>"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("\N{MAN}\u200d\N{WOMAN} \u0645\u06cc\u200c\u062e", "\N{MAN}\u200d\N{WOMAN} \u0645\u06cc\u200c\u062e"),
    ],
)
def test_by_its_number(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_words_of_pages_and_of_charts_are_visible() -> None:
    assert escape.plain("run \u202etxt") == r"run \<U\+202E\>txt"
    assert escaped("run \u202etxt") == "run &lt;U+202E&gt;txt"


def test_scripts_have_the_same_rule_and_all_keep_to_it() -> None:
    assert f"/{UNSEEN}/g" in (BROWSER / "shared/invisible.js").read_text(encoding="utf-8")
    assert "watchUnseen(" in (BROWSER / "shared/mount.js").read_text(encoding="utf-8")
    texts = {path.name: path.read_text(encoding="utf-8") for path in BROWSER.rglob("*.js")}
    components = [name for name, text in texts.items() if "export default" in text]
    assert len(components) >= 8
    assert [name for name in components if texts[name].count("export default mount(") != 1] == []


def test_the_browser_shows_any_text_alike() -> None:
    with answering() as browser:

        @given(st.text(st.characters(exclude_categories=["Cs"])) | st.text("a\u202e\u200d\u200b\ufeff\x1b\u0645"))
        def alike(text: str) -> None:
            assert browser.ask("visible", text) == visible(text)

        alike()
