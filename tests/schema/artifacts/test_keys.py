from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.artifacts.keys import ActKey, ArtifactKey, FileKey, IntentKey, ManifestKey, version_prefix
from lakeboard.schema.artifacts.names import Version, check_artifact_name
from lakeboard.schema.errors import InvalidName
from lakeboard.schema.keys import parse_key
from lakeboard.store.keyrules import is_key
from tests.schema.strategies import HEX8, LINE, PROJECTS


def _is_name(text: str) -> bool:
    try:
        check_artifact_name(text)
    except InvalidName:
        return False
    return True


NAMES = st.one_of(st.sampled_from(["digits", "a.b", "i-a.v1-00000000", "é", "%2F", "=", "x" * 128]), LINE).filter(
    _is_name
)
VERSIONS = st.builds(Version, st.integers(1, 999_999_999), HEX8)


@st.composite
def _keys(draw: st.DrawFn) -> ArtifactKey:
    project, artifact, version = draw(PROJECTS), draw(NAMES), draw(VERSIONS)
    match draw(st.sampled_from(["file", "intent", "manifest", "act"])):
        case "file":
            path = draw(st.sampled_from(["a", "a/b%20c.txt", "_pack/1.zip", "_more/7.bin", ".hidden/..x"]))
            return FileKey(project, artifact, version, version_prefix(project, artifact, version) + path)
        case "intent":
            return IntentKey(project, artifact, version)
        case "manifest":
            return ManifestKey(project, artifact, version)
    return ActKey(project, draw(st.integers(0, 10**19)), draw(HEX8))


@given(_keys())
def test_parsing_a_path_gives_the_key_back(key: ArtifactKey) -> None:
    assert parse_key(key.path) == key
    assert is_key(key.path)


@given(_keys(), st.data())
def test_a_path_changed_anywhere_is_another_key_or_none(key: ArtifactKey, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(key.path) - 1))
    changed = key.path[:at] + data.draw(st.sampled_from("0aZ.%/=-\u0663 ")) + key.path[at + 1 :]
    found = parse_key(changed)
    assert found is None or found.path == changed


def test_the_exact_form_of_each_key() -> None:
    version = Version(3, "9f2c01ab")
    assert FileKey("p", "a b", version, "files/project=p/a%20b/v3-9f2c01ab/x/y.txt").folder == (
        "files/project=p/a%20b/v3-9f2c01ab/"
    )
    assert IntentKey("a/b", "d.e", version).path == "artifacts/project=a%2Fb/i-d.e.v3-9f2c01ab.parquet"
    assert ManifestKey("p", "digits", version).path == "artifacts/project=p/a-digits.v3-9f2c01ab.parquet"
    assert ActKey("p", 17, "0a1b2c3d").path == "artifacts/project=p/e-00000000000000000017-0a1b2c3d.json"


@pytest.mark.parametrize(
    "path",
    [
        "files/project=p/a/v3-9f2c01ab",
        "files/project=p/a/v3-9f2c01ab/",
        "files/project=p/a/v3/x",
        "files/project=p/latest/v3-9f2c01ab/x",
        "files/project=p/a%3Ab/v3-9f2c01ab/x",  # a colon
        "files/project=p/a%2eb/v3-9f2c01ab/x",  # another encoding of a.b
        "files/project=1/a/v3-9f2c01ab/x",
        "artifacts/project=p/a-.v3-9f2c01ab.parquet",
        "artifacts/project=p/a-x..v3-9f2c01ab.parquet",
        "artifacts/project=p/x-a.v3-9f2c01ab.parquet",
        "artifacts/project=p/e-17-0a1b2c3d.json",
        "artifacts/project=p/run_id=r1/ab/model.bin",
        "artifacts/project=%FF/a-x.v3-9f2c01ab.parquet",
    ],
)
def test_what_is_no_key_is_none(path: str) -> None:
    assert parse_key(path) is None
