from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.artifacts.acts import MAX_TEXT, OPS, Act, check_act, decide, decode_act, encode_act
from lakeboard.schema.artifacts.keys import ActKey
from lakeboard.schema.artifacts.names import Version
from lakeboard.schema.checksum import stamped_json
from lakeboard.schema.errors import DamagedObject, InvalidName, InvalidValue
from tests.schema.strategies import HEX8

A, B = Version(1, "aaaaaaaa"), Version(2, "bbbbbbbb")
KEY = ActKey("p", 17, "0a1b2c3d")


@st.composite
def acts(draw: st.DrawFn) -> Act:
    op = draw(st.sampled_from(OPS))
    arg = {"alias": "best", "unalias": "best", "describe": draw(st.text(st.characters(codec="utf-8"), max_size=9))}.get(
        op
    )
    why = draw(st.one_of(st.none(), st.text("abé", max_size=5)))
    return Act(draw(st.integers(0, 50)), draw(HEX8), op, "digits", draw(st.sampled_from([A, B])), arg, "ann", why)


@given(acts())
def test_acts_round_trip(act: Act) -> None:
    assert decode_act(encode_act(act), key=ActKey("p", act.hlc, act.rand)) == act


@given(st.lists(acts(), max_size=12, unique_by=lambda a: (a.hlc, a.rand)), st.randoms(use_true_random=False))
def test_order_and_repeats_do_not_matter(told: list[Act], chance: random.Random) -> None:
    mixed = [*told, *told]
    chance.shuffle(mixed)
    assert decide(mixed) == decide(told)


def test_the_last_decision_of_each_kind_counts() -> None:
    def act(hlc: int, op: str, version: Version = A, arg: str | None = None) -> Act:
        known, checked = check_act(op, arg)
        return Act(hlc, "00000000", known, "digits", version, checked)

    found = decide(
        [
            act(1, "alias", A, "best"),
            act(2, "alias", B, "best"),
            act(3, "unalias", A, "best"),
            act(4, "alias", A, "old"),
            act(5, "delete"),
            act(6, "describe", A, "first"),
            act(7, "describe", A, "second"),
            act(8, "purge", B),
            act(9, "restore", B),
        ]
    )
    assert found.aliases == {("digits", "best"): B, ("digits", "old"): A}
    assert found.aliases_of("digits", B) == ("best",)
    assert (found.fates["digits", A].deleted, found.fates["digits", A].description) == (True, "second")
    assert found.is_purged("digits", B)
    assert not found.is_purged("digits", A)
    assert not found.is_purged("other", B)
    assert decide([act(1, "alias", A, "x"), act(2, "unalias", A, "x")]).aliases == {}


def test_unknown_decisions_are_passed_over() -> None:
    assert decode_act(stamped_json(b'{"op": "promote", "artifact": "digits"}'), key=KEY) is None


@pytest.mark.parametrize(
    "text",
    [
        '{"op": "purge", "artifact": "digits", "version": "v1"}',
        '{"op": "purge", "artifact": "a/b", "version": "v1-aaaaaaaa"}',
        '{"op": "purge", "version": "v1-aaaaaaaa"}',
        '{"op": "alias", "artifact": "digits", "version": "v1-aaaaaaaa"}',
        '{"op": "alias", "artifact": "digits", "version": "v1-aaaaaaaa", "arg": "Best"}',
        '{"op": "purge", "artifact": "digits", "version": "v1-aaaaaaaa", "why": 3}',
        '{"op": "describe", "artifact": "digits", "version": "v1-aaaaaaaa", "arg": 3}',
    ],
)
def test_decisions_that_can_not_be_are_damage(text: str) -> None:
    with pytest.raises(DamagedObject, match="no decision about an artifact"):
        decode_act(stamped_json(text.encode()), key=KEY)


def test_a_changed_byte_is_damage() -> None:
    data = encode_act(Act(17, "0a1b2c3d", "purge", "digits", A))
    with pytest.raises(DamagedObject):
        decode_act(data.replace(b"purge", b"PURGE"), key=KEY)


def test_arguments_are_checked() -> None:
    with pytest.raises(InvalidValue, match="unknown"):
        check_act("promote", None)
    with pytest.raises(InvalidValue, match="takes no argument"):
        check_act("purge", "x")
    with pytest.raises(InvalidValue, match="at most 100,000"):
        check_act("describe", "x" * (MAX_TEXT + 1))
    with pytest.raises(InvalidName, match="alias"):
        check_act("alias", None)
    assert check_act("describe", None) == ("describe", "")
