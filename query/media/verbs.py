"""Media by the names that an analyst has for them: a frame of what there is, and the bytes of some of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property

import polars as pl

from ...schema.media.keys import MediaKey
from ...store.base import Store
from ..objects.lru import MemoryCache
from ..snapshots.reader import SnapshotReader
from ..snapshots.snapshot import Snapshot
from .columns import MediaColumns
from .contents import read_layers, read_media, read_thumbs
from .frame import media_frame, placed


class MediaVerbs(ABC):
    """What a lake tells of media."""

    memory: MemoryCache
    _snapshots: SnapshotReader

    @property
    @abstractmethod
    def store(self) -> Store:
        """The lake's objects."""

    @cached_property
    def _media(self) -> MediaColumns:
        return MediaColumns(self.store, self.memory.part("media"))

    def media(
        self,
        project: str,
        runs: str | Sequence[str] | None = None,
        keys: str | Sequence[str] | None = None,
        *,
        hidden: bool = False,
        snapshot: Snapshot | None = None,
    ) -> pl.DataFrame:
        """What runs logged beside numbers, one row an item, without its bytes; sorted by key, step and run.

        Columns: project, run_id, key, step, index (its place in a list), timestamp, seq, writer, attempt, kind (image,
        figure, table, histogram, text, html, audio, video, plotly, json), media_type, dataset (null: the run's own),
        caption, width, height (pixels; of tables columns and rows), bytes, sha256, layers (how many boxes and masks),
        and where it lies: file, row_group, row, object. `media_bytes` reads what rows of it show.

        Media of running runs are here once their next flush is through. After a resume, what older attempts logged at
        the resumed step or later is hidden. What can't be read is left out and named in `problems(project)`. Costs the
        requests of `snapshot`, and for each object of media one GET of its footer and one for each megabyte of data in
        it, some kilobytes each; nothing for those read before.

        Args:
            project: which.
            runs: only these, by run id; default: all that are not deleted.
            keys: only what was logged as one of these.
            hidden: also what a resume hides.
            snapshot: the state of the project to show, instead of a fresh one.

        Raises:
            UnknownProject: the lake holds nothing of `project`.
            UnknownRun: one of `runs` does not exist (or is purged).
        """
        snapshot = snapshot if snapshot is not None else self._snapshots.take_known(project)
        if runs is None:
            gone = {run_id for run_id, d in snapshot.decisions.items() if d.deleted}
            wanted = snapshot.known_runs() - gone
        else:
            wanted = frozenset([runs] if isinstance(runs, str) else runs)
            self._snapshots.check_runs(snapshot, sorted(wanted))
        return media_frame(
            self._media,
            snapshot,
            wanted,
            keys=[keys] if isinstance(keys, str) else keys,
            hidden=hidden,
            report=self._snapshots.memory_of(snapshot.project).report,
        )

    def media_row(self, key: MediaKey, seq: int) -> pl.DataFrame:
        """The row of one number in one object: a frame of one row as `media` has them, or of none.

        One GET of the object's footer, one for each megabyte of data in it; nothing for what was read lately.

        Raises:
            StoreError, DamagedObject, LakeFormat: it can't be read.
        """
        return placed(self._media.list_rows(key).filter(seq=seq), key)

    def media_bytes(self, rows: pl.DataFrame) -> list[bytes]:
        """The bytes of each row of a frame of `media`, in its order: files of pictures and sounds, texts in UTF-8.

        One GET for each megabyte of data that is touched, one for each item that is larger; nothing for what was read
        lately. All are compared with their checksums. Errors as `read_media`.
        """
        return read_media(self._media, rows)

    def media_thumbs(self, rows: pl.DataFrame) -> list[bytes | None]:
        """The small picture of each row, at most 96 pixels a side; None where it has none. See `media_bytes`."""
        return read_thumbs(self._media, rows)

    def media_layers(self, rows: pl.DataFrame) -> list[str | None]:
        """The boxes and masks of each picture as JSON; None where it has none. See `media_bytes`."""
        return read_layers(self._media, rows)
