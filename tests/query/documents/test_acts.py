"""Acts on fields: the last one wins, whatever the order in which they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lakeboard.query.documents.acts import fold_acts
from lakeboard.query.documents.version import Version

Act = Version[Mapping[str, Any]]


def act(hlc: int, content: Mapping[str, Any], *, deleted: bool = False, editor: str | None = None) -> Act:
    return Version("model", f"{hlc:020d}-0000000a", content, editor, deleted)


_ACTS = st.lists(
    st.builds(
        act,
        st.integers(1, 10**21),
        st.dictionaries(st.sampled_from("abc"), st.none() | st.integers(), max_size=3),
        deleted=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda each: each.id,
)


def test_each_field_has_the_last_act_that_names_it() -> None:
    first = act(1, {"stage": "staging", "alias": "best"}, editor="ann")
    second = act(2, {"stage": "production"}, editor="ben")
    third = act(3, {"alias": None}, editor="cid")
    found = fold_acts([third, first, second])
    assert {field: (each.value, each.act.editor) for field, each in found.items()} == {
        "alias": (None, "cid"), "stage": ("production", "ben"),
    }  # fmt: skip
    assert list(found) == ["alias", "stage"]
    assert fold_acts([first, act(4, {"stage": "gone"}, deleted=True)])["stage"].value == "staging"


@given(_ACTS, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(acts: list[Act], random: Any) -> None:
    shuffled = [*acts, *acts[:2]]
    random.shuffle(shuffled)
    assert fold_acts(shuffled) == fold_acts(acts)


@given(_ACTS)
def test_a_field_is_what_its_last_act_says(acts: list[Act]) -> None:
    for field, found in fold_acts(acts).items():
        named = [each for each in acts if not each.deleted and field in each.content]
        assert found.act == max(named, key=lambda each: each.hlc)
        assert found.value == found.act.content[field]
