"""`mode="disabled"`: a run that does nothing, so that a script needs no `if`. No thread, no spool, no pyarrow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ..schema.errors import InvalidSetting
from ..schema.run.row import RunRow
from .artifacts.artifact import Artifact
from .artifacts.handle import ArtifactHandle
from .console import Console
from .inputs.config import Config
from .run import Keeper, Run
from .settings import Settings


class DisabledRun(Run):
    """Takes every call a run takes and keeps nothing but `config`, which scripts read back."""

    def __init__(
        self, settings: Settings, project: str, row: RunRow, config: Mapping[str, Any], *, keeper: Keeper
    ) -> None:
        super().__init__(settings, project, row, {}, console=Console(quiet=True), keeper=keeper, lake=settings.lake)
        self._config = Config(config, changed=lambda values: None)

    def log(
        self,
        metrics: Mapping[str, Any],
        step: int | None = None,
        dataset: str | None = None,
        *,
        timestamp: float | datetime | None = None,
        aside: bool = False,
        commit: bool | None = None,
    ) -> None:
        """Nothing."""

    def after_fork(self) -> None:
        """Nothing."""

    def _log_artifact(self, artifact: Artifact, aliases: Iterable[str]) -> ArtifactHandle:
        return ArtifactHandle.refused(artifact.name, InvalidSetting('mode="disabled" stores no artifacts'))

    def _log_summary(self, values: dict[str, Any]) -> None:
        pass

    def _keep_result(self, name: str, value: object) -> None:
        pass
