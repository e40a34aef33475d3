"""A run with the names that W&B gives to its parts."""

from __future__ import annotations

import glob
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO
from weakref import finalize

from .. import Artifact as _Artifact
from .notices import NOTICES, missing
from .wandb_media import logged

if TYPE_CHECKING:
    from .. import Run as _Run

_INSTEAD = {
    "link_artifact": "give the version an alias: lakeboard artifact alias NAME:VERSION ALIAS",
    "upsert_artifact": "log_artifact(artifact) makes the next version",
}


class Artifact(_Artifact):
    """Files that belong together; `lakeboard.Artifact` with W&B's arguments."""

    def __init__(
        self,
        name: str,
        type: str,
        description: str | None = None,
        metadata: dict[str, Any] | None = None,
        incremental: bool = False,
        use_as: str | None = None,
    ) -> None:
        super().__init__(name, type, metadata)
        self.description = description

    @contextmanager
    def new_file(self, name: str, mode: str = "x", encoding: str | None = None) -> Iterator[TextIO | Any]:
        """A file to write to, which is added when the block ends."""
        with tempfile.TemporaryDirectory(prefix="lakeboard-") as folder:
            path = Path(folder, "file")
            with path.open(mode.replace("x", "w"), encoding=None if "b" in mode else encoding or "utf-8") as file:
                yield file
            self.add_bytes(path.read_bytes(), name)


class WandbRun:
    """What `wandb.init` gives back. All else that a run of lakeboard's has, it has, too."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._dir: str | None = None

    def __getattr__(self, name: str) -> Any:
        if name in _INSTEAD:
            raise missing("run", name, _INSTEAD)
        return getattr(self._run, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("name", "notes", "tags") and "_run" in self.__dict__:
            setattr(self._run, name, value)
        else:
            object.__setattr__(self, name, value)

    def is_of(self, run: object) -> bool:
        """Whether it stands for this run of lakeboard's."""
        return self._run is run

    def __enter__(self) -> WandbRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run.__exit__(kind, error, trace)

    def __repr__(self) -> str:
        return f"<wandb facade of {self._run!r}>"

    @property
    def entity(self) -> str:
        """Nobody: a lake has no accounts."""
        return ""

    @property
    def url(self) -> str:
        """The command that shows the run."""
        return f"lakeboard ui --lake {self._run.lake}"

    @property
    def path(self) -> str:
        """`project/id`."""
        return f"{self._run.project}/{self._run.id}"

    @property
    def dir(self) -> str:
        """A folder for the script's own files, which goes when it ends."""
        if self._dir is None:
            self._dir = tempfile.mkdtemp(prefix="lakeboard-wandb-")
            finalize(self._run, shutil.rmtree, self._dir, ignore_errors=True)
        return self._dir

    def get_url(self) -> str:
        """The command that shows the run."""
        return self.url

    def project_name(self) -> str:
        """The project."""
        return self._run.project

    def log(self, data: Any, step: int | None = None, commit: bool | None = None, sync: bool | None = None) -> None:
        """Log a dict; what the lake has no place for is left out."""
        self._run.log(logged(data), step=step, commit=commit)

    def define_metric(
        self,
        name: str,
        step_metric: Any = None,
        step_sync: bool | None = None,
        hidden: bool | None = None,
        summary: str | None = None,
        goal: str | None = None,
        overwrite: bool | None = None,
    ) -> None:
        """Which metric belongs on the x-axis, and which way is better."""
        words = (summary or "").split(",")
        said = next((word for word in words if word in ("min", "max")), None)
        NOTICES.guard(
            f"define_metric({name!r})",
            lambda: self._run.define_metric(name, goal=goal, step_metric=step_metric, summary=said),
        )

    def log_artifact(
        self,
        artifact_or_path: Any,
        name: str | None = None,
        type: str | None = None,
        aliases: Iterable[str] | None = None,
        tags: Any = None,
    ) -> Any:
        """Store files as the next version of an artifact, in the background. `latest` is always the newest."""
        given = [alias for alias in aliases or () if alias != "latest"]
        return self._run.log_artifact(artifact_or_path, name, type or "unspecified", aliases=given)

    def log_model(self, path: Any, name: str | None = None, aliases: Iterable[str] | None = None) -> Any:
        """Store a model's files as an artifact of type `model`."""
        return self.log_artifact(path, name, "model", aliases)

    def use_artifact(self, artifact_or_name: Any, type: str | None = None, **options: Any) -> Any:
        """A version of an artifact, noted as an input."""
        name = artifact_or_name if isinstance(artifact_or_name, str) else artifact_or_name.name
        # `entity/project/name`: nobody is asked for.
        return self._run.use_artifact("/".join(str(name).split("/")[-2:]), type)

    def save(self, glob_str: Any = None, base_path: str | None = None, policy: str = "live") -> list[str]:
        """Store the files that match now, as an artifact `saved-files`."""
        found = sorted(glob.glob(os.fspath(glob_str), recursive=True)) if glob_str is not None else []  # noqa: PTH207
        files = [path for path in found if Path(path).is_file()]
        if files:
            artifact = _Artifact("saved-files", "files")
            for path in files:
                artifact.add_file(path, os.path.relpath(path, base_path) if base_path else Path(path).name)
            self._run.log_artifact(artifact)
        return files

    def watch(self, models: Any, criterion: Any = None, log: Any = "gradients", **options: Any) -> None:
        """Told once: gradients are not recorded."""
        NOTICES.tell("wandb.watch is left out: gradients are not recorded")

    def unwatch(self, models: Sequence[Any] | None = None) -> None:
        """Has no effect."""

    def alert(self, title: str, text: str = "", level: Any = None, wait_duration: Any = None) -> None:
        """Print it."""
        NOTICES.tell(f"{title}: {text}" if text else title)

    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:
        """End the run."""
        self._run.finish(exit_code)

    def mark_preempting(self) -> None:
        """Has no effect."""

    def log_code(self, *args: Any, **options: Any) -> None:
        """Has no effect: the commit and what was not committed are noted with each run."""
