"""DVCLive's folder: `plots/metrics/**/*.tsv` (once `*.tsv` or `scalars/`), and `params.yaml` beside."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from .source import Series, SourceRun, SourceUnreadable
from .texts import id_of

_FOLDERS: Final = ("plots/metrics", "dvclive/plots/metrics", "scalars", "dvclive", ".")
_OTHER: Final = frozenset({"step", "timestamp"})


class DvcliveFolder:
    """The one run of a folder."""

    tool = "dvclive"

    def __init__(self, root: Path) -> None:
        self._root = root

    def runs(self) -> Iterator[SourceRun]:
        """The run."""
        base = metrics_folder(self._root)
        if base is None:
            raise SourceUnreadable(f"{self._root} is no folder of DVCLive's: no .tsv in it, nor in plots/metrics")
        files = sorted(base.rglob("*.tsv"))
        changed = round(max(path.stat().st_mtime for path in files) * 1000)
        name = self._root.absolute().name
        yield SourceRun(
            run_id=id_of(self.tool, self._root.absolute().parent.name, name),
            tool=self.tool,
            source_id=str(self._root.absolute()),
            project=self._root.absolute().parent.name,
            status="finished",
            read=partial(_read, base, files),
            name=name,
            started_at=changed,
            ended_at=changed,
        )


def metrics_folder(root: Path) -> Path | None:
    """Where the metrics of a folder stand; None where it has none."""
    for name in _FOLDERS:
        folder = root / name
        if folder.is_dir() and any(folder.rglob("*.tsv")):
            return folder
    return None


def _read(base: Path, files: Iterable[Path]) -> Iterable[Series]:
    for path in files:
        changed = path.stat().st_mtime
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file, dialect=csv.excel_tab)
            own = next((name for name in rows.fieldnames or () if name not in _OTHER), None)
            if own is None:
                continue
            series = Series(path.relative_to(base).with_suffix("").as_posix())
            for place, row in enumerate(rows):
                try:
                    when = float(row["timestamp"]) / 1000 if row.get("timestamp") else changed
                    series.add(int(row.get("step") or place), when, float(row[own]))
                except (ValueError, TypeError) as error:
                    raise SourceUnreadable(f"{path}, line {rows.line_num}: {row} is no point") from error
        yield series
