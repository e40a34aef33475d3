"""Tables: rows of values, from frames of any library, lists or dicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final

from ...schema.errors import InvalidValue
from ...schema.media.kinds import JSON, MediaKind
from ...schema.media.rows import FILE_BYTES
from ...schema.values import brief, dump_json
from .item import Encoded, Held, Media
from .sources import too_large

_CELL_BYTES: Final = 16


class Table(Media):
    """Rows of values with names for their columns.

    Numbers, texts, booleans and None are kept as they are, NaN and infinities as these words, all else as its text.

    Args:
        frame_or_rows: a frame of Polars or pandas, a table of Arrow, a list of rows, a list of dicts, or a dict of
            columns.
        columns: their names, where rows do not tell.
        caption: shown below it.
    """

    kind: ClassVar[MediaKind] = "table"

    def __init__(
        self, frame_or_rows: Any = (), columns: Sequence[str] | None = None, caption: str | None = None
    ) -> None:
        super().__init__(caption)
        self._rows = Held(lambda: _taken(frame_or_rows, columns))
        self._figure: Mapping[str, Any] | None = None

    def add_data(self, *row: Any) -> None:
        """Add one row; a table that was logged already stays as it was."""
        if not self._rows.broken:
            self._rows.get()[1].append(list(row))

    @property
    def nbytes(self) -> int:
        """Memory that it takes until it is encoded, nearly."""
        if self._rows.broken:
            return 0
        columns, rows = self._rows.get()
        return _CELL_BYTES * (len(columns) + sum(map(len, rows)))

    def copied(self) -> Table:
        """As it is now, whatever is added later."""
        # Not of its own class, which may be made in another way.
        out = Table(caption=self.caption)
        out._rows, out._figure = self._rows, self._figure
        if not self._rows.broken:
            columns, rows = self._rows.get()
            out._rows = Held(lambda: (list(columns), [list(row) for row in rows]))
        return out

    def encode(self) -> Encoded:
        """As JSON: `{"columns": [...], "data": [[...], ...]}`, with `figure` where it is drawn, too."""
        columns, rows = self._rows.get()
        wrong = next((row for row in rows if len(row) != len(columns)), None)
        if wrong is not None:
            raise InvalidValue(
                f"is a table of {len(columns)} columns with a row of {len(wrong)} values ({brief(wrong)}); "
                "give each row one value for each column"
            )
        said: dict[str, Any] = {"columns": columns, "data": rows}
        if self._figure is not None:
            said["figure"] = self._figure
        text = dump_json(said)
        if len(text) > FILE_BYTES:
            raise too_large(len(text), f"a table of {len(rows):,} rows")
        return Encoded(self.kind, JSON, text=text, width=len(columns), height=len(rows))


def drawn_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], figure: Mapping[str, Any]) -> Table:
    """A table that is shown as a figure of Plotly's first."""
    out = Table([list(row) for row in rows], columns=list(columns))
    out._figure = figure  # noqa: SLF001 - a maker of tables
    return out


def _taken(source: Any, columns: Sequence[str] | None) -> tuple[list[str], list[list[Any]]]:
    names = None if columns is None else [str(name) for name in columns]
    kind = type(source).__module__.partition(".")[0]
    if kind == "polars" and hasattr(source, "rows"):
        found, rows = [*source.columns], [list(row) for row in source.rows()]
    elif kind == "pandas" and hasattr(source, "to_dict"):
        split = source.to_dict("split")
        found, rows = [str(name) for name in split["columns"]], [list(row) for row in split["data"]]
    elif kind == "pyarrow" and hasattr(source, "to_pydict"):
        found, rows = _of_columns(source.to_pydict())
    elif isinstance(source, Mapping):
        found, rows = _of_columns(source)
    elif hasattr(source, "tolist"):
        found, rows = None, _of_rows(source.tolist(), names)[1]
    else:
        found, rows = _of_rows(source, names)
    names = names or found
    if names is None:
        raise InvalidValue("is a table without names of columns; pass columns=[...], or rows as dicts")
    return names, rows


def _of_columns(source: Mapping[Any, Any]) -> tuple[list[str], list[list[Any]]]:
    columns = [list(values) for values in source.values()]
    if len({len(values) for values in columns}) > 1:
        raise InvalidValue(
            f"is a table whose columns have {[len(values) for values in columns]} values; make them equal"
        )
    return [str(name) for name in source], [list(row) for row in zip(*columns, strict=True)]


def _of_rows(source: Any, names: Sequence[str] | None) -> tuple[list[str] | None, list[list[Any]]]:
    if isinstance(source, (str, bytes)) or not isinstance(source, Iterable):
        raise InvalidValue(f"is {brief(source)}; pass a frame, a list of rows, or a dict of columns")
    rows = list(source)
    if rows and all(isinstance(row, Mapping) for row in rows):
        found = list(dict.fromkeys(str(name) for row in rows for name in row)) if names is None else list(names)
        return found, [[row.get(name) for name in found] for row in rows]
    wrong = next((row for row in rows if isinstance(row, (str, bytes)) or not isinstance(row, Iterable)), None)
    if wrong is not None:
        raise InvalidValue(f"is a table with the row {brief(wrong)}; a row is a list of values, or a dict by column")
    return None if names is None else list(names), [list(row) for row in rows]
