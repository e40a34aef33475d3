"""Parsers of `lakeboard tail`, `wait`, `compare` and `export`. The acts are elsewhere."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any, Final

from .upkeep_cli import LAKE_HELP, Command

_UNITS: Final = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


def add_reading_commands(commands: Any, command: Command) -> None:
    """`tail`, `wait`, `compare`, `export`.

    Args:
        commands: where to add them.
        command: makes one: (commands, name, help, act, example).
    """
    tail = command(commands, "tail", "the last points of a run, and more as they come", _tail, "lakeboard tail RUN -f")
    _run(tail, "RUN")
    tail.add_argument("-f", "--follow", action="store_true", help="go on until the run has ended")
    tail.add_argument("-n", "--lines", type=_count, default=10, help="how many steps to begin with (default 10)")
    tail.add_argument("--metrics", help="only these, with commas between them")
    tail.add_argument("--every", type=seconds, default=2.0, metavar="TIME", help="look so often: 10, 1m (default 2)")
    tail.add_argument("--json", action="store_true", help="one JSON object a step")

    wait = command(
        commands,
        "wait",
        "until a run has ended, or reached something: exit code 0; 2 not, 3 no heartbeat, 4 out of time",
        _wait,
        "lakeboard wait RUN --until 'val/acc >= 0.9' --timeout 2h",
    )
    _run(wait, "RUN")
    wait.add_argument("--until", metavar="FILTER", help="not until it has ended, but until this holds for it")
    wait.add_argument("--timeout", type=seconds, metavar="TIME", help="give up after: 90, 30m, 2h (default never)")
    wait.add_argument("--every", type=seconds, default=5.0, metavar="TIME", help="look so often (default 5)")
    wait.add_argument("--json", action="store_true", help="one JSON object")

    compare = command(commands, "compare", "what differs between runs", _compare, "lakeboard compare A B C")
    compare.add_argument("runs", metavar="RUN", nargs="+", help="ids, or names that only one run has")
    compare.add_argument("--project", help="look in this project only")
    compare.add_argument("--lake", help=LAKE_HELP)
    compare.add_argument("--all", action="store_true", help="also what is the same in all of them")
    compare.add_argument("--json", action="store_true", help="one JSON object a line")

    export = command(
        commands,
        "export",
        "runs, or their points, as CSV or Parquet",
        _export,
        "lakeboard export digits points.parquet --points --where 'lr < 0.01'",
    )
    export.add_argument("project", help="which")
    export.add_argument("out", type=Path, metavar="FILE", help="NAME.csv or NAME.parquet")
    export.add_argument("--points", action="store_true", help="every point, instead of a row for each run")
    export.add_argument("--where", help="only runs for which this holds")
    export.add_argument("--metrics", help="with --points: only these, with commas between them")
    export.add_argument("--lake", help=LAKE_HELP)


def _run(parser: argparse.ArgumentParser, name: str) -> None:
    parser.add_argument("run", metavar=name, help="run id, or a name that only one run has")
    parser.add_argument("--project", help="look in this project only")
    parser.add_argument("--lake", help=LAKE_HELP)


def seconds(text: str) -> float:
    """`90`, `1.5m`, `2h` or `1d` in seconds.

    Raises:
        argparse.ArgumentTypeError: it is no such time, or none at all.
    """
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([smhd]?)", text.strip())
    if found is None or float(found[1]) <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 90, 30m or 2h")
    return float(found[1]) * _UNITS[found[2]]


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of lines")
    return int(text)


def _tail(options: argparse.Namespace) -> int:
    from .following import tail

    return tail(
        options.lake,
        options.run,
        project=options.project,
        metrics=_names(options.metrics),
        lines=options.lines,
        follow=options.follow,
        every=options.every,
        as_json=options.json,
    )


def _wait(options: argparse.Namespace) -> int:
    from .following import wait

    return wait(
        options.lake,
        options.run,
        project=options.project,
        until=options.until,
        timeout=options.timeout,
        every=options.every,
        as_json=options.json,
    )


def _compare(options: argparse.Namespace) -> int:
    from .reading_commands import compare

    return compare(options.lake, options.runs, project=options.project, everything=options.all, as_json=options.json)


def _export(options: argparse.Namespace) -> int:
    from .reading_commands import export

    return export(
        options.lake,
        options.project,
        options.out,
        points=options.points,
        where=options.where,
        metrics=_names(options.metrics),
    )


def _names(text: str | None) -> list[str] | None:
    return None if text is None else [name.strip() for name in text.split(",") if name.strip()]
