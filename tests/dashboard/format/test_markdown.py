"""Notes: what people mean, and nothing that could harm."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeboard.dashboard.components import note as notes
from lakeboard.dashboard.format.markdown import MOST_CHARS, blocks
from lakeboard.dashboard.format.markdown_inline import inline, safe_href

KINDS = {"text", "code", "strong", "em", "del", "link", "image", "break"}


def p(*nodes: object) -> dict[str, Any]:
    return {"k": "p", "c": list(nodes)}


def t(text: str) -> list[object]:
    return ["text", text]


def test_headings_paragraphs_and_rules() -> None:
    assert blocks("# One\n\ntwo\nthree\n\n---\n## *Four* ##") == [
        {"k": "h", "n": 1, "c": [t("One")]},
        p(t("two"), ["break"], t("three")),
        {"k": "rule"},
        {"k": "h", "n": 2, "c": [["em", [t("Four")]]]},
    ]


def test_lists_with_tasks_inside_each_other() -> None:
    assert blocks("- a\n- [x] b\n  - c\n\n3. d\n4. e\n   f") == [
        {"k": "list", "ordered": False, "start": 1, "c": [
            {"done": None, "c": [p(t("a"))]},
            {"done": True, "c": [p(t("b")), {"k": "list", "ordered": False, "start": 1, "c": [
                {"done": None, "c": [p(t("c"))]}]}]},
        ]},
        {"k": "list", "ordered": True, "start": 3, "c": [
            {"done": None, "c": [p(t("d"))]},
            {"done": None, "c": [p(t("e"), ["break"], t("f"))]},
        ]},
    ]  # fmt: skip


def test_code_quotes_and_tables() -> None:
    assert blocks("```py\na = '<b>'\n\n# no heading\n```\n> x\ny") == [
        {"k": "code", "t": "a = '<b>'\n\n# no heading", "lang": "py"},
        {"k": "quote", "c": [p(t("x"), ["break"], t("y"))]},
    ]
    assert blocks("|a|b\\|c|\n|--|:-:|\n|1|**2**|\n|3|") == [
        {"k": "table", "head": [[t("a")], [t("b|c")]], "rows": [[[t("1")], [["strong", [t("2")]]]], [[t("3")], []]]}
    ]
    assert blocks("```\nnever closed") == [{"k": "code", "t": "never closed", "lang": ""}]


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("a **b *c*** d", [t("a "), ["strong", [t("b "), ["em", [t("c")]]]], t(" d")]),
        ("snake_case_name and _this_", [t("snake_case_name and "), ["em", [t("this")]]]),
        ("2 * 3 * 4", [t("2 * 3 * 4")]),
        (r"\*not\* `a*b*`", [t("*not* "), ["code", "a*b*"]]),
        ("``a`b`` ~~no~~", [["code", "a`b"], t(" "), ["del", [t("no")]]]),
        ("**open", [t("**open")]),
        ("[x](https://a.b/c_(d)?e=1)", [["link", "https://a.b/c_(d)?e=1", [t("x")]]]),
        ("see https://a.b/c.", [t("see "), ["link", "https://a.b/c", [t("https://a.b/c")]], t(".")]),
        ("<mailto:a@b.c>", [["link", "mailto:a@b.c", [t("mailto:a@b.c")]]]),
        ("![p](http://a/b.png)", [["image", "http://a/b.png", [t("p")]]]),
    ],
)  # fmt: skip
def test_what_stands_in_a_line(text: str, nodes: list[object]) -> None:
    assert inline(text) == nodes


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "//evil/x", "/etc/passwd", "file:///x",
     " javascript:x", "java\tscript:x", "ftp://a", "http", "https:/a", "https://a\u202eb", "x"],
)  # fmt: skip
def test_other_addresses_are_text(url: str) -> None:
    assert safe_href(url) is None
    for text in (f"[x]({url})", f"![x]({url})", f"<{url}>"):
        assert not _addresses(blocks(text)), text


def test_markup_is_text() -> None:
    text = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    assert blocks(text) == [p(t(text))]


def _addresses(found: object) -> list[str]:
    if isinstance(found, dict):
        return [a for value in found.values() for a in _addresses(value)]
    if isinstance(found, list):
        own = found[0] in ("link", "image") and isinstance(found[1], str) if found else False
        return [*([found[1]] if own else []), *(a for each in found for a in _addresses(each))]
    return []


def _kinds(found: object) -> set[str]:
    if isinstance(found, dict):
        return {k for value in found.values() for k in _kinds(value)}
    if isinstance(found, list):
        own = {found[0]} if found and isinstance(found[0], str) else set()
        return own.union(*(_kinds(each) for each in found))
    return set()


PIECES = st.one_of(
    st.sampled_from([*"*_~`[]()<>!#|-+>\\ \n\t:1.", "http://a", "javascript:x", "](", "- ", "```", "[x] "]),
    st.text(max_size=4),
)


@settings(max_examples=250, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_text_is_laid_out_with_known_nodes_and_safe_addresses(text: str) -> None:
    found = notes.as_data(text)["blocks"]
    assert _kinds(found) <= KINDS
    assert all(each.casefold().startswith(("http://", "https://", "mailto:")) for each in _addresses(found))
    said = json.dumps(found, ensure_ascii=False)
    for letter in {c for c in text if c.isascii() and c.isalpha() and c not in "xX"}:
        # Letters are never lost; only a fence's language and a task's x are no content.
        assert letter in said or "```" in text or "~~~" in text


@pytest.mark.parametrize(
    "bad",
    ["*a ", "[", "[](a", "`a``", "> ", "- ", "_a_b", "**a*", "|a", "http://", "- a\n", "[a]((", "~~", "<http:", "1. "],
)
def test_no_note_stalls_a_page(bad: str) -> None:
    long = (bad * MOST_CHARS)[:MOST_CHARS]
    began = time.process_time()
    blocks(long)
    assert time.process_time() - began < 3


def test_the_rest_of_a_very_long_note_is_said() -> None:
    assert notes.as_data("a" * (MOST_CHARS + 5))["rest"] == "5 more characters not shown."
    assert notes.as_data("a")["rest"] == ""
