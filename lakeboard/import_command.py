"""What `lakeboard import SOURCE` does and says: runs of other trackers into a lake."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import time
from collections import Counter
from typing import Any

from .importers.detect import open_source
from .importers.everything import Failed, Skipped, import_all
from .importers.source import SourceUnreadable
from .importers.write import Imported
from .printing import say
from .schema.errors import InvalidSetting
from .store.opening import open_store


def run_import(options: argparse.Namespace) -> int:
    """Import, and tell what became of each run as it comes; exit code 1 where one could not be."""
    store = open_store(options.lake or os.environ.get("LAKEBOARD_LAKE") or "lake")
    source = open_source(options.source, kind=options.kind, now_ms=_now_ms)
    told: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    projects: set[str] = set()
    try:
        found = import_all(
            store,
            source,
            project=options.project,
            since_ms=options.since,
            deleted=options.deleted,
            ended_only=options.ended_only,
            with_files=not options.no_artifacts,
            dry_run=options.dry_run,
            now_ms=_now_ms,
            new_rand=lambda: secrets.token_hex(4),
        )
        for project, result in found:
            projects.add(project)
            _count(told, left_out, result)
            if options.json:
                say(json.dumps(_plain(project, result)))
            elif line := _line(project, result, dry_run=options.dry_run):
                say(line)
    except SourceUnreadable as error:
        raise InvalidSetting(str(error)) from error
    if not options.json:
        _tell(told, left_out, projects, store.url, dry_run=options.dry_run)
    return 1 if told["failed"] else 0


def _count(told: Counter[str], left_out: Counter[str], result: Imported | Failed | Skipped) -> None:
    if isinstance(result, Imported):
        told["runs"] += 1
        told["new runs"] += result.is_new
        told["grown"] += result.changed and not result.is_new
        told["points"] += result.points
        told["new"] += result.new
        told["files"] += result.files
        told["media"] += result.media
        left_out.update(result.run.left_out)
    else:
        told["failed" if isinstance(result, Failed) else result.why] += 1


def _line(project: str, result: Imported | Failed | Skipped, *, dry_run: bool) -> str | None:
    run = result.run
    name = run.name or run.source_id
    if isinstance(result, Failed):
        return f"{project}: {name} ({run.source_id}) is not imported: {result.why}"
    if isinstance(result, Skipped) or not (result.changed or result.notes):
        return None
    would = "would get " if dry_run else ""
    what = f"{project}: {name}: {would}{result.new:,} of {result.points:,} points"
    what += f", {result.media:,} pictures and texts" if result.media else ""
    what += f", {result.files:,} file{'' if result.files == 1 else 's'}" if result.files else ""
    return "\n  ".join([what, *result.notes])


def _tell(told: Counter[str], left_out: Counter[str], projects: set[str], url: str, *, dry_run: bool) -> None:
    if not told:
        say("no runs")
        return
    verb = "would be imported" if dry_run else "imported"
    same = told["runs"] - told["new runs"] - told["grown"]
    say(
        f"{_runs(told['new runs'])} {verb}, {told['grown']:,} grew, {same:,} unchanged: {told['new']:,} new points of "
        f"{told['points']:,}, in {len(projects):,} project{'' if len(projects) == 1 else 's'} of {url}"
    )
    for why in ("deleted", "running", "older"):
        if told[why]:
            flag = {"deleted": "; --deleted brings them", "running": "", "older": ""}[why]
            say(f"{_runs(told[why])} left out: {why}{flag}")
    for what, count in sorted(left_out.items()):
        say(f"not imported: {count:,} {what}")
    if told["failed"]:
        say(f"{_runs(told['failed'])} could not be imported; see above", file=sys.stderr)


def _plain(project: str, result: Imported | Failed | Skipped) -> dict[str, Any]:
    run = result.run
    out: dict[str, Any] = {"project": project, "run_id": run.run_id, "source_id": run.source_id, "name": run.name}
    if isinstance(result, Imported):
        state = "new" if result.is_new else "grown" if result.changed else "unchanged"
        out |= {"state": state, "points": result.points, "new": result.new, "media": result.media}
        out |= {"files": result.files, "notes": list(result.notes), "left_out": dict(run.left_out)}
    else:
        out |= {"state": "failed" if isinstance(result, Failed) else "left out", "why": result.why}
    return out


def _runs(count: int) -> str:
    return f"{count:,} run{'' if count == 1 else 's'}"


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
