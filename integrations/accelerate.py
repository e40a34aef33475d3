"""accelerate: `Accelerator(log_with="lakeboard")` once this is imported, or `log_with=LakeboardTracker("project")`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .session import Session, guarded, needs

if TYPE_CHECKING:
    from .. import Run

with needs("accelerate"):
    from accelerate import tracking
    from accelerate.tracking import GeneralTracker, on_main_process

__all__ = ["LakeboardTracker"]


class LakeboardTracker(GeneralTracker):
    """What `accelerator.log` is given, with the config of `init_trackers`, by the main process alone.

    `accelerator.end_training()` ends the run that it began. Keywords of `lakeboard.init` come by
    `init_trackers("project", init_kwargs={"lakeboard": {...}})`.

    Args:
        project: what the run belongs to.
        **init: keywords of `lakeboard.init`, for the run that is begun where none is open.
    """

    name = "lakeboard"
    requires_logging_directory = False
    main_process_only = True

    def __init__(self, project: str = "default", **init: Any) -> None:
        self.session = Session({"project": project, **init})
        super().__init__()

    @property
    def tracker(self) -> Run | None:
        """The run."""
        return self.session.run

    @on_main_process
    @guarded(None)
    def start(self) -> None:
        """Begins the run."""
        self.session.begin()

    @on_main_process
    @guarded(None)
    def store_init_configuration(self, values: dict[str, Any]) -> None:
        """Adds to the run's params."""
        self.session.attach(values)

    @on_main_process
    @guarded(None)
    def log(self, values: dict[str, Any], step: int | None = None, **kwargs: Any) -> None:
        """Logs them at that step."""
        self.session.attach().log(values, step=step)

    @on_main_process
    @guarded(None)
    def finish(self) -> None:
        """Ends the run, if the tracker began it."""
        self.session.finish()


if hasattr(tracking, "register_tracker_class"):
    tracking.register_tracker_class(LakeboardTracker)
