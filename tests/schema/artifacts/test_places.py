from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.artifacts.keys import version_prefix
from lakeboard.schema.artifacts.names import Version, check_file_path, folded
from lakeboard.schema.artifacts.places import places
from lakeboard.schema.errors import InvalidName
from lakeboard.schema.keys import parse_key
from lakeboard.store.keyrules import is_key

PREFIX = version_prefix("p", "digits", Version(1, "0a1b2c3d"))


def placed(*paths: str) -> dict[str, str]:
    return {path: key.removeprefix(PREFIX) for path, key in places(paths, prefix=PREFIX).items()}


def test_files_lie_under_their_own_paths() -> None:
    assert placed("a/b.txt", "c d", "é") == {"a/b.txt": "a/b.txt", "c d": "c%20d", "é": "%C3%A9"}


def test_what_can_be_no_key_lies_by_number() -> None:
    long, deep = "x" * 256 + ".txt", "/".join(["y" * 200] * 5)
    assert placed(long, deep) == {long: "_more/1.txt", deep: "_more/2"}
    assert placed("_more/1", "_pack/x.tar.gz") == {"_more/1": "_more/1", "_pack/x.tar.gz": "_more/2.gz"}
    assert placed("a.t@r" + "é" * 90) == {"a.t@r" + "é" * 90: "_more/1"}


def test_names_that_file_systems_confuse_are_told_apart() -> None:
    assert placed("A.txt", "a.txt", "b") == {"A.txt": "A.txt", "a.txt": "_more/1.txt", "b": "b"}
    assert placed("e\u0301", "\u00e9") == {"e\u0301": "e%CC%81", "\u00e9": "_more/1"}
    assert placed("a", "a/b") == {"a": "a", "a/b": "_more/1"}
    assert placed("a", "a/b", "A/c") == {"A/c": "A/c", "a": "_more/1", "a/b": "a/b"}


def _is_path(text: str) -> bool:
    try:
        check_file_path(text)
    except InvalidName:
        return False
    return True


SEGMENT = st.text(st.sampled_from("aAbé\u0301.\n%_📉 "), min_size=1, max_size=6)
PATHS = st.lists(st.lists(SEGMENT, min_size=1, max_size=3).map("/".join).filter(_is_path), max_size=12, unique=True)


@given(PATHS, st.randoms(use_true_random=False))
def test_no_two_files_share_a_place_and_every_store_takes_it(paths: list[str], chance: random.Random) -> None:
    found = places(paths, prefix=PREFIX)
    assert found.keys() == set(paths)
    keys = list(found.values())
    assert all(is_key(key) and parse_key(key) is not None for key in keys)
    plain = [folded(key) for key in keys]
    assert len(set(plain)) == len(plain)
    assert not any(a.startswith(f"{b}/") for a in plain for b in plain), "no file is a folder as well"
    shuffled = list(paths)
    chance.shuffle(shuffled)
    assert places(shuffled, prefix=PREFIX) == found
