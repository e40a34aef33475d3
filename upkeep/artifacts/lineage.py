"""Which versions of artifacts runs say that they used: these outlive the run that made them."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice
from typing import Final

from ...schema.errors import DamagedObject, MissingObject
from ...schema.keys import PackKey, RowKey, TailKey, parse_key, project_prefix
from ...schema.parquet import decode_footer, decode_table
from ...schema.run.lineage import lineage_from_json, lineage_from_plain
from ...store.base import Store
from ..listing import project_names

_AT_ONCE: Final = 64


def used_versions(store: Store, project: str, *, without_runs: Collection[str]) -> frozenset[tuple[str, str]]:
    """(artifact, version) of a project's versions that some run of the lake names among its `inputs`.

    Runs of other projects count, and so do running ones. 2 LISTs and one GET for each row, pack and tail of every
    project: for purges alone.

    Args:
        store: the lake.
        project: whose artifacts.
        without_runs: runs of that project which do not count, since they are purged.

    Raises:
        StoreError: something could not be listed or fetched.
        DamagedObject: an object can't be read: what it names is not known, so nothing may be concluded.
        LakeFormat: likewise, of a newer lakeboard.
    """
    out: set[tuple[str, str]] = set()
    for name in project_names(store):
        # Running first: a run that ends meanwhile is seen in at least one of them.
        live = [k.path for i in store.list(project_prefix("live", name)) if isinstance(k := parse_key(i.key), TailKey)]
        ended = [
            k.path
            for i in store.list(project_prefix("runs", name))
            if isinstance(k := parse_key(i.key), (RowKey, PackKey))
        ]
        skipped = frozenset(without_runs) if name == project else frozenset()
        keys = iter([*live, *ended])
        while part := list(islice(keys, _AT_ONCE)):
            for path, data in store.get_many(part).items():
                if isinstance(data, MissingObject):
                    continue  # Sealed or packed meanwhile; what came of it is in another object.
                if isinstance(data, Exception):
                    raise data
                out |= _named(path, data, project, skipped)
    return frozenset(out)


def _named(path: str, data: bytes, project: str, skipped: frozenset[str]) -> set[tuple[str, str]]:
    """The versions of a project that one object names."""
    key = parse_key(path)
    if isinstance(key, TailKey):
        try:
            told = lineage_from_json(decode_footer(data, key=path).get("inputs") or ())
        except (TypeError, ValueError) as error:
            raise DamagedObject(f"{path} has inputs of the wrong shape: {error}", key=path) from error
        return {(v.artifact, v.version) for v in told if v.project == project and key.run_id not in skipped}
    table = decode_table(data, key=path)
    if not {"run_id", "inputs"} <= set(table.column_names):
        return set()  # Of before there was such a column.
    rows = zip(table["run_id"].to_pylist(), table["inputs"].to_pylist(), strict=True)
    return {
        (v.artifact, v.version)
        for run_id, inputs in rows
        if run_id not in skipped
        for v in lineage_from_plain(inputs)
        if v.project == project
    }
