from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.artifacts.names import (
    Version,
    check_alias,
    check_artifact_name,
    check_file_path,
    folded,
    parse_version,
)
from lakeboard.schema.errors import InvalidName


@pytest.mark.parametrize("name", ["digits", "val 2026", "é", "a.b", "x" * 128, "=%", "v3x", "Latest"])
def test_names_of_artifacts(name: str) -> None:
    assert check_artifact_name(name) == name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "must not be empty"),
        ("a/b", "contains /"),
        ("a:v3", "contains :"),
        ("a@b", "contains @"),
        ("a\\b", "sets versions and projects apart"),
        (".a", "begin or end with a dot"),
        ("a.", "begin or end with a dot"),
        ("latest", "means a version"),
        ("v3", "means a version"),
        ("v3-9f2c01ab", "means a version"),
        ("a\nb", "control characters"),
        ("é" * 22, "132 bytes percent-encoded; at most 128"),
        (3, "must be a string"),
    ],
)
def test_names_that_can_not_be(name: object, said: str) -> None:
    with pytest.raises(InvalidName, match=said):
        check_artifact_name(name)


@pytest.mark.parametrize("alias", ["best", "a", "prod-2", "x_y", "a" * 64, "vx"])
def test_aliases(alias: str) -> None:
    assert check_alias(alias) == alias


@pytest.mark.parametrize("alias", ["latest", "v3", "v3-9f2c01ab", "Best", "3a", "a" * 65, "a b", "", None, "é"])
def test_aliases_that_can_not_be(alias: object) -> None:
    with pytest.raises(InvalidName, match="alias"):
        check_alias(alias)


@pytest.mark.parametrize("path", ["a", "a/b.txt", "a\nb", "📉/x", "trailing.", " ", "_more/1", "a" * 300, "..a/b.."])
def test_paths_are_kept_as_they_are(path: str) -> None:
    assert check_file_path(path) == path


@pytest.mark.parametrize(
    "path", ["", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a\0b", "\udc80", "x" * 4097, None, 3]
)
def test_paths_that_can_not_be(path: object) -> None:
    with pytest.raises(InvalidName, match="file path"):
        check_file_path(path)


@given(st.integers(1, 999_999_999), st.text("0123456789abcdef", min_size=8, max_size=8))
def test_versions_round_trip_and_sort_by_number(number: int, rand: str) -> None:
    version = Version(number, rand)
    assert parse_version(str(version)) == version
    assert version < Version(number + 1, "00000000")


@pytest.mark.parametrize("text", ["v3", "v0-9f2c01ab", "v03-9f2c01ab", "v3-9F2C01AB", "v3-9f2c01a", "3-9f2c01ab", ""])
def test_what_is_no_version_in_full(text: str) -> None:
    assert parse_version(text) is None


def test_file_systems_that_mind_little_confuse_these() -> None:
    assert folded("É/a") == folded("e\u0301/A")
    assert folded("a") != folded("b")
