"""What the command line does to keep a lake tidy: tidy, fsck, du, sync, purge."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from .commands import find_run, open_for_reading
from .logger.origin import user_name
from .printing import Progress, print_columns, say
from .schema.errors import AccessDenied, InvalidSetting
from .schema.keys import project_prefix
from .schema.problems import Problem, problem_of
from .schema.sizes import sized
from .schema.values import json_safe
from .store.format import check_lake
from .store.opening import open_limited, open_store
from .upkeep.artifacts.tidy import FilesTidied, tidy_files
from .upkeep.clock import store_now
from .upkeep.fsck import fsck
from .upkeep.leaks import find_leaks
from .upkeep.listing import project_names
from .upkeep.purge import is_meant, purge_now, tombstones
from .upkeep.sync import sync
from .upkeep.telling import told, told_files
from .upkeep.tidy import Done, Look, execute_all, look_at, plan_tidy
from .upkeep.uploads import abort_upload, find_uploads
from .upkeep.usage import Usage, by_project, lake_usage

if TYPE_CHECKING:
    from .query.lake import Lake
    from .store.base import Store


def tidy(
    lake: str | None, project: str | None, *, silent_hours: float, min_singles: int, dry_run: bool, as_json: bool
) -> int:
    """Pack, end writers that never came back, remove what was purged; exit code 1 where something was left alone."""
    store = _open(lake)
    silent = timedelta(hours=silent_hours)
    # Nothing is decided in a dry run, so that this machine's clock will do.
    now = datetime.now(UTC) if dry_run else store_now(store, rand=secrets.token_hex(8))
    names = project_names(store) if project is None else [_known(store, project)]
    problems: list[Problem] = []
    count = 0
    for name in names:
        try:
            seen = look_at(store, name)
        except AccessDenied as error:
            if project is not None:
                raise
            problems.append(problem_of(project_prefix("runs", name), error))
            continue
        problems += seen.problems
        tasks = plan_tidy(seen, now=now, silent=silent, min_singles=min_singles)
        done: Iterable[Done] = (Done(task, None) for task in tasks)
        if not dry_run:
            done = execute_all(store, tasks, now=now, silent=silent)
        for one in done:
            count += 1
            problems += getattr(one.result, "problems", ())
            if one.error is not None:
                problems.append(Problem(project_prefix("live", name), "unreachable", one.error))
            if as_json:
                _print_json({"task": type(one.task).__name__.lower(), **_plain(one.task), "done": _plain(one.result)})
            else:
                say(told(one.task, None if dry_run else one.result, planned=dry_run))
        files = _tidy_files(store, seen, now=now, dry_run=dry_run, as_json=as_json)
        problems += files.collected.problems
        count += not files.is_idle
    if project is None:
        count += _abort_uploads(store, now=now, dry_run=dry_run, as_json=as_json)
    problems = sorted(set(problems))
    _print_findings(problems, as_json=as_json)
    if not count and not as_json:
        say(f"{store.url} is tidy: {len(names)} projects, nothing to do")
    return 1 if problems else 0


def _tidy_files(store: Store, seen: Look, *, now: datetime, dry_run: bool, as_json: bool) -> FilesTidied:
    """Collect a project's files that no version of an artifact names."""
    project = seen.listing.project
    purged = tombstones(seen.listing.edits, seen.edits)
    now_ms, rand = time.time_ns() // 1_000_000, secrets.token_hex(4)
    done = tidy_files(store, project, purged_runs=purged, now=now, now_ms=now_ms, rand=rand, dry_run=dry_run)
    if as_json and not done.is_idle:
        told = {"purged": [k.path for k in done.purged], "kept": [k.path for k in done.kept]}
        told |= {"abandoned": [k.path for k in done.collected.abandoned], "objects": list(done.collected.deleted)}
        _print_json({"task": "collect", "project": project, **told, "freed": done.collected.freed, "done": not dry_run})
        return done
    for line in told_files(project, done, planned=dry_run):
        say(line)
    return done


def _purge_files(store: Store, project: str, run_ids: Sequence[str]) -> None:
    """Purge what runs made, but what an alias or another run names, and remove the bytes at once."""
    now, rand = store_now(store, rand=secrets.token_hex(8)), secrets.token_hex(4)
    # These purges are younger than `now`: nothing waits for its age.
    done = tidy_files(
        store,
        project,
        purged_runs=run_ids,
        now=now,
        now_ms=time.time_ns() // 1_000_000,
        rand=rand,
        grace=-timedelta(days=1),
    )
    for line in told_files(project, done):
        say(line)
    _print_findings(done.collected.problems, as_json=False)


def _abort_uploads(store: Store, *, now: datetime, dry_run: bool, as_json: bool) -> int:
    """Abort uploads in parts that nobody ends any more; how many there are."""
    found = find_uploads(store, now=now)
    if found.error is not None:
        say(f"uploads that never ended were not looked for: {found.error}", file=sys.stderr)
    for upload in found.abandoned:
        if not dry_run:
            abort_upload(store, upload)
        if as_json:
            _print_json({"task": "abort", "key": upload.key, "begun": upload.begun.isoformat(), "done": not dry_run})
        else:
            act = "would abort" if dry_run else "aborted"
            say(f"{act} the upload of {upload.key}, begun {upload.begun:%Y-%m-%d} and never ended")
    return len(found.abandoned)


def check(lake: str | None, *, repair: bool, quick: bool, artifacts: bool = False, as_json: bool) -> int:
    """Check every object of a lake; exit code 1 where something is wrong."""
    store = _open(lake)
    bar = Progress("B", quiet=as_json)
    try:
        now = store_now(store, rand=secrets.token_hex(8))
    except AccessDenied:
        if repair:
            raise
        # Only to tell what is old; with nothing written, nothing can go wrong by it.
        now = datetime.now(UTC)
    report = fsck(
        store,
        now=now,
        repair=repair,
        quick=quick,
        artifacts=artifacts,
        progress=lambda done, total: bar("reading", done, total),
    )
    bar.close()
    _print_findings(report.problems, as_json=as_json)
    if as_json:
        _print_json(
            {
                "objects": report.objects,
                "bytes": report.bytes,
                "problems": len(report.problems),
                "put": report.put,
                "deleted": report.deleted,
            }
        )
        return 1 if report.problems else 0
    for what, keys in (("put", report.put), ("removed", report.deleted)):
        for key in keys:
            say(f"{what} {key}")
    told = f"{report.objects:,} objects, {sized(report.bytes)} in {store.url}"
    repairable = sum(f.repair is not None for f in report.problems)
    if not report.problems:
        say(f"{told}: {'all is well now' if report.put or report.deleted else 'all is well'}")
    else:
        hint = f"; lakeboard fsck --repair puts {repairable} right" if repairable and not repair else ""
        say(f"{told}: {_counted(len(report.problems), 'problem')}{hint}")
    return 1 if report.problems else 0


def check_secrets(lake: str | None, *, as_json: bool) -> int:
    """Name every field that holds what looks like a secret, never the secret; exit code 1 where there is any."""
    store = _open(lake)
    bar = Progress("B", quiet=as_json)
    leaks = find_leaks(store, progress=lambda done, total: bar("reading", done, total))
    bar.close()
    for leak in leaks.found:
        if as_json:
            _print_json(_plain(leak))
        else:
            kinds = ", ".join(leak.kinds)
            say(f"{leak.key}: run {leak.run_id} of {leak.project}: {leak.field} ({kinds})", file=sys.stderr)
    for key in leaks.unread:
        say(f"{key} could not be read; lakeboard fsck says why", file=sys.stderr)
    told = f"{_counted(leaks.objects, 'object')}, {sized(leaks.bytes)} of run rows and tails in {store.url}"
    if as_json:
        _print_json({**_plain(leaks), "found": len(leaks.found)})
    elif leaks.found:
        say(
            f"{told}: {_counted(len(leaks.found), 'field')} with what looks like a secret. Change these secrets first: "
            "who reads the lake has them. lakeboard purge RUN --now removes a run for ever"
        )
    else:
        say(f"{told}: no secrets found")
    return 1 if leaks.found or leaks.unread else 0


def du(lake: str | None, project: str | None, *, runs: bool, price: float, as_json: bool) -> int:
    """Print what a lake takes up and costs."""
    store = _open(lake)
    if project is not None:
        _known(store, project)
    found = lake_usage(store, project)
    shown = found if runs or project is not None else by_project(found)
    if as_json:
        for part in shown:
            _print_json({**_plain(part), "dollars_a_month": part.monthly(price)})
        return 0
    everything = Usage(None, None, sum(p.objects for p in shown), sum(p.bytes for p in shown))
    with_runs = shown is found
    names = ["project", *(["run"] if with_runs else []), "objects", "size", "$ a month"]
    rows = [
        [
            part.project or "(none)",
            *([part.run_id or "(shared)"] if with_runs else []),
            f"{part.objects:,}",
            sized(part.bytes),
            _dollars(part.monthly(price)),
        ]
        for part in shown
    ]
    print_columns(names, rows)
    say(
        f"{everything.objects:,} objects, {sized(everything.bytes)}, ${_dollars(everything.monthly(price))} a month "
        f"at ${price:g} for 2**30 bytes (--price)"
    )
    return 0


def copy(source: str, target: str, project: str | None, *, as_json: bool) -> int:
    """Copy what `target` lacks; exit code 1 where something could not be copied."""
    ours, theirs = open_store(source), open_store(target)
    bar = Progress("objects", quiet=as_json)
    try:
        done = sync(ours, theirs, project=project, progress=bar)
    finally:
        bar.close()
    _print_findings(done.problems, as_json=as_json)
    if as_json:
        _print_json({k: v for k, v in _plain(done).items() if k != "problems"})
    else:
        say(f"copied {_counted(done.copied, 'object')}, {sized(done.bytes)}, from {ours.url} to {theirs.url}")
        if done.different:
            say(
                f"{_counted(done.different, 'object')} of one name differ in size and stay as they are: "
                f"lakeboard fsck --lake {theirs.url} tells whether any is damaged"
            )
        for name in done.moving:
            say(f"{name} moved all the time; run it again for the newest of it", file=sys.stderr)
    return 1 if done.problems or done.moving else 0


def purge(
    lake: str | None, runs: Sequence[str], *, project: str | None, trash: bool, yes: str | None, now: bool
) -> int:
    """Remove runs for ever, after the name of the one, or the number of several, was given once more."""
    opened = open_for_reading(lake)
    where, run_ids = _doomed(opened, runs, project=project, trash=trash)
    if not run_ids:
        say(f"the trash of {where} is empty")
        return 0
    names = {run_id: opened.run(where, run_id).row.name or run_id for run_id in run_ids}
    size = sum(u.bytes for u in lake_usage(opened.store, where) if u.run_id in names)
    only = run_ids[0] if len(run_ids) == 1 else None
    what = f"{names[only]} ({only})" if only else _counted(len(run_ids), "run")
    if yes is None:
        asked = repr(names[only]) if only else f"{len(run_ids)} or {where}"
        if not sys.stdin.isatty():
            raise InvalidSetting(f"purge removes {what} of {where} for ever; say so with --yes {asked}")
        if not only:
            print_columns(["run", "name"], [[run_id, names[run_id]] for run_id in run_ids])
        say(f"This removes {what} of {where} for ever, {sized(size)}, with all points, notes and files.")
        yes = input(f"Type {'its name' if only else 'their number or the project'} ({asked}) to go on: ")
    if not is_meant(yes, project=where, names=names):
        meant = f"the name of run {only}, which is {names[only]!r}" if only else f"{len(run_ids)} or {where!r}"
        raise InvalidSetting(f"{yes!r} is not {meant}; nothing was done")
    opened.edit(where, run_ids, "purge", editor=user_name())
    if now:
        done = purge_now(opened.store, where, run_ids)
        say(f"purged {what} of {where}: {_counted(done.objects, 'object')}, {sized(done.freed)} freed")
        _purge_files(opened.store, where, run_ids)
    else:
        say(
            f"purged {what} of {where}: no reader shows {'it' if only else 'them'} any more; {sized(size)} go with "
            "the first lakeboard tidy after 10 minutes (or at once with --now)"
        )
    return 0


def _doomed(opened: Lake, runs: Sequence[str], *, project: str | None, trash: bool) -> tuple[str, list[str]]:
    """The project and the runs that a purge means."""
    if trash:
        if runs or project is None:
            raise InvalidSetting("purge --trash takes --project and no run: it means every deleted run of a project")
        found = opened.runs(project, deleted=True, columns=[])
        return project, found.filter(found["deleted"])["run_id"].to_list()
    if not runs:
        raise InvalidSetting("purge needs a run, or --trash with --project for every deleted run of a project")
    hits = [find_run(opened, run, project) for run in runs]
    projects = sorted({where for where, _ in hits})
    if len(projects) > 1:
        raise InvalidSetting(f"these runs are of several projects ({', '.join(projects)}); purge them one by one")
    return projects[0], list(dict.fromkeys(run_id for _, run_id in hits))


def _open(lake: str | None) -> Store:
    store = open_limited(lake or os.environ.get("LAKEBOARD_LAKE") or "lake")
    if check_lake(store) is None and not store.list_dirs(""):
        raise InvalidSetting(f"there is no lake at {store.url}; name one with --lake or LAKEBOARD_LAKE")
    return store


def _known(store: Store, project: str) -> str:
    names = project_names(store)
    if project not in names:
        raise InvalidSetting(f"lake {store.url} has no project {project!r}; it has {', '.join(names) or 'none yet'}")
    return project


def _print_findings(problems: Iterable[Problem], *, as_json: bool) -> None:
    for problem in problems:
        if as_json:
            _print_json(_plain(problem))
        else:
            say(f"{problem.kind}: {problem.message}", file=sys.stderr)


def _print_json(value: dict[str, Any]) -> None:
    say(json.dumps(json_safe(value)))


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {k: _plain(v) for k, v in asdict(value).items()}
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return value


def _dollars(amount: float) -> str:
    return f"{amount:,.2f}" if amount >= 0.01 or not amount else f"{amount:.2g}"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
