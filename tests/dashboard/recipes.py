"""Run what "The same in a notebook" says."""

from __future__ import annotations

from typing import Any

import polars as pl

from tests.face import private_imports


def run_recipe(code: str) -> pl.DataFrame:
    """The frame that the code of a page gives, run as a reader would: in an empty namespace."""
    assert private_imports(code) == []
    names: dict[str, Any] = {"__name__": "notebook"}
    exec(compile(code, "<recipe>", "exec"), names)
    found = names["frame"]
    found = found.collect() if isinstance(found, pl.LazyFrame) else found
    assert isinstance(found, pl.DataFrame), type(found)
    return found
