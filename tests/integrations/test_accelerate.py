"""accelerate itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.integrations.seven import Boom, Seven, framework, rows

ours = framework("accelerate")
from accelerate import Accelerator, DistributedType
from accelerate.state import PartialState


class TestAccelerate(Seven):
    metric = "train/loss"
    steps = [0, 1, 2]
    params = {"params.lr": 0.1}
    goals = {}

    def make(self, lake: Path, **options: Any) -> Any:
        PartialState()
        return ours.LakeboardTracker(lake=lake, quiet=True, **options)

    def fit(self, callback: Any, *, fail: bool = False) -> None:
        accelerator = Accelerator(cpu=True, log_with=callback)
        accelerator.init_trackers("ignored", config={"lr": 0.1})
        for step in range(3):
            accelerator.log({"train/loss": 1.0 / (step + 1)}, step=step)
            if fail:
                raise Boom("step 0")
        accelerator.end_training()

    def fail(self, callback: Any) -> None:
        try:
            self.fit(callback, fail=True)
        except Boom as error:
            callback.session.finish(error)
            raise

    def rank_one(self, lake: Path) -> bool:
        tracker, state = self.make(lake, project="p"), PartialState()
        before = dict(vars(state))
        state.distributed_type, state.num_processes, state.process_index = DistributedType.MULTI_CPU, 2, 1
        try:
            tracker.start()
            tracker.store_init_configuration({"lr": 0.1})
            tracker.log({"x": 1.0}, step=0)
            tracker.finish()
        finally:
            vars(state).update(before)
        return True


def test_log_with_lakeboard(tmp_path: Path) -> None:
    accelerator = Accelerator(cpu=True, log_with="lakeboard")
    accelerator.init_trackers("p", config={"lr": 0.1}, init_kwargs={"lakeboard": {"lake": tmp_path, "quiet": True}})
    accelerator.log({"x": 1.0}, step=5)
    accelerator.end_training()
    (row,) = rows(tmp_path)
    assert (row["x"], row["last_step"], row["status"], row["params.lr"]) == (1.0, 5, "finished", 0.1)
