"""Names where Markdown is read: text, whatever they say."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.dashboard.format.escape import plain
from lakeboard.dashboard.format.invisible import visible


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("digits", "digits"),
        ("val/loss [x]", r"val\/loss \[x\]"),
        ("**a**\n:red[b] $x$", r"\*\*a\*\* \:red\[b\] \$x\$"),
        ("a\u202eb", r"a\<U\+202E\>b"),
        ("https://a.b", r"https:small[]\:\/\/a\.b"),
        ("xHTTP://a.b", r"xHTTP:small[]\:\/\/a\.b"),
        ("www.a.b", r"www:small[]\.a\.b"),
        ("me@a.b", r"me:small[]\@a\.b"),
        ("a @ b", r"a \@ b"),
    ],
)
def test_what_markdown_would_read_is_escaped_and_addresses_are_cut_in_two(text: str, written: str) -> None:
    assert plain(text) == written


@given(
    st.lists(
        st.one_of(st.sampled_from(["http://", "https:", "//", "www.", "@", "a.b", ":small[]"]), st.text(max_size=3))
    )
)
def test_nothing_is_lost_and_no_address_stands_in_one_piece(parts: list[str]) -> None:
    text = "".join(parts)
    pieces = [re.sub(r"\\(.)", r"\1", piece) for piece in plain(text).split(":small[]")]
    assert "".join(pieces) == visible(text.replace("\n", " "))
    for piece in pieces:
        assert not re.search(r"https?://|www\.|[\w.+-]@\w", piece, re.IGNORECASE)
