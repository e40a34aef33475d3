"""What one run takes up in the lake, as far as its rows and the listings that were made anyway tell. No request."""

from __future__ import annotations

from ...schema.keys import RowKey, TailKey, parse_key
from ...upkeep.usage import Usage
from ..snapshots.snapshot import Snapshot


def footprint(snapshot: Snapshot, run_id: str) -> Usage:
    """Objects and bytes of a run: its tails and rows as listed, and the sealed files that its rows name. No request.

    Not counted: its part of packs of rows and of edits, which runs share, and objects that no row names. `lake_usage`
    counts those too, for a LIST of the whole lake.
    """
    listed = snapshot.cache.listed
    # A key holds the id of its run; parsing only those that do keeps this quick among 100,000.
    found = [(key, info.size) for key, info in listed.items() if run_id in key]
    own = [size for key, size in found if isinstance(k := parse_key(key), (TailKey, RowKey)) and k.run_id == run_id]
    sealed = {(row.writer, file.name): file.bytes for row in snapshot.writers(run_id) for file in row.files}
    return Usage(snapshot.project, run_id, len(own) + len(sealed), sum(own) + sum(sealed.values()))
