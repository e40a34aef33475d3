"""Workers that a training starts, as a torch DataLoader starts its own: persistent, forked or spawned, ended anyhow."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import lakeboard
from tests.logger.reading import read_lake
from tests.logger.test_process import held

pytestmark = pytest.mark.process

LOADER = '''
import lakeboard, multiprocessing, os, sys

LEAVING = ("sentinel", "terminate", "kill", "os._exit")

def work(worker, run_id, indices, done):
    """Take indices until the sentinel comes, as torch's `_worker_loop` does, and log what was made of each."""
    this = run
    if this is None:
        this = lakeboard.init(project="p", id=run_id, quiet=True)
    while (index := indices.get()) is not None:
        this.log({f"worker{worker}/n": index})
        if index >= 0:
            done.put(worker)
            continue
        # The last one: say it once all is noted on disk, then leave as told.
        assert this._carrier.spooled(20)
        done.put(worker)
        if LEAVING[worker] == "os._exit":
            done.close()
            done.join_thread()
            os._exit(0)

def train(method):
    context = multiprocessing.get_context(method)
    done = context.Queue()
    queues = [context.Queue() for _ in LEAVING]
    workers = [
        context.Process(target=work, args=(i, training.id, queues[i], done), daemon=True) for i in range(len(LEAVING))
    ]
    for worker in workers:
        worker.start()
    for epoch in range(3):
        for queue in queues:
            queue.put(epoch)
        for _ in workers:
            done.get(timeout=30)
        training.log({"loss": 1 / (1 + epoch)})
    for queue in queues:
        queue.put(-1)
    for _ in workers:
        done.get(timeout=60)
    for leaving, queue, worker in zip(LEAVING, queues, workers):
        if leaving == "sentinel":
            queue.put(None)
        elif leaving != "os._exit":
            getattr(worker, leaving)()
        worker.join(30)
        assert not worker.is_alive(), leaving

run = None
if __name__ == "__main__":
    training = lakeboard.init(project="p")
    if sys.argv[1] == "fork":
        run = training
    train(sys.argv[1])
    training.finish()
'''


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_of_a_loader_lose_nothing_however_they_end(
    tmp_path: Path, clean_environment: Path, method: str
) -> None:
    script = tmp_path / "train.py"
    script.write_text(LOADER)
    lake = tmp_path / "lake"
    environment = {**os.environ, "LAKEBOARD_LAKE": str(lake)}
    done = subprocess.run([sys.executable, str(script), method], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = held(lake)
    assert len({row.run_id for row in found.rows}) == 1
    by_metric = {found.points(row.writer)[0][1]: row for row in found.rows}
    assert {metric: row.rows for metric, row in by_metric.items()} == {
        "loss": 3, "worker0/n": 4, "worker1/n": 4, "worker2/n": 4, "worker3/n": 4
    }  # fmt: skip
    ended = {metric: (row.status, row.closed_by) for metric, row in by_metric.items()}
    assert ended["loss"] == ended["worker0/n"] == ("finished", None)
    # A forked worker that its parent ends has done its part; a spawned one is a rank like any other.
    assert ended["worker1/n"] == (("finished", None) if method == "fork" else ("killed", None))
    assert ended["worker2/n"] == ended["worker3/n"] == ("crashed", "recover")
    assert found.tails == {}
    assert list((clean_environment / "spool").iterdir()) == []
    shown = lakeboard.open(lake)
    assert shown.runs("p")["rows"].to_list() == [19]
    assert shown.metrics("p").collect().height == 19


def test_one_id_given_to_two_jobs_by_mistake_costs_no_point_of_either(tmp_path: Path, clean_environment: Path) -> None:
    """They run at once; one is killed and recovered, one finishes: one run, all points, the worse of the two ends."""
    lake = tmp_path / "lake"
    script = """
import lakeboard, os, sys, time
who = sys.argv[1]
run = lakeboard.init(project="p", id="same", config={who: 1}, quiet=True, flush_seconds=0.2)
for n in range(500):
    run.log({f"{who}/n": n, "loss": n})
while run._carrier.waiting_rows:
    time.sleep(0.05)
print("sent", flush=True)
if who == "dies":
    run.log({"dies/n": 500})
    assert run._carrier.spooled(20)
    print("spooled", flush=True)
sys.stdin.readline()
run.finish()
"""
    jobs = {
        who: subprocess.Popen(
            [sys.executable, "-c", script, who],
            env={**os.environ, "LAKEBOARD_LAKE": str(lake)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for who in ("dies", "ends")
    }
    for who, job in jobs.items():
        assert job.stdout is not None
        assert job.stdout.readline() == "sent\n"
        if who == "dies":
            assert job.stdout.readline() == "spooled\n"
    shown = lakeboard.open(lake)
    assert shown.runs("p", columns=["status"])["status"].to_list() == ["running"]
    jobs["dies"].kill()
    jobs["dies"].communicate()
    # The other one's end brings home what the dead one left on this host.
    jobs["ends"].communicate("\n", timeout=60)
    assert jobs["ends"].returncode == 0
    assert list((clean_environment / "spool").iterdir()) == []
    (row,) = shown.runs("p").iter_rows(named=True)
    assert (row["run_id"], row["status"], row["rows"], row["attempts"]) == ("same", "crashed", 2_001, 1)
    assert (row["params.dies"], row["params.ends"]) == (1, 1)
    points = shown.metrics("p").collect()
    for metric, count in (("dies/n", 501), ("ends/n", 500)):
        assert points.filter(points["metric"] == metric)["value"].sort().to_list() == [float(n) for n in range(count)]
    assert points.filter(points["metric"] == "loss").height == 1_000


def test_a_killed_training_is_resumed_at_a_step(tmp_path: Path, clean_environment: Path) -> None:
    lake = tmp_path / "lake"
    script = """
import lakeboard, os, signal
run = lakeboard.init(project="p", id="job", quiet=True, config={"lr": 0.1})
for step in range(100):
    run.log({"loss": step, "acc": -step}, step=step)
assert run._carrier.spooled(20)
os.kill(os.getpid(), signal.SIGKILL)
"""
    environment = {**os.environ, "LAKEBOARD_LAKE": str(lake)}
    assert subprocess.run([sys.executable, "-c", script], env=environment).returncode == -9
    # From the last checkpoint, as a scheduler that starts the job again would.
    run = lakeboard.init(project="p", id="job", lake=lake, resume="must", resume_step=60, quiet=True)
    assert run.step == 59
    for step in range(60, 70):
        run.log({"loss": 1000 + step}, step=step)
    run.finish()
    shown = lakeboard.open(lake)
    (row,) = shown.runs("p").iter_rows(named=True)
    assert (row["status"], row["attempts"], row["params.lr"], row["loss"]) == ("finished", 2, 0.1, 1069.0)
    points = shown.metrics("p", metrics=["loss"]).collect().sort("step")
    assert points["value"].to_list() == [float(n) for n in range(60)] + [float(n) for n in range(1060, 1070)]
    # Hidden, not lost.
    assert sorted(row.rows or 0 for row in read_lake(shown.store).rows) == [10, 200]
    assert list((clean_environment / "spool").iterdir()) == []
