from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.artifacts.keys import ManifestKey
from lakeboard.schema.artifacts.manifest import (
    FileRow,
    Head,
    Manifest,
    content_digest,
    decode_manifest,
    encode_manifest,
    is_of,
    manifest_schema,
)
from lakeboard.schema.artifacts.names import Version
from lakeboard.schema.errors import DamagedObject
from lakeboard.schema.parquet import decode_table, encode_table
from tests.schema.strategies import HEX8

V = Version(1, "0a1b2c3d")
KEY = ManifestKey("p", "digits", V)
HEAD = Head(artifact="digits", version=V, type="dataset", created_at=1_764_000_000_123)
A = FileRow(path="a", bytes=3, sha256="aa" * 32, object="files/project=p/digits/v1-0a1b2c3d/a")

TEXTS = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=10))
ROWS = st.builds(
    FileRow,
    path=st.text("abc", min_size=1, max_size=5),
    bytes=st.integers(0, 2**60),
    sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
    object=st.text("abc/", min_size=1),
    offset=st.integers(0, 2**40),
    media_type=TEXTS,
)
HEADS = st.builds(
    Head,
    artifact=st.just("digits"),
    version=st.builds(Version, st.integers(1, 999), HEX8),
    type=st.text("abc", min_size=1),
    created_at=st.integers(0, 4_000_000_000_000),
    run_id=TEXTS,
    writer=TEXTS,
    metadata=st.dictionaries(st.text("abc"), st.one_of(st.integers(-(2**53), 2**53), st.text("é\n"), st.none())),
    description=TEXTS,
    base=TEXTS,
)


@given(HEADS, st.lists(ROWS, max_size=150))
def test_manifests_round_trip(head: Head, rows: list[FileRow]) -> None:
    manifest = Manifest(head, tuple(rows))
    assert decode_manifest(encode_manifest(manifest), key="k") == manifest


def test_the_table_is_what_the_format_says() -> None:
    table = decode_table(encode_manifest(Manifest(replace(HEAD, metadata={"n": 1}), (A,))), key="k")
    assert table.schema.names == manifest_schema().names
    head, row = table.to_pylist()
    digest = hashlib.sha256(f"{'aa' * 32}  a\n".encode()).hexdigest()
    told = {name: head[name] for name in ("path", "bytes", "sha256", "object", "offset", "files", "metadata")}
    assert told == {
        "path": None, "bytes": 3, "sha256": digest, "object": None, "offset": 0, "files": 1, "metadata": '{"n": 1}',
    }  # fmt: skip
    assert (row["path"], row["files"], row["type"], row["version"]) == ("a", None, "dataset", "v1-0a1b2c3d")


def test_the_digest_is_of_content_and_paths_alone() -> None:
    b = FileRow(path="b", bytes=1, sha256="bb" * 32, object="elsewhere", offset=9)
    assert content_digest([A, b]) == content_digest([replace(b, object="moved", offset=0), A])
    assert content_digest([A, b]) != content_digest([A, replace(b, path="c")])
    far = FileRow(path="far", bytes=0, reference="s3://b/k", etag="1")
    assert content_digest([far]) != content_digest([replace(far, etag="2")])
    assert content_digest([]) == hashlib.sha256(b"").hexdigest()


def test_a_manifest_of_another_version_is_not_of_its_key() -> None:
    assert is_of(Manifest(HEAD, ()), KEY)
    assert not is_of(Manifest(HEAD, ()), replace(KEY, artifact="other"))


@pytest.mark.parametrize(
    "broken",
    [
        replace(A, path="../a"),
        replace(A, path="/etc/passwd"),
        replace(A, object=None),
        replace(A, reference="s3://b/k"),
        replace(A, bytes=-1),
        replace(A, offset=-1),
    ],
)
def test_rows_that_can_not_be_are_damage(broken: FileRow) -> None:
    with pytest.raises(DamagedObject, match="k is no manifest"):
        decode_manifest(encode_manifest(Manifest(HEAD, (broken,))), key="k")


def test_tables_that_are_no_manifest_are_damage() -> None:
    whole = decode_table(encode_manifest(Manifest(HEAD, (A,))), key="k")
    for table in (whole.slice(1), whole.slice(0, 0), whole.drop_columns(["sha256"])):
        with pytest.raises(DamagedObject, match="k is no manifest"):
            decode_manifest(encode_table(table), key="k")
    for column, value in (("version", "v1"), ("metadata", "[]"), ("metadata", "{")):
        rows = whole.to_pylist()
        rows[0][column] = value
        import pyarrow as pa

        with pytest.raises(DamagedObject, match="k"):
            decode_manifest(encode_table(pa.Table.from_pylist(rows, schema=manifest_schema())), key="k")
