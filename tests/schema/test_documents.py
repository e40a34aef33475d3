"""Documents as bytes: there and back, with a checksum and within limits; and what they may be called."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.checksum import stamped_json
from lakeboard.schema.documents import (
    MAX_DOCUMENT_DEPTH,
    MAX_DOCUMENT_VALUES,
    OWN_FIELDS,
    Document,
    decode_document,
    encode_document,
    keep_unknown,
    load_object,
)
from lakeboard.schema.errors import DamagedObject, InvalidSetting, InvalidValue

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_DOCUMENTS = st.builds(
    Document,
    st.dictionaries(st.text(max_size=8).filter(lambda name: name not in OWN_FIELDS), _JSON, max_size=4),
    st.none() | st.text(max_size=8),
    st.booleans(),
)


@given(_DOCUMENTS)
def test_a_document_survives_its_bytes(document: Document) -> None:
    data = encode_document(document, what="x")
    assert decode_document(data, key="k") == document
    assert encode_document(decode_document(data, key="k"), what="x") == data


@given(_DOCUMENTS, st.data())
def test_any_changed_byte_is_found(document: Document, data: st.DataObject) -> None:
    whole = bytearray(encode_document(document, what="x"))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(DamagedObject, match="k "):
        decode_document(bytes(whole), key="k")


def test_half_characters_are_written_as_what_stands_for_them() -> None:
    data = encode_document(Document({"a": "x\ud800"}), what="x")
    assert decode_document(data, key="k").fields == {"a": "x\\ud800"}


def nested(depth: int) -> object:
    return [] if depth == 1 else [nested(depth - 1)]


def test_limits_are_told_before_anything_is_parsed() -> None:
    fits = {"a": nested(MAX_DOCUMENT_DEPTH - 1), "text": "[{,,,\\" * 40}
    assert decode_document(encode_document(Document(fits), what="x"), key="k").fields == fits
    deep = {"a": nested(MAX_DOCUMENT_DEPTH)}
    many = {"a": [0] * MAX_DOCUMENT_VALUES}
    with pytest.raises(InvalidValue, match=r"board 'b' is 33 levels deep; at most 32"):
        encode_document(Document(deep), what="board 'b'")
    with pytest.raises(InvalidValue, match=r"holds 50,00\d values; at most 50,000"):
        encode_document(Document(many), what="x")
    with pytest.raises(InvalidValue, match=r"takes \d+ bytes; at most 90 fit"):
        encode_document(Document({"a": "b" * 90}), what="x", max_bytes=90)
    for bad, says in ((deep, "33 levels deep"), (many, "values")):
        with pytest.raises(DamagedObject, match=f"^k .*{says}.*it was not read"):
            decode_document(stamped_json(json.dumps(bad).encode()), key="k")
    bomb = stamped_json(b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    with pytest.raises(DamagedObject, match="100001 levels deep"):
        decode_document(bomb, key="k")
    began = time.process_time()
    with pytest.raises(DamagedObject, match="not JSON"):
        decode_document(stamped_json(b'{"' + b'\\"' * 400_000 + b"}"), key="k")
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "the note is not JSON"),
        ("[]", "no object"),
        ('{"a": NaN}', "NaN is not JSON"),
        ('{"a": "\\ud800"}', "not JSON"),
    ],
)
def test_what_is_no_object_says_why(text: str, says: str) -> None:
    with pytest.raises(InvalidSetting, match=says):
        load_object(text, what="the note")


@pytest.mark.parametrize("fields", [{"editor": 3}, {"deleted": "yes"}, {"deleted": None}])
def test_who_and_whether_have_their_types(fields: dict[str, object]) -> None:
    with pytest.raises(DamagedObject, match="editor is"):
        decode_document(stamped_json(json.dumps(fields).encode()), key="k")


def test_what_json_can_not_hold_is_refused() -> None:
    with pytest.raises(InvalidValue, match="view 'v' can't be written as JSON"):
        encode_document(Document({"a": float("nan")}), what="view 'v'")


def test_unknown_fields_of_the_version_before_stay() -> None:
    before = {"known": 1, "later": 2, "editor": "ann", "both": 3}
    assert keep_unknown({"other": 4, "both": 5}, before, {"known"}) == {"later": 2, "other": 4, "both": 5}
