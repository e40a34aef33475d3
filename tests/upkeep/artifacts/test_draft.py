from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from lakeboard.schema.errors import InvalidName, InvalidSetting
from lakeboard.upkeep.artifacts.draft import Draft, LocalFile


def paths(folder: Path, name: str | None = None) -> list[str]:
    made = Draft(artifact="digits")
    made.add_dir(folder, name)
    return sorted(made.entries)


def test_a_folder_is_added_with_all_below_it(tmp_path: Path) -> None:
    for name in ("a", "sub/b", "sub/deeper/.c", "new\nline", "📉"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    assert paths(tmp_path) == ["a", "new\nline", "sub/b", "sub/deeper/.c", "📉"]
    assert paths(tmp_path / "sub", "as/this") == ["as/this/b", "as/this/deeper/.c"]


def test_links_are_followed_inside_and_refused_outside(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "a").write_bytes(b"x")
    (root / "file").symlink_to("sub/a")
    (root / "sub" / "up").symlink_to(root)
    assert paths(root) == ["file", "sub/a"]
    (tmp_path / "secret").write_bytes(b"x")
    (root / "out").symlink_to(tmp_path / "secret")
    with pytest.raises(InvalidSetting, match=r"out is a link to .*secret, outside of"):
        paths(root)


def test_what_is_no_file_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidSetting, match="holds no file"):
        paths(tmp_path)
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(InvalidSetting, match="fifo is neither a file nor a folder"):
        paths(tmp_path)
    (tmp_path / "fifo").unlink()
    monkeypatch.chdir(tmp_path)  # The name of a socket must be short.
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s")
        with pytest.raises(InvalidSetting, match="s is neither a file nor a folder"):
            paths(tmp_path)
    made = Draft(artifact="digits")
    with pytest.raises(InvalidSetting, match="no plain file"):
        made.add_file(tmp_path)
    with pytest.raises(InvalidSetting, match="is no folder"):
        made.add_dir(tmp_path / "s")
    with pytest.raises(FileNotFoundError):
        made.add_file(tmp_path / "nowhere")


def test_names_inside_are_checked_and_stand_once(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"")
    made = Draft(artifact="digits")
    made.add_file(file)
    made.add_file(file, "other/name")
    assert made.entries == {"a": LocalFile(file), "other/name": LocalFile(file)}
    with pytest.raises(InvalidName, match="has a file 'a' already"):
        made.add_file(file)
    for name in ("../a", "/a", "", "a/"):
        with pytest.raises(InvalidName):
            made.add_file(file, name)


def test_metadata_is_json_or_refused() -> None:
    assert Draft(artifact="a", metadata={"n": 1, "bad": float("nan")}).metadata == {"n": 1, "bad": "NaN"}
    circle: dict[str, object] = {}
    circle["me"] = circle
    cut = json.dumps(Draft(artifact="a", metadata=circle).metadata)
    assert "{'me': {...}}" in cut, "a circle is cut where it is too deep"
    with pytest.raises(InvalidSetting, match="at most 1,000,000 fit"):
        Draft(artifact="a", metadata={"x": "y" * 10_000_000})
    with pytest.raises(InvalidSetting, match="must be a dict, not list"):
        Draft(artifact="a", metadata=[])  # type: ignore[arg-type]
    for bad in ("a/b", "latest", "v3"):
        with pytest.raises(InvalidName):
            Draft(artifact=bad)
    with pytest.raises(InvalidName, match="artifact type"):
        Draft(artifact="a", type="")
