"""transformers: `report_to="lakeboard"` once this is imported, or `callbacks=[LakeboardCallback()]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .session import Ending, LogModel, Session, guarded, log_model_given, needs

with needs("transformers"):
    import transformers
    from transformers.integrations.integration_utils import INTEGRATION_TO_CALLBACK, rewrite_logs
    from transformers.trainer_callback import ExportableState

__all__ = ["LakeboardCallback"]


_ALWAYS = (
    "learning_rate", "num_train_epochs", "per_device_train_batch_size", "seed", "lr_scheduler_type", "optim",
)  # fmt: skip
_NEVER = ("output_dir", "logging_dir", "run_name", "report_to")


class LakeboardCallback(Ending, transformers.TrainerCallback, ExportableState):
    """Logs `train/<x>`, `eval/<x>` and `test/<x>` by global step, the arguments that were set, and the goal.

    `train`, `evaluate` and `predict` of one Trainer are one run. A run that the callback began ends when another
    training begins, with the program, or with `callback.session.finish()`; as failed where `train` raised. The run's
    id stands in the checkpoints: `resume_from_checkpoint=True` goes on with it, as its next attempt.

    Args:
        log_model: "best" stores the best checkpoint at the end, "all" each when it is saved, in `model-<run id>`.
        **init: keywords of `lakeboard.init`, for the run that is begun where none is open.
    """

    def __init__(self, *, log_model: LogModel = False, **init: Any) -> None:
        self._init = init
        self._log_model = log_model_given(log_model)
        self.session = Session(init)

    @guarded(None)
    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Begins the run."""
        if not state.is_world_process_zero:
            return
        options = dict(self._init)
        if getattr(args, "run_name", None) and args.run_name != args.output_dir:
            options.setdefault("name", args.run_name)
        if state.trial_name:
            options.setdefault("name", state.trial_name)
        kept = (state.stateful_callbacks or {}).get(type(self).__name__, {})
        run_id = kept.get("attributes", {}).get("run_id") if isinstance(kept, Mapping) and state.global_step else None
        if run_id:
            options = {"id": run_id, "resume": "allow", **options}
        self.session.leave()
        self.session = Session(options)
        run = self.session.begin(_set_arguments(args), section="args")
        model = getattr(kwargs.get("model"), "config", None)
        if model is not None:
            run.config.update({"model": _changed(model.to_dict(), type(model)().to_dict())})
        if isinstance(state.trial_params, Mapping):
            run.config.update(dict(state.trial_params))
        if args.metric_for_best_model:
            name = args.metric_for_best_model.removeprefix("eval_")
            run.define_metric(f"eval/{name}", goal="maximize" if args.greater_is_better else "minimize")

    @guarded(None)
    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        """Logs a step's or an evaluation's metrics; `evaluate()` alone begins a run, too."""
        if state.is_world_process_zero and logs:
            self.session.attach().log(rewrite_logs(logs), step=state.global_step)

    @guarded(None)
    def on_predict(self, args: Any, state: Any, control: Any, metrics: Any = None, **kwargs: Any) -> None:
        """Logs what `predict` measured."""
        if state.is_world_process_zero and metrics:
            self.session.attach().log(rewrite_logs(metrics), step=state.global_step)

    @guarded(None)
    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Stores the checkpoint, where all are wanted."""
        if self._log_model == "all" and state.is_world_process_zero:
            saved = f"{args.output_dir}/checkpoint-{state.global_step}"
            self._store(saved, ("best",) if state.best_model_checkpoint == saved else ())

    @guarded(None)
    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """The training came to its end; its run goes on, for `evaluate` and `predict`."""
        if not state.is_world_process_zero:
            return
        if self._log_model == "best" and state.best_model_checkpoint:
            self._store(state.best_model_checkpoint, ("best",))
        self.session.rest()

    def state(self) -> dict[str, Any]:
        """What stands in a checkpoint: the run's id."""
        run = self.session.run
        plain = {name: value for name, value in self._init.items() if isinstance(value, (bool, int, float, str))}
        return {
            "args": {"log_model": self._log_model, **plain},
            "attributes": {"run_id": None if run is None else run.id},
        }

    def _store(self, path: str, aliases: tuple[str, ...] = ()) -> None:
        run = self.session.run
        if run is not None:
            run.log_artifact(path, f"model-{run.id}", "model", aliases=aliases)


def _set_arguments(args: Any) -> dict[str, Any]:
    """The six that everybody asks for, and those that are not the class's defaults; never a token."""
    given = args.to_dict()
    defaults = {name: field.default for name, field in type(args).__dataclass_fields__.items()}
    changed = _changed(given, defaults)
    always = {name: given[name] for name in _ALWAYS if name in given}
    return {name: value for name, value in {**always, **changed}.items() if name not in _NEVER}


def _changed(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in given.items()
        if isinstance(value, (bool, int, float, str)) and value != defaults.get(name) and not name.endswith("_token")
    }


INTEGRATION_TO_CALLBACK["lakeboard"] = LakeboardCallback
