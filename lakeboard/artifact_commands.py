"""What the command line does with artifacts: list, show, get, put, verify, compare, name, delete."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .logger.origin import user_name
from .printing import Progress, print_columns, say
from .schema.artifacts.acts import Op
from .schema.artifacts.keys import ManifestKey
from .schema.artifacts.manifest import Manifest
from .schema.artifacts.names import check_alias
from .schema.errors import InvalidSetting, LakeboardError
from .schema.names import check_project
from .schema.sizes import sized
from .store.base import Store
from .store.format import check_lake, ensure_lake
from .store.opening import open_store
from .upkeep.artifacts.acts import put_act
from .upkeep.artifacts.commit import commit
from .upkeep.artifacts.download import download
from .upkeep.artifacts.download import verify as verify_files
from .upkeep.artifacts.draft import Draft, LocalFile
from .upkeep.artifacts.summaries import Summary, difference, summaries, summary_of
from .upkeep.artifacts.versions import Shelf, look, read_manifest, resolve
from .upkeep.listing import project_names


def list_artifacts(lake: str | None, project: str | None, *, type: str | None, as_json: bool) -> int:  # noqa: A002 the option's name
    """List living versions; exit code 1 where some could not be read."""
    store = _open(lake)
    found = [summaries(store, name) for name in ([project] if project is not None else project_names(store))]
    shown = [s for each in found for s in each.versions if type is None or s.type == type]
    problems = [problem for each in found for problem in each.problems]
    if as_json:
        for summary in shown:
            _print_json(_plain(summary))
    elif shown:
        names = ["project", "artifact", "version", "type", "files", "size", "made", "by", "aliases"]
        print_columns(names, [_cells(summary) for summary in shown])
    else:
        which = "artifacts" if type is None else f"artifacts of type {type!r}"
        where = store.url if project is None else f"project {project!r} of {store.url}"
        say(f"no {which} in {where}; lakeboard artifact put makes one")
    for problem in problems:
        say(f"{problem.kind}: {problem.message}", file=sys.stderr)
    return 1 if problems else 0


def show(lake: str | None, name: str, *, project: str | None, as_json: bool) -> int:
    """Print a version and its files."""
    store = _open(lake)
    key, manifest, shelf = _named(store, name, project)
    summary = summary_of(shelf, key, manifest)
    if as_json:
        rows = [asdict(row) for row in manifest.files]
        _print_json(_plain(summary) | {"metadata": dict(manifest.head.metadata), "contents": rows})
        return 0
    say(f"{key.project}/{key.artifact}:{key.version}  {summary.type}{'  deleted' if summary.deleted else ''}")
    told = {
        "made": f"{_when(summary.created_at)} by {summary.run_id or 'no run'}",
        "aliases": ", ".join(summary.aliases),
        "holds": f"{_files(summary.files)}, {sized(summary.bytes)}, of it {sized(summary.shared)} of other versions",
        "digest": summary.digest,
        "about": summary.description or "",
        "metadata": json.dumps(dict(manifest.head.metadata)) if manifest.head.metadata else "",
    }
    for label, text in told.items():
        if text:
            say(f"{label:9s} {text}")
    print_columns(
        ["path", "size", "sha256"],
        [[row.path, sized(row.bytes), row.sha256 or f"-> {row.reference}"] for row in manifest.files],
    )
    return 0


def get(lake: str | None, name: str, folder: str | None, *, project: str | None, as_json: bool) -> int:
    """Fetch a version's files, each compared with its hash."""
    store = _open(lake)
    key, manifest, _ = _named(store, name, project)
    with _own_files():
        root = download(store, manifest, Path(folder or f"{key.artifact}-{key.version}"))
    references = sum(row.reference is not None for row in manifest.files)
    if as_json:
        _print_json({"version": str(key.version), "folder": str(root), "bytes": manifest.bytes, "left_out": references})
    else:
        left = f"; {references} references are not fetched" if references else ""
        say(f"{_files(len(manifest.files) - references)}, {sized(manifest.bytes)}, in {root}{left}")
    return 0


def put(
    lake: str | None,
    name: str,
    paths: Sequence[str],
    *,
    project: str | None,
    type: str,  # noqa: A002 the option's name
    aliases: Sequence[str],
    description: str | None,
    as_json: bool,
) -> int:
    """Make a version of files and folders, outside of any run."""
    store = open_store(lake or os.environ.get("LAKEBOARD_LAKE") or "lake")
    where, artifact = _split(name, project)
    if where is None:
        raise InvalidSetting(f"say whose {artifact!r} is: --project NAME, or PROJECT/{artifact}")
    check_project(where)
    for alias in aliases:
        check_alias(alias)
    draft = Draft(artifact=artifact, type=type, description=description)
    with _own_files():
        for path in paths:
            if Path(path).is_dir():
                draft.add_dir(path)
            else:
                draft.add_file(path)
    ensure_lake(store)
    total = sum(e.path.stat().st_size for e in draft.entries.values() if isinstance(e, LocalFile))
    bar = Progress("B", quiet=as_json)
    try:
        with _own_files():
            done = commit(
                store,
                where,
                draft,
                now_ms=_now_ms(),
                new_rand=lambda: secrets.token_hex(4),
                on_bytes=lambda sent: bar("sending", min(sent, total), total),
            )
    finally:
        bar.close()
    key = ManifestKey(where, artifact, done.manifest.head.version)
    for alias in aliases:
        _decide(store, key, "alias", arg=alias)
    if as_json:
        told = {"project": where, "artifact": artifact, "version": str(key.version), "new": done.is_new}
        _print_json({**told, "bytes": done.manifest.bytes, "uploaded": done.uploaded, "aliases": list(aliases)})
    elif done.is_new:
        what = f"{_files(len(done.manifest.files))}, {sized(done.manifest.bytes)}, {sized(done.uploaded)} sent"
        say(f"{where}/{artifact}:{key.version}: {what}")
    else:
        say(f"{where}/{artifact}:{key.version} has these very files; no other version was made")
    return 0


def verify(lake: str | None, name: str, *, project: str | None, as_json: bool) -> int:
    """Read every file of a version and compare it with its SHA-256; exit code 1 where one differs."""
    store = _open(lake)
    key, manifest, _ = _named(store, name, project)
    problems = list(verify_files(store, manifest))
    if as_json:
        for problem in problems:
            _print_json(asdict(problem))
        _print_json({"version": str(key.version), "files": len(manifest.files), "problems": len(problems)})
        return 1 if problems else 0
    for problem in problems:
        say(f"{problem.kind}: {problem.message}", file=sys.stderr)
    if not problems:
        what = f"{_files(len(manifest.files))}, {sized(manifest.bytes)}"
        say(f"{key.artifact}:{key.version}: {what}: all as they were stored")
    return 1 if problems else 0


def diff(lake: str | None, before: str, after: str, *, project: str | None, as_json: bool) -> int:
    """Print how the files of two versions differ; exit code 1 where they do, as diff has it."""
    store = _open(lake)
    found = difference(_named(store, before, project)[1], _named(store, after, project)[1])
    if as_json:
        _print_json(asdict(found))
    else:
        for sign, paths in (("+", found.added), ("-", found.removed), ("~", found.changed)):
            for path in paths:
                say(f"{sign} {path}")
    return 1 if found.added or found.removed or found.changed else 0


def alias(lake: str | None, name: str, alias: str, *, project: str | None, remove: bool) -> int:
    """Give a version an alias, which leaves whatever had it before; or take it off."""
    store = _open(lake)
    key, _, _ = _named(store, name, project)
    _decide(store, key, "unalias" if remove else "alias", arg=alias)
    say(f"{key.artifact}:{key.version} is {'no longer' if remove else 'now'} {key.artifact}:{alias}")
    return 0


def remove(lake: str | None, name: str, *, project: str | None, op: Op, yes: str | None, why: str | None) -> int:
    """Delete a version (it stays), restore it, or purge it for ever."""
    store = _open(lake)
    key, manifest, _ = _named(store, name, project)
    full = f"{key.artifact}:{key.version}"
    if op == "purge" and yes != full:
        raise InvalidSetting(
            f"purge removes {full} of {key.project} for ever ({sized(manifest.bytes)}, but what other versions name); "
            f"say so with --yes {full}"
        )
    _decide(store, key, op, why=why)
    after = {
        "delete": "deleted; lakeboard artifact restore brings it back",
        "restore": "restored",
        "purge": "purged; its bytes go with the first lakeboard tidy after 10 minutes",
    }
    say(f"{full} of {key.project} is {after[op]}")
    return 0


def _open(lake: str | None) -> Store:
    store = open_store(lake or os.environ.get("LAKEBOARD_LAKE") or "lake")
    if check_lake(store) is None:
        raise InvalidSetting(f"there is no lake at {store.url}; name one with --lake or LAKEBOARD_LAKE")
    return store


def _split(name: str, project: str | None) -> tuple[str | None, str]:
    """Project and the rest of `project/name:version`; names hold no slash."""
    where, slash, rest = name.rpartition("/")
    if slash and project is not None and where != project:
        raise InvalidSetting(f"{name!r} is of project {where!r}, --project says {project!r}; leave one of them out")
    return (where if slash else project), rest


def _named(store: Store, name: str, project: str | None) -> tuple[ManifestKey, Manifest, Shelf]:
    """The version that `name` means, in its project or in the only one of the lake."""
    where, rest = _split(name, project)
    if where is None:
        names = project_names(store)
        if len(names) != 1:
            there = ", ".join(names) or "none yet"
            raise InvalidSetting(f"say whose {rest!r} is: --project NAME, or PROJECT/{rest}; the lake has {there}")
        where = names[0]
    shelf = look(store, check_project(where))
    key = resolve(store, shelf, rest)
    return key, read_manifest(store, key), shelf


def _decide(store: Store, key: ManifestKey, op: Op, *, arg: str | None = None, why: str | None = None) -> None:
    newest = look(store, key.project).acts.newest
    put_act(
        store,
        key.project,
        op,
        key.artifact,
        key.version,
        arg=arg,
        editor=user_name(),
        why=why,
        now_ms=_now_ms(),
        seen=newest,
        rand=secrets.token_hex(4),
    )


@contextmanager
def _own_files() -> Iterator[None]:
    """Tell what is wrong with this machine's files as an error with its file, not as a crash."""
    try:
        yield
    except LakeboardError:
        raise
    except OSError as error:
        raise InvalidSetting(f"{error.filename or 'a file'}: {error.strerror or error}") from error


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _when(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M}"


def _cells(s: Summary) -> list[str]:
    name = s.artifact + (" (deleted)" if s.deleted else "")
    made = [_when(s.created_at), s.run_id or "", ", ".join(s.aliases)]
    return [s.project, name, str(s.version), s.type, f"{s.files:,}", sized(s.bytes), *made]


def _plain(summary: Summary) -> dict[str, Any]:
    return {**asdict(summary), "version": str(summary.version)}


def _print_json(value: dict[str, Any]) -> None:
    say(json.dumps(value))


def _files(count: int) -> str:
    return f"{count:,} file{'' if count == 1 else 's'}"
