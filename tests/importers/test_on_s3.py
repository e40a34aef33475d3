"""An import into a real object store, and again: the same runs, and no request to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeboard.importers.everything import import_all
from lakeboard.importers.mlflow_database import MlflowDatabase
from lakeboard.importers.write import Imported
from lakeboard.store.counting import CountingStore
from lakeboard.store.opening import open_store
from tests.importers.lakes import NOW
from tests.importers.making import Mlflow

pytestmark = pytest.mark.s3


def test_an_import_is_whole_and_the_next_one_writes_nothing(s3_lake: str, tmp_path: Path) -> None:
    made = Mlflow(tmp_path / "mlflow.db")
    for run in ("a1", "b2"):
        made.add(run)
        made.log(run, "x", [(step, float(step), False) for step in range(100)])
    store = CountingStore(open_store(s3_lake))

    def bring() -> list[tuple[int, int]]:
        source = MlflowDatabase(made.path)
        found = import_all(store, source, now_ms=lambda: NOW, new_rand=lambda: "00000001")
        return [(result.new, result.points) for _, result in found if isinstance(result, Imported)]

    assert bring() == [(100, 100), (100, 100)]
    first = store.counts.copy()
    assert bring() == [(0, 100), (0, 100)]
    again = {verb: count - first.get(verb, 0) for verb, count in store.counts.items()}
    assert (again.get("put", 0), again.get("delete", 0)) == (0, 0)
    assert again["list"] == 2
