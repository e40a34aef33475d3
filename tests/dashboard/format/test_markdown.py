"""Notes: what people mean, and nothing that could harm."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeboard.dashboard.components import note as notes
from lakeboard.dashboard.format.markdown import MOST_CHARS, layout_note, safe_href

KINDS = {"text", "code", "strong", "em", "del", "link", "image", "break"}


def p(*nodes: object) -> dict[str, Any]:
    return {"k": "p", "c": list(nodes)}


def t(text: str) -> list[object]:
    return ["text", text]


def test_headings_paragraphs_and_rules() -> None:
    assert layout_note("# One\n\ntwo\nthree\n\n---\n## *Four* ##") == [
        {"k": "h", "n": 1, "c": [t("One")]},
        p(t("two"), ["break"], t("three")),
        {"k": "rule"},
        {"k": "h", "n": 2, "c": [["em", [t("Four")]]]},
    ]


def test_lists_with_tasks_inside_each_other() -> None:
    assert layout_note("- a\n- [x] b\n  - c\n\n3. d\n4. e\n   f") == [
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
    assert layout_note("```py\na = '<b>'\n\n# no heading\n```\n> x\ny") == [
        {"k": "code", "t": "a = '<b>'\n\n# no heading", "lang": "py"},
        {"k": "quote", "c": [p(t("x"), ["break"], t("y"))]},
    ]
    head, rows = [[t("a")], [t("b|c")]], [[[t("1")], [["strong", [t("2")]]]], [[t("3")], []]]
    assert layout_note("|a|b\\|c|\n|--|:-:|\n|1|**2**|\n|3|") == [
        {"k": "table", "head": head, "rows": rows, "align": ["", "center"]}
    ]
    assert layout_note("```\nnever closed") == [{"k": "code", "t": "never closed", "lang": ""}]


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
    assert layout_note(text) == [p(*nodes)]


def test_headings_are_underlined_too() -> None:
    assert layout_note("One\n===\nTwo *it*\n---\nlast") == [
        {"k": "h", "n": 1, "c": [t("One")]},
        {"k": "h", "n": 2, "c": [t("Two "), ["em", [t("it")]]]},
        p(t("last")),
    ]


def test_code_is_indented_too() -> None:
    assert layout_note("a\n\n    x = '*'\n\n\ty\n\nb") == [
        p(t("a")),
        {"k": "code", "t": "x = '*'\n\ny", "lang": ""},
        p(t("b")),
    ]
    assert layout_note("a\n    goes on") == [p(t("a"), ["break"], t("goes on"))]


def test_links_by_reference_and_with_titles() -> None:
    text = "[the *run*][r], [r] and [other]\n\n[r]: https://a.b/c 'A title'\n[bad]: javascript:x\n"
    linked = ["link", "https://a.b/c", [t("the "), ["em", [t("run")]]], "A title"]
    assert layout_note(text) == [
        p(linked, t(", "), ["link", "https://a.b/c", [t("r")], "A title"], t(" and [other]")),
        p(t("[bad]: javascript:x")),
    ]
    assert layout_note('![a **b**](https://a.b "t") ![](https://a.b)') == [
        p(
            ["image", "https://a.b", [t("a "), ["strong", [t("b")]]], "t"],
            t(" "),
            ["image", "https://a.b", [t("https://a.b")]],
        )
    ]


def test_entities_are_what_they_stand_for_and_never_markup() -> None:
    assert layout_note("&lt;b&gt; &copy; &#35; &nope; &amp;lt; `&lt;`") == [
        p(t("<b> © # &nope; &lt; "), ["code", "&lt;"])
    ]
    assert layout_note("&#106;avascript [x](&#106;avascript:x)") == [p(t("javascript [x](javascript:x)"))]


def test_line_breaks_stay_and_their_marks_go() -> None:
    assert layout_note("soft\nblanks  \nslash\\\nlast\\") == [
        p(t("soft"), ["break"], t("blanks"), ["break"], t("slash"), ["break"], t("last\\"))
    ]


def test_tables_are_as_wide_as_their_head() -> None:
    assert layout_note("a | b | c\n:-- | --: | ---\n1 | `x\\|y` | 3 | 4\nend\n\nafter") == [
        {
            "k": "table",
            "head": [[t("a")], [t("b")], [t("c")]],
            "align": ["left", "right", ""],
            "rows": [[[t("1")], [["code", "x|y"]], [t("3")]], [[t("end")], [], []]],
        },
        p(t("after")),
    ]


def test_lists_keep_what_belongs_to_their_items() -> None:
    def items(*found: list[object], ordered: bool = False, start: int = 1) -> dict[str, Any]:
        return {"k": "list", "ordered": ordered, "start": start, "c": [{"done": None, "c": each} for each in found]}

    code = {"k": "code", "t": "x", "lang": ""}
    assert layout_note("1. a\n\n   b\n   ```\n   x\n   ```\n2. - c\n     > d\n* e\n+ f") == [
        items([p(t("a")), p(t("b")), code], [items([p(t("c")), {"k": "quote", "c": [p(t("d"))]}])], ordered=True),
        items([p(t("e"))]),
        items([p(t("f"))]),
    ]
    assert layout_note("7) a") == [items([p(t("a"))], ordered=True, start=7)]
    assert layout_note("- [ ] **a**\n- [X] `b`\n- [y] c\n- [x]d\n-")[0]["c"] == [
        {"done": False, "c": [p(["strong", [t("a")]])]},
        {"done": True, "c": [p(["code", "b"])]},
        {"done": None, "c": [p(t("[y] c"))]},
        {"done": None, "c": [p(t("[x]d"))]},
        {"done": None, "c": []},
    ]


@pytest.mark.parametrize(
    "name",
    ["www.example.org", "train.py", "a@b.org", "run-1.ai", "xhttps://a.b", "1http://a.b", "http:/a.b", "ftp://a.b"],
)
def test_names_that_look_like_addresses_are_text(name: str) -> None:
    assert layout_note(f"{name} is one, *{name}* too") == [p(t(f"{name} is one, "), ["em", [t(name)]], t(" too"))]


def test_a_bare_address_ends_before_its_sentence_and_is_one_link() -> None:
    link = ["link", "https://a.b/c_(d)", [t("https://a.b/c_(d)")]]
    assert layout_note("(https://a.b/c_(d)), **https://a.b/c_(d)**!") == [
        p(t("("), link, t("), "), ["strong", [link]], t("!"))
    ]
    assert layout_note("[see https://a.b](https://c.d) `https://a.b`") == [
        p(["link", "https://c.d", [t("see https://a.b")]], t(" "), ["code", "https://a.b"])
    ]


def test_what_is_nested_too_deeply_is_text_and_not_lost() -> None:
    def depth(found: object) -> int:
        inner = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
        return max((1 + depth(each) for each in inner), default=0)

    for text in ("> " * 500 + "end", "- " * 500 + "end", "*a **b " * 500 + "end" + "** *" * 500, "[" * 500 + "end"):
        found = layout_note(text)
        assert "end" in json.dumps(found)
        assert depth(found) < 60


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "//evil/x", "/etc/passwd", "file:///x",
     " javascript:x", "java\tscript:x", "ftp://a", "http", "https:/a", "https://a\u202eb", "x"],
)  # fmt: skip
def test_other_addresses_are_text(url: str) -> None:
    assert safe_href(url) is None
    for text in (f"[x]({url})", f"![x]({url})", f"<{url}>"):
        assert not _addresses(layout_note(text)), text


def test_markup_is_text() -> None:
    text = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    assert layout_note(text) == [p(t(text))]


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
    if re.search(r"```|~~~|]:|&", text):
        return  # a fence's language, the target of a reference and an entity's name are no content
    for letter in {c for c in text if c.isascii() and c.isalpha() and c not in "xX"}:
        assert letter in said  # a task's x is none either


@settings(max_examples=250, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=200))
def test_any_characters_are_laid_out(text: str) -> None:
    found = layout_note(text)
    assert _kinds(found) <= KINDS
    json.dumps(found)


STALLING = (
    "*a ", "[", "[](a", "`a``", "> ", "- ", "_a_b", "**a*", "|a", "http://", "- a\n", "[a]((", "~~", "<http:", "1. ",
)  # fmt: skip
STALLING_TOO = (
    "![", "[a][", "[a]: b\n", "=\n", "a\n=\n", "&#", "<!--", "|\n|-|\n", "> - ", "- a\n  ", "\\", "http://a(",
)  # fmt: skip


@pytest.mark.parametrize("bad", [*STALLING, *(pytest.param(each, marks=pytest.mark.slow) for each in STALLING_TOO)])
def test_no_note_stalls_a_page(bad: str) -> None:
    long = (bad * MOST_CHARS)[:MOST_CHARS]
    began = time.process_time()
    layout_note(long)
    assert time.process_time() - began < 3


def test_a_table_cannot_ask_for_more_cells_than_it_has() -> None:
    wide = MOST_CHARS // 6
    table = layout_note("|" + "a|" * wide + "\n|" + "-|" * wide + "\n" + "|\n" * wide)[0]
    assert len(table["head"]) == wide
    assert sum(map(len, table["rows"])) < 100_000


def test_the_rest_of_a_very_long_note_is_said() -> None:
    assert notes.as_data("a" * (MOST_CHARS + 5))["rest"] == "5 more characters not shown."
    assert notes.as_data("a")["rest"] == ""
