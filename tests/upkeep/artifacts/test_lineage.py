"""A purge of a run keeps the versions that another run used."""

from __future__ import annotations

from pathlib import Path

import lakeboard
from lakeboard.cli import main
from lakeboard.store.opening import open_store
from lakeboard.upkeep.artifacts.lineage import used_versions


def test_a_purged_run_s_versions_stay_while_another_run_names_them(tmp_path: Path) -> None:
    lake = str(tmp_path / "lake")
    (tmp_path / "a").write_bytes(b"a")
    (tmp_path / "b").write_bytes(b"b")
    with lakeboard.init(project="p", lake=lake, quiet=True) as maker:
        maker.log_artifact(tmp_path / "a").wait(30)
        maker.log_artifact(tmp_path / "b").wait(30)
        # Its own use does not keep them.
        maker.use_artifact("b")
    with lakeboard.init(project="q", lake=lake, quiet=True) as user:
        version = user.use_artifact("p/a").version
    store = open_store(lake)
    assert used_versions(store, "p", without_runs={maker.id}) == {("a", version)}
    assert {name for name, _ in used_versions(store, "p", without_runs=())} == {"a", "b"}
    assert main(["purge", maker.id, "--lake", lake, "--project", "p", "--yes", maker.id, "--now"]) == 0
    assert lakeboard.open(lake).artifacts("p")["artifact"].to_list() == ["a"]
    assert lakeboard.open(lake).artifact("p/a").read("a") == b"a"


def test_a_running_run_s_inputs_count_with_its_next_flush(tmp_path: Path) -> None:
    lake = str(tmp_path / "lake")
    (tmp_path / "a").write_bytes(b"a")
    with lakeboard.init(project="p", lake=lake, quiet=True) as maker:
        version = maker.log_artifact(tmp_path / "a").wait(30).version
    store = open_store(lake)
    with lakeboard.init(project="p", lake=lake, quiet=True, flush_seconds=0.1) as user:
        user.use_artifact("a")
        for _ in range(3_000):
            if used := used_versions(store, "p", without_runs={maker.id}):
                break
        assert used == {("a", version)}
