"""Artifacts of a lake: all versions as a frame, one of them to read."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Final

import polars as pl

from ...schema.artifacts.names import check_artifact_name
from ...schema.errors import InvalidSetting
from ...store.base import Store
from ...upkeep.artifacts.artifact import Artifact, open_artifact
from ...upkeep.artifacts.summaries import Summary, summaries
from ...upkeep.listing import project_names

ARTIFACT_SCHEMA: Final = pl.Schema(
    {
        "project": pl.String(),
        "artifact": pl.String(),
        "version": pl.String(),
        "number": pl.Int64(),
        "type": pl.String(),
        "run_id": pl.String(),
        "created_at": pl.Datetime("ms", "UTC"),
        "files": pl.Int64(),
        "bytes": pl.Int64(),
        "shared": pl.Int64(),
        "digest": pl.String(),
        "aliases": pl.List(pl.String()),
        "deleted": pl.Boolean(),
        "description": pl.String(),
    }
)
"""Columns of `Lake.artifacts`: one row a version."""


class ArtifactLibrary:
    """What a lake tells of artifacts; a part of `Lake`."""

    @property
    def store(self) -> Store:
        """The lake's objects."""
        raise NotImplementedError

    def artifacts(
        self,
        project: str | None = None,
        *,
        type: str | None = None,  # noqa: A002 the field's own word
        run_id: str | None = None,
        deleted: bool = False,
    ) -> pl.DataFrame:
        """One row a version (`ARTIFACT_SCHEMA`), by project, artifact and number. Purged ones are never shown.

        `shared` are the bytes that other versions' folders hold; `run_id` is null for what no run made. Manifests that
        can't be read are left out, and a warning names the first.

        Costs, for each project, one LIST and one GET for each decision and each version.

        Args:
            project: one, or null for all of the lake.
            type: only artifacts of this type, such as `dataset`.
            run_id: only what this run made.
            deleted: also the deleted ones; the column `deleted` tells them apart.
        """
        found: list[Summary] = []
        for name in [project] if project is not None else project_names(self.store):
            told = summaries(self.store, name)
            found += told.versions
            if told.problems:
                first, count = told.problems[0].message, len(told.problems)
                warnings.warn(f"{count} objects of {name}'s artifacts are left out: {first}", stacklevel=2)
        shown = (s for s in found if (type is None or s.type == type) and (run_id is None or s.run_id == run_id))
        return artifacts_frame(s for s in shown if deleted or not s.deleted)

    def artifact(self, name: str, project: str | None = None) -> Artifact:
        """The version that `project/name`, `project/name:alias` or `project/name:v3` means.

        One LIST, a GET for each decision and one for the manifest.

        Args:
            name: without a version, and for `latest`, the newest that lives.
            project: whose it is, where `name` does not say.

        Raises:
            InvalidName: no such name can be.
            InvalidSetting: no project is named, or two.
            UnknownArtifact: there is none such; says which there are.
        """
        if project is not None and "/" in name:
            raise InvalidSetting(f"{name!r} names a project by itself; leave project={project!r} out")
        check_artifact_name(name.rpartition("/")[2].partition(":")[0])
        return open_artifact(self.store, name if project is None else f"{project}/{name}")


def artifacts_frame(found: Iterable[Summary]) -> pl.DataFrame:
    """Versions as a frame. Pure."""
    rows = [
        {
            "project": s.project,
            "artifact": s.artifact,
            "version": str(s.version),
            "number": s.version.number,
            "type": s.type,
            "run_id": s.run_id,
            "created_at": s.created_at,
            "files": s.files,
            "bytes": s.bytes,
            "shared": s.shared,
            "digest": s.digest,
            "aliases": list(s.aliases),
            "deleted": s.deleted,
            "description": s.description,
        }
        for s in found
    ]
    stored = ARTIFACT_SCHEMA | {"created_at": pl.Int64()}
    return pl.DataFrame(rows, schema=pl.Schema(stored)).with_columns(
        pl.col("created_at").cast(ARTIFACT_SCHEMA["created_at"])
    )
