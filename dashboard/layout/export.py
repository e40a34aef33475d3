"""What a page shows, to take away: the lines of Python that give the same frame, and the frame as a file."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from typing import Any, Final

import polars as pl
import streamlit as st

_UNSAFE: Final = re.compile(r"[^\w.-]+")
_FORMULA: Final = re.compile(r"^[=+\-@\t\r]")
_SIGNED: Final = r"^[+-](?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$"
_NESTED: Final = (pl.List, pl.Array, pl.Struct)


def export_menu(code: str, frame: Callable[[], pl.DataFrame], *, key: str, name: str, label: str = "Export") -> None:
    """A small button that opens on code to copy and files to download. Nothing is computed while it is shut.

    While it is open the files are made at each drawing: a page that refreshes itself would take a file that is only
    made at the click out from under it.

    Args:
        code: of `recipes.recipe`; running it binds `frame` to the same frame.
        frame: makes exactly what is shown.
        key: of the widgets.
        name: of the files, without suffix; made safe.
        label: of the button.
    """
    stem = file_stem(name)
    panel = st.popover(label, icon=":material/download:", key=f"{key}.open", type="tertiary", on_change="rerun")
    with panel:
        st.caption("The same in a notebook:")
        st.code(code, language="python", wrap_lines=True)
        if panel.open:
            made = frame()
            live = formulas(made)
            if live:
                begin = "text begins" if live == 1 else "texts begin"
                st.caption(f"{live:,} {begin} like a formula. The CSV keeps them: let a spreadsheet import it as text.")
            with st.container(horizontal=True, gap="small"):
                _button("CSV", csv_of(made), f"{stem}.csv", "text/csv", key=f"{key}.csv")
                _button("Parquet", parquet_of(made), f"{stem}.parquet", "application/octet-stream", key=f"{key}.pq")


def _button(label: str, data: bytes, file_name: str, kind: str, *, key: str) -> None:
    st.download_button(
        label, data, file_name=file_name, mime=kind, key=key, on_click="ignore", icon=":material/download:"
    )


def csv_of(frame: pl.DataFrame) -> bytes:
    """UTF-8 CSV: times in ISO 8601, nulls empty, lists and structs as JSON."""
    nested = [column for column, dtype in frame.schema.items() if isinstance(dtype, _NESTED)]
    flat = frame.with_columns(_as_json(frame[column]) for column in nested) if nested else frame
    sink = io.BytesIO()
    flat.write_csv(sink)
    return sink.getvalue()


def formulas(frame: pl.DataFrame) -> int:
    """Texts, names of columns included, that a spreadsheet would take for a formula; not what reads as a number."""
    found = sum(bool(_FORMULA.match(name)) for name in frame.columns)
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    if not texts or not frame.height:
        return found
    risky = pl.col(texts).str.contains(_FORMULA.pattern) & ~pl.col(texts).str.contains(_SIGNED)
    return found + int(frame.select(risky.sum()).sum_horizontal().item())


def parquet_of(frame: pl.DataFrame) -> bytes:
    """Parquet, zstd."""
    sink = io.BytesIO()
    frame.write_parquet(sink, compression="zstd")
    return sink.getvalue()


def file_stem(name: str) -> str:
    """A file's name that every system takes: letters, digits, `_`, `-`, `.`; at most 80; never empty or hidden."""
    return _UNSAFE.sub("-", name).strip("-.")[:80] or "lakeboard"


def _as_json(column: pl.Series) -> pl.Series:
    def text(value: Any) -> str | None:
        return None if value is None else json.dumps(value, default=str, ensure_ascii=False)

    return pl.Series(column.name, [text(value) for value in column.to_list()], dtype=pl.String)
