"""Small shelves of artifacts for tests: files of known bytes, versions of them, and what a lake truly holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path

from lakeboard.schema.artifacts.acts import decide, decode_act
from lakeboard.schema.artifacts.keys import ActKey, FileKey, ManifestKey
from lakeboard.schema.artifacts.manifest import Manifest, decode_manifest
from lakeboard.schema.artifacts.names import Version
from lakeboard.schema.keys import parse_key
from lakeboard.store.base import Store
from lakeboard.upkeep.artifacts.acts import put_act
from lakeboard.upkeep.artifacts.commit import Committed, commit
from lakeboard.upkeep.artifacts.draft import Draft
from lakeboard.upkeep.artifacts.versions import look
from tests.upkeep.worlds import P

NOW_MS = 1_764_000_000_000


def rands(first: int = 1) -> Callable[[], str]:
    """Random parts of names that come in order, so that tests can name them."""
    numbers = count(first)
    return lambda: f"{next(numbers):08x}"


def draft(folder: Path, files: Mapping[str, bytes], artifact: str = "digits", *, run_id: str | None = None) -> Draft:
    """A draft of files with these bytes, written below `folder`."""
    made = Draft(artifact=artifact, type="dataset", run_id=run_id)
    for path, data in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        made.add_file(file, path)
    return made


def make(
    store: Store,
    folder: Path,
    files: Mapping[str, bytes],
    artifact: str = "digits",
    *,
    rand: int = 1,
    run_id: str | None = None,
    also: Sequence[ManifestKey] = (),
) -> Committed:
    """Make a version of such files."""
    return commit(
        store, P, draft(folder, files, artifact, run_id=run_id), now_ms=NOW_MS, new_rand=rands(rand), also=also
    )


def act(store: Store, op: str, version: Version, arg: str | None = None, *, artifact: str = "digits") -> None:
    """Decide something about a version, as ann."""
    acts = look(store, P).acts
    put_act(
        store, P, op, artifact, version, arg=arg, editor="ann",
        now_ms=NOW_MS, seen=acts.newest, rand=f"{len(acts.acts):08x}",
    )  # fmt: skip


def living(objects: Mapping[str, bytes]) -> dict[ManifestKey, Manifest]:
    """Versions with a manifest and without a purge, by the format alone."""
    keys = {path: parse_key(path) for path in objects}
    acts = [decode_act(objects[path], key=key) for path, key in keys.items() if isinstance(key, ActKey)]
    decided = decide([each for each in acts if each is not None])
    return {
        key: decode_manifest(objects[path], key=path)
        for path, key in keys.items()
        if isinstance(key, ManifestKey) and not decided.is_purged(key.artifact, key.version)
    }


def files(objects: Mapping[str, bytes]) -> set[str]:
    """Keys of all files."""
    return {path for path in objects if isinstance(parse_key(path), FileKey)}


def named(objects: Mapping[str, bytes]) -> set[str]:
    """Keys of all files that living versions name."""
    return {row.object for manifest in living(objects).values() for row in manifest.files if row.object is not None}
