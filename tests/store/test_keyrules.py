from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.errors import InvalidName
from lakeboard.schema.keys import DocumentKey, EditKey, PackKey, PointsKey, RowKey, TailKey, encode_segment
from lakeboard.store.keyrules import MAX_KEY_BYTES, check_key, check_prefix, is_key


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80))
def test_every_percent_encoded_segment_is_a_key_unless_it_climbs(text: str) -> None:
    segment = encode_segment(text)
    fits = len(segment) <= 255 and segment not in (".", "..", "_tmp")
    assert is_key(segment) == fits
    assert is_key(f"x/{segment}") == (len(segment) <= 255 and segment not in (".", ".."))


def test_every_key_of_the_schema_is_accepted_at_its_longest() -> None:
    project = "a" * 200
    run = "r" * 64
    writer = "w001-0badcafe"
    keys = [
        TailKey(project, run, writer, 1, 10, 5).path,
        PointsKey(project, run, writer, 10, 5).path,
        RowKey(project, run, writer, 1).path,
        PackKey("runs", project, 1, "0badcafe").path,
        EditKey(project, 1, "0badcafe").path,
        DocumentKey("boards", "b" * 200, 1, "0badcafe").path,
    ]
    for key in keys:
        assert check_key(key) == key
        assert check_prefix(key.rpartition("/")[0] + "/")


@given(st.text(max_size=30))
def test_what_is_accepted_stays_inside_the_root(key: str) -> None:
    if is_key(key):
        segments = key.split("/")
        assert not {"", ".", ".."} & set(segments)
        assert segments[0] != "_tmp"
        assert key.isascii()
        assert key.isprintable()
    else:
        with pytest.raises(InvalidName):
            check_key(key)


def test_the_message_names_the_key_and_the_fix() -> None:
    with pytest.raises(InvalidName, match=r"'a/\.\./b' must not contain '\.' or '\.\.'"):
        check_key("a/../b")
    with pytest.raises(InvalidName, match="percent-encode"):
        check_key("a?b")
    with pytest.raises(InvalidName, match=rf"1001 bytes long; at most {MAX_KEY_BYTES}"):
        check_key("/".join(["x" * 200] * 4 + ["x" * 197]))
    with pytest.raises(InvalidName, match="end it with a slash"):
        check_prefix("live")
    with pytest.raises(InvalidName, match="not NoneType"):
        check_key(None)  # type: ignore[arg-type]
    with pytest.raises(InvalidName, match="_tmp/, which is reserved"):
        check_prefix("_tmp/")
