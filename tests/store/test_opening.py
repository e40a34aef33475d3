from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lakeboard.schema.errors import InvalidSetting
from lakeboard.store import open_store
from lakeboard.store.local import LocalStore
from lakeboard.store.objects import FsspecStore
from lakeboard.store.s3 import S3Store


def test_paths_open_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    cases: list[tuple[str | Path, Path]] = [
        ("lake", tmp_path / "lake"),
        ("./lake/", tmp_path / "lake"),
        ("~/lake", tmp_path / "me" / "lake"),
        (tmp_path / "lake", tmp_path / "lake"),
        (str(tmp_path), tmp_path),
        ("/", Path("/")),
        ("a=b:c", tmp_path / "a=b:c"),
        (f"file://{tmp_path}/lake/", tmp_path / "lake"),
        (f"file://localhost{tmp_path}/lake", tmp_path / "lake"),
        ((tmp_path / "a b%").as_uri(), tmp_path / "a b%"),
    ]
    for given, url in cases:
        store = open_store(given)
        assert isinstance(store, LocalStore)
        assert store.url == str(url)
        assert open_store(store.url).url == store.url
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("s3://team/lake", "s3://team/lake"),
        ("s3://team/lake/", "s3://team/lake"),
        ("s3://team", "s3://team"),
        ("S3://Team/Lake", "s3://Team/Lake"),
        ("s3a://team/lake", "s3://team/lake"),
    ],
)
def test_s3_addresses_open_buckets(given: str, url: str) -> None:
    store = open_store(given)
    assert isinstance(store, S3Store)
    assert store.url == url
    assert not store.is_local


def test_memory_addresses_share_within_the_process() -> None:
    store = open_store("memory://shared/lake/")
    assert isinstance(store, FsspecStore)
    assert store.url == "memory://shared/lake"
    store.put("a", b"x")
    assert open_store("memory://shared/lake").get("a") == b"x"
    assert open_store("memory://shared/lake2").list("") == []
    assert store.scan_paths(["a"]) == (["memory://shared/lake/a"], None)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "must name a place"),
        ("  ", "must name a place"),
        ("ftp://host/lake", r"no lake lives at ftp://.*mount.*Known are a folder.*s3://bucket/prefix"),
        ("sftp://host/lake", "mount the file system and give the path"),
        ("https://host/lake", "no lake lives at https://.*nothing can be written"),
        ("s3:team/lake", "lacks slashes; write 's3://team/lake'"),
        ("s3:/team/lake", "lacks slashes; write 's3://team/lake'"),
        ("s3://", "must name a bucket, as in s3://bucket/prefix"),
        ("s3:///lake", "must name a bucket"),
        ("memory://", "must name a bucket"),
        ("s3://team/a//b", "empty"),
        ("s3://team/../other", r"'\.\.'"),
        ("s3://team/*", "wildcards"),
        ("s3://team/lake?endpoint=x", r"must not contain '\?'"),
        ("s3://team/lake#x", "must not contain"),
        ("file://host/lake", "must be absolute"),
        ("file://lake", "must be absolute"),
        ("file:///lake?x", "%3F"),
        ("a\0b", "null character"),
        ("simplecache::s3://team/lake", r"is chained.*give the address of the bucket, 's3://team/lake'"),
        ("filecache::gs://team/lake", "is chained"),
        ("zip://lake::s3://team/lake.zip", "is chained"),
        ("dbfs:/mnt/lake", r"no lake lives at dbfs://.*mount the file system"),
        ("hdfs:/lake", "no lake lives at hdfs://"),
        ("sftp:host/lake", "no lake lives at sftp://"),
        ("gs:/team/lake", "lacks slashes; write 'gs://team/lake'"),
        ("wasb:/lake", r"unknown kind \(wasb://\).*write './wasb:/lake'"),
        *(
            (f"{kind}://host/lake", f"no lake lives at {kind}://")
            for kind in ("webdav", "hdfs", "smb", "http", "zip", "hf")
        ),
    ],
)
def test_senseless_addresses_are_refused_with_the_fix(given: str, said: str) -> None:
    with pytest.raises(InvalidSetting, match=said):
        open_store(given)


@pytest.mark.parametrize("given", ["./run:1", "a/b:c", "C", "x:y", "12:30"])
def test_folders_with_a_colon_stay_folders(given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert open_store(given).url == str(tmp_path / given)


def test_a_folder_that_is_there_is_opened_whatever_it_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lake:old").mkdir()
    assert open_store("lake:old").url == str(tmp_path / "lake:old")


def test_a_secret_in_a_chain_is_not_repeated() -> None:
    with pytest.raises(InvalidSetting) as caught:
        open_store("simplecache::s3://KEYID:S3CRET@team/lake")
    assert "S3CRET" not in str(caught.value)


@pytest.mark.parametrize("given", ["s3://KEYID:S3CRET@team/lake", "s3://S3CRET@team/lake", "az://me:S3CRET@c/lake"])
def test_credentials_in_an_address_are_refused_and_not_repeated(given: str) -> None:
    with pytest.raises(InvalidSetting, match=r"must not carry credentials .*AWS_ACCESS_KEY_ID") as caught:
        open_store(given)
    assert "S3CRET" not in str(caught.value)
    assert "KEYID" not in str(caught.value)


def test_a_query_with_a_secret_is_not_repeated() -> None:
    with pytest.raises(InvalidSetting) as caught:
        open_store("az://container/lake?sv=1&sig=S3CRET")
    assert "S3CRET" not in str(caught.value)


def test_options_for_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="takes no options, got key, secret"):
        open_store(tmp_path, options={"secret": "x", "key": "y"})


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lakeboard.store.opening.find_spec", lambda _name: None)
    with pytest.raises(InvalidSetting, match="pip install gcsfs"):
        open_store("gs://team/lake")
    monkeypatch.setattr("lakeboard.store.s3.find_spec", lambda _name: None)
    with pytest.raises(InvalidSetting, match=r'pip install "lakeboard\[s3\]"'):
        open_store("s3://team/lake")


def test_opening_imports_no_client_library() -> None:
    code = (
        "import sys\n"
        "from lakeboard.store import open_store\n"
        "open_store('lake'); open_store('s3://team/lake'); open_store('memory://m/lake')\n"
        "heavy = {'fsspec', 's3fs', 'pyarrow', 'botocore', 'aiohttp', 'asyncio'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
