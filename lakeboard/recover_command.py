"""`lakeboard recover`: what it takes, and what it says."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .printing import say
from .schema.errors import DamagedObject, InvalidSetting
from .schema.text.jsontext import loads
from .schema.values import json_safe
from .store.opening import open_store
from .upkeep.host import SILENT_SECONDS
from .upkeep.recover import recover_host
from .upkeep.recovered import Recovered, said_elsewhere
from .upkeep.spooldir import spool_roots


def recover(options: argparse.Namespace) -> int:
    """Send what killed or offline jobs left on this machine; exit code 1 where some could not be sent.

    With `--accept-loss` a spool with points that are nowhere else is set aside once all others are sent, and that is
    no failure. Spools of other hosts are sent once they were silent for `--silent-hours`, or at once with
    `--other-hosts`; until then they are named, and that is none, either.
    """
    spool: str | None = options.spool
    if spool is not None and not Path(spool).expanduser().is_dir():
        raise InvalidSetting(f"--spool {spool!r} is not a folder; without it, the usual places are searched")
    roots = [Path(spool).expanduser()] if spool is not None else spool_roots(os.environ)
    given = parse_options(options.storage_option)
    # As a spool tells it: absolute, and without a slash at its end.
    lake = None if options.lake is None else open_store(options.lake, options=given or None).url
    where = f" --spool {shlex.quote(spool)}" if spool is not None else ""
    left: list[Recovered] = []

    def tell(done: Recovered) -> None:
        if options.json:
            say(json.dumps(json_safe({name: getattr(done, name) for name in Recovered.__dataclass_fields__})))
        elif done.elsewhere is not None:
            left.append(done)
        elif done.error is not None:
            say(f"{done.folder}: {done.error}", file=sys.stderr)
            if done.lost is not None:
                say(
                    f"  to send what there is and be done with it: lakeboard recover --accept-loss{where}",
                    file=sys.stderr,
                )
        else:
            say(_told(done))
        for sentence in () if options.json else done.refused:
            say(f"  {sentence}", file=sys.stderr)

    done = recover_host(
        roots,
        only_lake=lake,
        only_project=options.project,
        options=given or None,
        progress=tell,
        accept_loss=options.accept_loss,
        others_after=0.0 if options.other_hosts else options.silent_hours * 3600.0,
    )
    if left:
        say(f"{said_elsewhere(left)}: lakeboard recover --other-hosts{where}", file=sys.stderr)
    if not done and not options.json:
        of = "".join(f" of {each}" for each in (options.project, lake) if each is not None)
        say(f"nothing{of} to recover in {', '.join(str(r) for r in roots)}")
    return 1 if any(d.error is not None for d in done) else 0


def _told(done: Recovered) -> str:
    if done.aside is None:
        return (
            f"{done.run_id} of {done.project}: {done.status}, {done.rows:,} points in {done.lake} "
            f"({done.sent:,} of them sent now){_with_artifacts(done)}"
        )
    sent = f"{done.rows:,} points in {done.lake} ({done.sent:,} of them sent now)" if done.run_id else "nothing sent"
    return f"{done.run_id or done.folder.name}: {sent}; lost: {done.lost}. The spool is kept as {done.aside}"


def _with_artifacts(done: Recovered) -> str:
    versions = f"{done.artifacts:,} version{'' if done.artifacts == 1 else 's'}"
    return f", and {versions} of artifacts" if done.artifacts else ""


def parse_options(given: Sequence[str]) -> dict[str, Any]:
    """Storage options of `NAME=VALUE` each: a dot goes inside (`client_kwargs.region_name=eu-1`), JSON is read as such.

    Raises:
        InvalidSetting: no name, or an option that is both a value and holds others.
    """
    out: dict[str, Any] = {}
    for each in given:
        path, equals, text = each.partition("=")
        names = path.split(".")
        if not equals or not all(names):
            raise InvalidSetting(f"--storage-option {each!r} must be NAME=VALUE, as in endpoint_url=https://minio:9000")
        try:
            value = loads(text, key="--storage-option")
        except DamagedObject:
            # The usual case: plain text.
            value = text
        inside: Any = out
        for name in names[:-1]:
            inside = inside.setdefault(name, {})
            if not isinstance(inside, dict):
                raise InvalidSetting(f"--storage-option {path!r}: {name!r} is a value already and can't hold others")
        if isinstance(inside.get(names[-1]), Mapping) and not isinstance(value, Mapping):
            raise InvalidSetting(f"--storage-option {path!r} holds others already and can't be a value")
        inside[names[-1]] = value
    return out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `lakeboard recover` takes."""
    parser.add_argument("--spool", help="folder of spools (default: LAKEBOARD_SPOOL, else where init puts them)")
    parser.add_argument("--lake", help="only what belongs into this lake, a folder or URL (default: whatever there is)")
    parser.add_argument("--project", help="only what is of this project")
    parser.add_argument(
        "--storage-option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an option for the store, such as endpoint_url=https://minio:9000; may be given several times. What init "
        "was given and is no secret is in the spool; keys are read from the environment",
    )
    parser.add_argument(
        "--other-hosts",
        action="store_true",
        help="where hosts share the folder: send the others' spools, too, whenever they were last written to. Only "
        "when no job runs there any more: a living one would be told as crashed",
    )
    parser.add_argument(
        "--silent-hours",
        type=_hours,
        default=SILENT_SECONDS / 3600,
        help="a spool of another host that was not written to for so long is a dead job's (default 1; a living one is "
        "touched every minute)",
    )
    parser.add_argument(
        "--accept-loss",
        action="store_true",
        help="where points of a spool are lost, send all others and set the spool aside instead of trying for ever",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _hours(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number of hours, 0 or more")
    return number
