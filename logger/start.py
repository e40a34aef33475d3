"""`lakeboard.init`: begin a run, or resume one."""

from __future__ import annotations

import builtins
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, Literal
from uuid import UUID

from ..schema.errors import InvalidSetting, LakeboardError, UnknownRun
from ..schema.ids import new_run_id, new_run_name
from ..schema.keys import attempt_of
from ..schema.run.row import NEXT, RunRow
from ..schema.values import brief
from ..store.opening import open_store
from ..upkeep.inspect import RunState, run_state
from ..upkeep.recover import recover_host
from ..upkeep.recovered import said_elsewhere
from ..upkeep.spooldir import parse_spool
from .carrier import new_writer, now_ms
from .console import Console
from .disabled import DisabledRun
from .ending import End
from .inputs.arguments import (
    dataset_given,
    notes_given,
    project_given,
    run_id_given,
    tag_values_given,
    tags_given,
    text_given,
)
from .inputs.config import config_items
from .inputs.keywords import answer
from .origin import git_state, host_name, process_env, script_folder, user_name
from .process import PROCESS
from .ref import RunRef
from .registry import Frame, Reinit
from .run import Run
from .settings import SYSTEM_SECONDS, Settings, resolve

Resume = bool | Literal["allow", "must", "never"] | None
_TOLD_OTHERS: Final[list[str]] = []
"""Not empty once other hosts' spools were named in this process."""
RESUME_SECONDS: Final = 30.0
"""How long the start of a resumed run may send what an earlier attempt left on this host."""
_BEGINNERS: Final = 16
"""Of so many functions that called one another it is remembered that they began a run."""
_REINIT: Final[Mapping[object, Reinit | None]] = {
    None: None,
    True: "finish_previous",
    False: "return_previous",
    "default": None,
    "finish_previous": "finish_previous",
    "return_previous": "return_previous",
    "create_new": "create_new",
}
"""What `reinit=` may be, in W&B's words."""


def init(
    project: str = "default",
    name: str | None = None,
    config: Mapping[str, Any] | None = None,
    *,
    group: str | None = None,
    tags: Iterable[str] | Mapping[str, object] = (),
    job_type: str | None = None,
    dataset: str | None = None,
    notes: str | None = None,
    id: str | UUID | None = None,
    resume: Resume = None,
    resume_step: int | None = None,
    parent_run_id: str | UUID | None = None,
    reinit: bool | Reinit | None = None,
    lake: str | os.PathLike[str] | None = None,
    mode: str | None = None,
    storage_options: Mapping[str, Any] | None = None,
    flush_seconds: float | None = None,
    finish_seconds: float = 30.0,
    spool_cap_bytes: int = 1_000_000_000,
    quiet: bool = False,
    console: bool | None = None,
    system: float | None = SYSTEM_SECONDS,
    **others: Any,
) -> Run:
    """Begin a run and make it the current one of this thread or task.

    Returns at once: the lake is told by a background thread, and a lake that can't be reached stops nothing.
    Takes about a second at most, for importing pyarrow and the store's library.

    Any number of runs may be open in a process. What the same thread, task or notebook began before, without `with`,
    and did not finish, ends first, aloud, unless it is a parent of the new run: its status is then `ended`, since
    nobody said how it went. Runs of other threads and tasks, and those of `with` blocks, are left alone.

    Args:
        project: what the run belongs to. Names, ids and tags that can't be stored are mended, aloud.
        name: what people call it; a readable one is made up. Need not be unique.
        config: params: a dict, dataclass, Namespace, OmegaConf, pydantic model, or whatever has fields; nested ones
            flatten to dotted names. Secrets are redacted; what is too large for a run's row is cut, aloud.
        group: what it belongs to with others, such as one sweep.
        tags: labels; or a dict of tags with values, as `set_tag` gives.
        job_type: such as `train` or `eval`.
        dataset: what its metrics are measured on, where `log` does not say.
        notes: free text, Markdown.
        id: the run id, for runs of several processes or resumes; made up by default. Several processes with one
            id are writers of one run. Ids begin with a letter: `r-` is put before a uuid that does not.
        resume: "must": the run exists and goes on (a new attempt); "allow" or True: it goes on if it exists;
            "never": it must not exist. These ask the lake before returning, and the first two send what a killed
            attempt left on this machine (for 30 s at most; the rest follows); None does neither.
        resume_step: with resume: points of earlier attempts at this step or later are hidden.
        parent_run_id: the run that this one belongs under. It is not ended by the new one, nor are its own parents.
        reinit: what becomes of the run that this thread or task has open. "finish_previous" (or True) ends it, those
            begun with "create_new" too; "return_previous" (or False) returns the current run, if there is one, and
            begins none; "create_new" ends nothing, and `lakeboard.log` stays with the run that is the current one,
            but within `with`. Default: as told above.
        lake: folder or URL; default `LAKEBOARD_LAKE`, else `./lake`.
        mode: "online", "offline" (only spool; send later with `lakeboard recover`) or "disabled" (do nothing);
            default `LAKEBOARD_MODE`, else online.
        storage_options: for fsspec, such as `{"endpoint_url": ...}`.
        flush_seconds: longest time between flushes; default 5 on a file system, 30 on an object store.
        finish_seconds: how long the end may wait for the store.
        spool_cap_bytes: from this size of unsent points on, further ones are dropped and counted.
        quiet: print nothing but trouble.
        console: keep what the program prints (`lake.console`, the run's page). Default `LAKEBOARD_CONSOLE`, else yes
            in scripts, no at a prompt and in notebooks.
        system: seconds between samples of the machine (`system/cpu`, `system/gpu/0/util` ...), where psutil is
            installed (`lakeboard[system]`); None (or `LAKEBOARD_SYSTEM=0`) for none. Of several ranks on a host the
            first alone takes them.
        **others: none. Keywords of other trackers (`entity=`, `dir=`, `run_name=` ...) are named on the console and
            passed over.

    Raises:
        InvalidName: an id that is neither text nor a number, or tags that are no list.
        InvalidSetting: an argument or environment variable that makes no sense, or a keyword that nobody has.
        UnknownRun: `resume="must"`, and neither the lake nor this machine has such a run.
    """
    passed_over = answer(others, _OWN)
    settings = resolve(
        lake=lake,
        mode=mode,
        env=os.environ,
        storage_options=storage_options,
        spool_cap_bytes=spool_cap_bytes,
        flush_seconds=flush_seconds,
        finish_seconds=finish_seconds,
        quiet=quiet,
        console=console,
        system=system,
    )
    # Unhashable things are no words either.
    if not isinstance(reinit, (bool, str, type(None))) or reinit not in _REINIT:
        raise InvalidSetting(
            f'reinit={brief(reinit)} is unknown; use "finish_previous", "return_previous", "create_new" or None'
        )
    way = _REINIT[reinit]
    talk = Console(quiet=quiet)
    # A run that keeps nothing has nothing to say either.
    warn = (lambda said: None) if settings.mode == "disabled" else talk.warn
    if passed_over is not None:
        warn(passed_over)
    project = project_given(project, warn)
    name, group, job_type = (
        text_given(text, what, warn) for what, text in (("name", name), ("group", group), ("job_type", job_type))
    )
    dataset = dataset_given(dataset, warn)
    asked = id
    id = run_id_given(id, "id", warn)
    parent_run_id = run_id_given(parent_run_id, "parent_run_id", warn)
    if id is None and asked is not None and resume in (True, "allow"):
        resume = None
    _check_resume(id, resume, resume_step)
    params = config_items(config, warn=warn)
    if params is None:
        raise InvalidSetting(f"config must be a dict (or a dataclass or Namespace), got {brief(config)}")
    plain_tags: tuple[str, ...] = ()
    tag_values: dict[str, str] = {}
    if isinstance(tags, Mapping):
        tag_values = tag_values_given(tags, warn)
    else:
        plain_tags = tags_given(tags, warn)
    current = PROCESS.run
    if way == "return_previous" and current is not None:
        talk.say(f"run {current.name} is open and goes on, reinit={reinit!r}; no other one begins")
        return current
    now = now_ms()
    run_id = id or new_run_id(now, secrets.token_bytes(4))
    row = RunRow(
        run_id=run_id,
        writer=new_writer(1),
        name=name,
        group=group,
        job_type=job_type,
        dataset=dataset,
        notes=notes_given(notes),
        tags=plain_tags,
        tag_values=tag_values,
        parent_run_id=parent_run_id,
        resume_step=resume_step,
    )
    if way != "create_new":
        _end_previous(parent_run_id, way, talk)
    beside, frames = way == "create_new", _beginners()
    if settings.mode == "disabled":
        run: Run = DisabledRun(settings, project, row, params, keeper=PROCESS)
        PROCESS.adopt(run, frames=frames, beside=beside)
        return run
    state = _resumed(settings, project, run_id, resume, talk)
    fields: dict[str, Any] = {
        "user": user_name(),
        "host": host_name(),
        "created_at": now,
        "started_at": now,
        "updated_at": now,
        "env": process_env(sys.argv, os.environ, sys.modules),
    }
    if state.attempt > 1:
        fields |= {"writer": new_writer(state.attempt), "attempt": state.attempt}
    # A rank or a resume that gives no name must not rename the run: its first writer named it.
    if name is None and (state.attempt == 1 and id is None):
        fields["name"] = new_run_name(secrets.token_bytes(4))
    row = replace(row, **fields)
    run = Run(
        settings,
        project,
        row,
        params,
        console=talk,
        keeper=PROCESS,
        first_step=_first_step(state, resume_step),
        prepare=partial(_capture_git, settings),
        after_start=partial(_recover_earlier, settings),
    )
    PROCESS.adopt(run, frames=frames, beside=beside, system_seconds=settings.system)
    offline = ", offline" if settings.mode == "offline" else ""
    attempt = f", attempt {state.attempt}" if state.attempt > 1 else ""
    talk.say(
        f"run {run.name} ({run.id}{attempt}{offline}) of {project} in {run.lake} - look: lakeboard ui --lake {run.lake}"
    )
    return run


_OWN: Final = init.__code__.co_varnames[: init.__code__.co_argcount + init.__code__.co_kwonlyargcount]
"""The keywords of `init`."""


def attach(ref: RunRef, *, finished: bool = False) -> Run:
    """The run of a reference: the open one of this process, else one whose first `log` begins a writer of it.

    Args:
        ref: which.
        finished: it had ended when the reference was taken; nothing is written to it.
    """
    found = PROCESS.registry.find(ref.lake, ref.project, ref.id)
    if found is not None and not finished:
        return found
    settings = resolve(
        lake=ref.lake,
        mode=ref.mode,
        env=os.environ,
        storage_options=ref.options,
        spool_cap_bytes=ref.spool_cap_bytes,
        flush_seconds=ref.flush_seconds,
        finish_seconds=ref.finish_seconds,
        quiet=True,
        console=ref.console,
    )
    row = RunRow(ref.id, new_writer(ref.attempt), attempt=ref.attempt, host=host_name())
    if ref.mode == "disabled":
        run: Run = DisabledRun(settings, ref.project, row, {}, keeper=PROCESS)
    else:
        run = Run(
            settings,
            ref.project,
            row,
            {},
            console=Console(quiet=True),
            keeper=PROCESS,
            first_step=ref.step,
            lake=ref.lake,
        )
    if finished:
        run.end(End())
    else:
        PROCESS.adopt(run, foreign=True)
    return run


def _beginners() -> list[Frame]:
    """The frames of those who asked this package for a run, the innermost first."""
    out: list[Frame] = []
    frame = sys._getframe(1)  # noqa: SLF001 - the one way to look at the stack without importing inspect
    while frame is not None and len(out) < _BEGINNERS:
        if str(frame.f_globals.get("__name__", "")).partition(".")[0] != "lakeboard":
            # Not the frame itself: it would keep everything that it holds.
            out.append((builtins.id(frame), frame.f_code))
        frame = frame.f_back  # type: ignore[assignment]
    return out


def _check_resume(run_id: str | None, resume: Resume, resume_step: int | None) -> None:
    if resume not in (None, True, False, "allow", "must", "never"):
        raise InvalidSetting(f'resume={resume!r} is unknown; use "allow", "must", "never" or None')
    if resume in (True, "allow", "must") and run_id is None:
        raise InvalidSetting(f"resume={resume!r} needs the id= of the run to resume")
    if resume_step is None:
        return
    whole = isinstance(resume_step, int) and not isinstance(resume_step, bool) and -(2**63) <= resume_step < 2**63
    if not whole or resume in (None, False, "never"):
        raise InvalidSetting(f"resume_step={brief(resume_step)} must be a 64-bit integer and go with resume=")


def _end_previous(parent_run_id: str | None, way: Reinit | None, console: Console) -> None:
    for run in PROCESS.registry.previous(parent_run_id=parent_run_id, reinit=way):
        console.say(
            f'run {run.name} was still open and ends before the next one, as "ended": '
            "finish() or `with` would say how it went"
        )
        run.end(End("ended", closed_by=NEXT))


def _resumed(settings: Settings, project: str, run_id: str, resume: Resume, console: Console) -> RunState:
    if resume in (None, False):
        return RunState()
    earlier = 0
    try:
        store = open_store(settings.lake, options=settings.storage_options or None)
        if resume != "never" and settings.mode != "offline":
            earlier = _left_here(settings, store.url, project, run_id)
        found = run_state(store, project, run_id)
    except LakeboardError as error:
        if resume == "must":
            raise
        attempt = max(1, earlier) + 1
        console.warn(f"can't look up earlier attempts of run {run_id} ({error}); this one counts as number {attempt}")
        return RunState(attempt=attempt)
    if found is None and earlier:
        # Its points are on this machine alone as yet, perhaps because the lake is not to be had for long.
        return RunState(attempt=earlier + 1)
    if found is None:
        if resume == "must":
            raise UnknownRun(f"run {run_id!r} of project {project!r} is not in {settings.lake}, so it can't be resumed")
        return RunState()
    if resume == "never":
        raise InvalidSetting(f'run {run_id!r} of project {project!r} exists already, and resume="never"')
    return RunState(attempt=max(found.attempt, earlier) + 1, last_step=found.last_step)


def _left_here(settings: Settings, lake: str, project: str, run_id: str) -> int:
    """Send what killed attempts at a run left on this host, since the lake may not know yet how far they came.

    Begins nothing new after `RESUME_SECONDS`. Returns the highest attempt among those that could not be sent; 0 where
    there is none. Attempts that still live are left alone.
    """
    until = time.monotonic() + RESUME_SECONDS
    done = recover_host(
        settings.spool_roots,
        only_runs={run_id},
        only_lake=lake,
        options=settings.storage_options or None,
        stop=lambda: time.monotonic() > until,
    )
    left = [
        parse_spool(each.folder.name)
        for each in done
        if (each.error is not None or each.elsewhere is not None) and each.project in (project, None)
    ]
    return max((attempt_of(found[1]) for found in left if found is not None), default=0)


def _first_step(state: RunState, resume_step: int | None) -> int:
    if resume_step is not None:
        return resume_step - 1
    return state.last_step if state.last_step is not None else -1


def _capture_git(settings: Settings, run: Run) -> None:
    found = git_state(script_folder(sys.argv), diff=settings.git_diff)
    if found:
        run.update_env(found)


def _recover_earlier(settings: Settings, run: Run, stop: Callable[[], bool]) -> None:
    """Send what killed runs of this lake left on this host; failures are for `lakeboard recover` to tell.

    What other hosts write to a folder that is shared is left alone, and named once in a process.
    """
    done = recover_host(settings.spool_roots, only_lake=run.lake, options=settings.storage_options or None, stop=stop)
    others = [each for each in done if each.elsewhere is not None]
    if others and not _TOLD_OTHERS:
        _TOLD_OTHERS.append(run.lake)
        Console(quiet=settings.quiet).say(f"{said_elsewhere(others)}: {settings.recover_command} --other-hosts")
