"""A training job as a fresh image has it: log, be killed, recover, and check every object with pyarrow alone.

Run outside the checkout, in an environment that holds the wheel and what it depends on, nothing else.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

_KILLED = """
import os, signal, time, lakeboard
run = lakeboard.init(project="a=b", id="killed", lake="lake", config={"lr": 0.5}, flush_seconds=0.2)
for step in range(1_000):
    run.log({"loss": 1 / (step + 1), "acc": step})
time.sleep(3)
os.kill(os.getpid(), signal.SIGKILL)
"""
_FINISHED = """
import lakeboard
with lakeboard.init(project="a=b", id="finished", lake="lake", config={"lr": 0.25}) as run:
    for step in range(100):
        run.log({"loss": float("nan") if step == 7 else 1 / (step + 1)})
"""
_ABSENT = ("polars", "streamlit", "plotly", "pandas", "numpy", "s3fs", "sklearn", "duckdb")


def check(fact: bool, what: str) -> None:
    """Stop aloud where `fact` does not hold."""
    if not fact:
        raise SystemExit(f"training image: {what}")


def main() -> None:
    """The whole story, in the current folder."""
    for name in _ABSENT:
        check(importlib.util.find_spec(name) is None, f"{name} is installed, so this is no training image")
    import lakeboard

    check(str(lakeboard.__file__).startswith(sys.prefix), f"lakeboard is {lakeboard.__file__}, not the wheel's")
    os.environ["LAKEBOARD_SPOOL"] = str(Path("spool").absolute())
    killed = subprocess.run([sys.executable, "-W", "error", "-c", _KILLED], check=False)
    check(killed.returncode == -signal.SIGKILL, f"the job to be killed ended with {killed.returncode}")
    from lakeboard.upkeep import recover_host

    found = recover_host([Path("spool")])
    check([(r.run_id, r.rows, r.error) for r in found] == [("killed", 2_000, None)], f"recovered {found}")
    subprocess.run([sys.executable, "-W", "error", "-c", _FINISHED], check=True)
    check_lake(Path("lake"))
    print("training image: 2 runs, 2,100 points, exact")


def check_lake(lake: Path) -> None:
    """The points and the rows of both runs, as plain Parquet."""
    import pyarrow.parquet as pq

    names = sorted(str(p.relative_to(lake)) for p in lake.rglob("*") if p.is_file())
    check(not [n for n in names if n.startswith(("live/", "_tmp/"))], f"leftovers in {names}")
    seqs: dict[str, list[int]] = {}
    for path in (lake / "metrics").rglob("*.parquet"):
        seqs.setdefault(path.parent.name, []).extend(pq.ParquetFile(path).read().column("seq").to_pylist())
    check({r: len(s) for r, s in seqs.items()} == {"run_id=killed": 2_000, "run_id=finished": 100}, f"{names}")
    check(all(sorted(s) == list(range(len(s))) for s in seqs.values()), "rows are not dense")
    rows = [row for path in (lake / "runs").rglob("*.parquet") for row in pq.ParquetFile(path).read().to_pylist()]
    ends = sorted((r["run_id"], r["status"], r["rows"], dict(r["params"])["lr"]["num"]) for r in rows)
    check(ends == [("finished", "finished", 100, 0.25), ("killed", "crashed", 2_000, 0.5)], f"rows are {ends}")
    loss = next(dict(r["summary"])["loss"] for r in rows if r["run_id"] == "finished")
    check((loss["n"], loss["n_nan"], loss["last_step"], loss["min"]) == (100, 1, 99, 0.01), f"summary is {loss}")


if __name__ == "__main__":
    main()
