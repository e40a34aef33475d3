"""Artifacts that a run logged and that are not in the lake yet: noted in its spool before anything is sent.

::

    <spool>/uploads/000000/job.json    what to store: files with size, time and number, name, type, aliases
    <spool>/uploads/000000/data/0      bytes that no file of the program's holds
    <spool>/uploads/000000/begun       the version that was begun
    <spool>/uploads/000000/parts/…     notes of uploads in parts
    <spool>/uploads/000000/done.json   the version that was made; all but this is gone then

Whoever holds the spool's lock carries the jobs out, the run itself or a recovery. Doing it again after a kill goes on
with the version that was begun, so that it is made once; where that can't be, under a new name, and what the
first try left is collected.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ...schema.artifacts.keys import ManifestKey
from ...schema.artifacts.names import parse_version
from ...schema.errors import DamagedObject, LakeFormat
from ...schema.run.lineage import Lineage, lineage_from_json, lineage_to_json
from ...store.base import OnBytes, Store
from ...store.files.source_file import Stamp, stamp_of
from ...store.format import ensure_lake
from ..spooldir import UPLOADS_NAME
from .acts import put_act
from .commit import commit
from .draft import Draft, LocalFile, Reference
from .versions import look

_JOB: Final = "job.json"
_DONE: Final = "done.json"
_BEGUN: Final = "begun"
_DATA: Final = "data"
_PARTS: Final = "parts"
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An artifact on its way."""

    folder: Path
    """Where it is noted."""
    project: str
    draft: Draft
    aliases: tuple[str, ...] = ()
    used: tuple[ManifestKey, ...] = ()
    """Versions that the run used: their files are referred to where they are the same."""

    @property
    def bytes(self) -> int:
        """Of its files, as they were when it was noted."""
        return sum(
            e.stamp.size for e in self.draft.entries.values() if isinstance(e, LocalFile) and e.stamp is not None
        )


def note_job(
    spool: Path,
    number: int,
    project: str,
    draft: Draft,
    *,
    aliases: Sequence[str] = (),
    used: Sequence[ManifestKey] = (),
    copies: Mapping[str, bytes | Path] | None = None,
) -> Job:
    """Note an artifact in a spool. Local; reads and writes `copies`, and looks at every other file once.

    Args:
        spool: its folder.
        number: of the job in this spool.
        project: whose artifact it is.
        draft: what it holds; of its files the state of now is what will be stored, or nothing.
        aliases: that the version is to have.
        used: versions that the run used.
        copies: by path in the artifact, bytes to keep in the spool until they are sent, and files to copy there.

    Raises:
        OSError: a file can't be looked at or copied, or the spool can't be written to; nothing is left behind.
    """
    folder = spool / UPLOADS_NAME / f"{number:06d}"
    try:
        (folder / _DATA).mkdir(parents=True, exist_ok=False, mode=0o700)
        entries = dict(draft.entries)
        for index, (path, content) in enumerate((copies or {}).items()):
            target = folder / _DATA / str(index)
            if isinstance(content, Path):
                shutil.copyfile(content, target)
            else:
                target.write_bytes(content)
            entries[path] = LocalFile(target)
        for path, entry in entries.items():
            if isinstance(entry, LocalFile):
                entries[path] = replace(entry, stamp=stamp_of(entry.path.stat()))
        job = Job(
            folder=folder, project=project, draft=replace(draft, entries=entries), aliases=tuple(aliases),
            used=tuple(used),
        )  # fmt: skip
        _put_down(folder / _JOB, _to_json(job))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return job


def waiting_jobs(spool: Path) -> list[Path]:
    """Folders of jobs that are not done, in the order in which they were noted."""
    return [
        path.parent for path in sorted((spool / UPLOADS_NAME).glob(f"*/{_JOB}")) if not (path.parent / _DONE).exists()
    ]


def made_versions(spool: Path) -> tuple[Lineage, ...]:
    """What the jobs that are done have made, in the order in which they were noted.

    Raises:
        OSError: a note can't be read.
    """
    out: list[Lineage] = []
    for path in sorted((spool / UPLOADS_NAME).glob(f"*/{_DONE}")):
        try:
            out += lineage_from_json(json.loads(path.read_bytes()))
        except (ValueError, TypeError):
            continue  # Cut short by a power loss; the lake has the version.
    return tuple(out)


def read_job(folder: Path) -> Job:
    """A job as it was noted.

    Raises:
        DamagedObject: it makes no sense; names the file.
        LakeFormat: a newer lakeboard noted it.
        OSError: it can't be read.
    """
    path = folder / _JOB
    data = path.read_bytes()
    try:
        return _from_json(folder, json.loads(data))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DamagedObject(f"{path} is no job of an upload: {str(error)[:200]}", key=str(path)) from error


def carry_out(
    store: Store,
    job: Job,
    *,
    now_ms: Callable[[], int],
    new_rand: Callable[[], str] = lambda: secrets.token_hex(4),
    on_bytes: OnBytes | None = None,
) -> Lineage:
    """Store a job's artifact, give it its aliases and note that it is done. May be repeated, also after a kill.

    Costs what `commit` does, and one LIST and one PUT for each alias that the version has not yet.

    Args:
        store: the lake.
        job: which.
        now_ms: milliseconds since 1970.
        new_rand: gives 8 hex digits that no other version has.
        on_bytes: told of progress; what it raises ends this, and the same call goes on from there.

    Raises:
        FileChanged: a file is no longer what it was; see `refuse`.
        StoreError: the store failed; call again.
        OSError: a file can't be read.
    """
    ensure_lake(store)
    done = commit(
        store,
        job.project,
        job.draft,
        now_ms=now_ms(),
        new_rand=new_rand,
        also=job.used,
        on_bytes=on_bytes,
        begun=_begun(job.folder),
        on_begin=lambda version: _put_down(job.folder / _BEGUN, str(version)),
        notes=job.folder / _PARTS,
    )
    version = done.manifest.head.version
    for alias in job.aliases:
        acts = look(store, job.project).acts
        if acts.decided.aliases.get((job.draft.artifact, alias)) != version:
            put_act(
                store, job.project, "alias", job.draft.artifact, version,
                arg=alias, now_ms=now_ms(), seen=acts.newest, rand=new_rand(),
            )  # fmt: skip
    made = Lineage(job.project, job.draft.artifact, str(version), now_ms())
    _put_down(job.folder / _DONE, json.dumps(lineage_to_json([made])))
    for name in (_JOB, _BEGUN):
        (job.folder / name).unlink(missing_ok=True)
    for name in (_DATA, _PARTS):
        shutil.rmtree(job.folder / name, ignore_errors=True)
    return made


def refuse(folder: Path) -> None:
    """Forget a job that can never be done. What was sent for it is collected later."""
    shutil.rmtree(folder, ignore_errors=True)


def _begun(folder: Path) -> Any:
    try:
        return parse_version((folder / _BEGUN).read_text().strip())
    except (OSError, UnicodeDecodeError):
        return None


def _put_down(path: Path, text: str) -> None:
    """Whole or not at all, whatever ends the process."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(text)
    fresh.replace(path)


def _to_json(job: Job) -> str:
    files: list[list[Any]] = []
    references: list[list[Any]] = []
    for path, entry in job.draft.entries.items():
        if isinstance(entry, Reference):
            references.append([path, entry.url, entry.etag, entry.bytes])
            continue
        inside = entry.path.is_relative_to(job.folder)
        where = str(entry.path.relative_to(job.folder)) if inside else str(entry.path.absolute())
        files.append([path, where, list(entry.stamp or ())])
    draft = job.draft
    told = {"format": _FORMAT, "project": job.project, "artifact": draft.artifact, "type": draft.type}
    told |= {"run_id": draft.run_id, "writer": draft.writer, "description": draft.description}
    told |= {"metadata": dict(draft.metadata), "aliases": list(job.aliases)}
    told |= {"used": [[key.project, key.artifact, str(key.version)] for key in job.used]}
    return json.dumps({**told, "files": files, "references": references})


def _from_json(folder: Path, told: Mapping[str, Any]) -> Job:
    if told["format"] != _FORMAT:
        raise LakeFormat(f"{folder} has format {told['format']!r}; recover it with the lakeboard that wrote it")
    # What lies in the spool is named from its folder, which may have moved.
    entries: dict[str, LocalFile | Reference] = {
        path: LocalFile(folder / where, Stamp(*map(int, stamp))) for path, where, stamp in told["files"]
    }
    entries |= {path: Reference(url, etag, int(size)) for path, url, etag, size in told["references"]}
    draft = Draft(
        artifact=told["artifact"],
        type=told["type"],
        metadata=told["metadata"],
        description=told["description"],
        run_id=told["run_id"],
        writer=told["writer"],
        entries=entries,
    )
    used = []
    for project, artifact, text in told["used"]:
        version = parse_version(text)
        if version is not None:
            used.append(ManifestKey(project, artifact, version))
    return Job(
        folder=folder, project=told["project"], draft=draft, aliases=tuple(map(str, told["aliases"])), used=tuple(used)
    )
