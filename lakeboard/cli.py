"""The command line: `lakeboard demo | ui | ls | show | …`. Parses; the acts are elsewhere."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence

from . import __version__
from .artifact_cli import add_artifact_commands
from .boards_cli import add_boards_commands
from .import_cli import add_import_command
from .media_cli import add_media_commands
from .reading_cli import add_reading_commands
from .recover_command import add_arguments as add_recover_arguments
from .schema.errors import LakeboardError
from .schema.text.printable import printable
from .upkeep_cli import LAKE_HELP, add_edit_commands, add_upkeep_commands


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0 done, 1 could not be done, 2 wrong usage, 130 Ctrl-C.

    Args:
        arguments: as after the program's name; default those of this process.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that can't show a letter shows its number.
            stream.reconfigure(errors="backslashreplace")
    parser = build_parser()
    options = parser.parse_args(arguments)
    if not hasattr(options, "act"):
        parser.print_help()
        return 2
    try:
        act: Callable[[argparse.Namespace], int] = options.act
        return act(options)
    except LakeboardError as error:
        print(f"lakeboard: {printable(str(error), lines=True)}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as error:
        extra = _extra_of(error.name or "")
        if extra is None:
            raise
        print(f'lakeboard: this needs {error.name}: pip install "lakeboard[{extra}]"', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of a pipe (head, less) has seen enough. Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def build_parser() -> argparse.ArgumentParser:
    """The parser with all commands; every command has a help text with an example."""
    parser = argparse.ArgumentParser(
        prog="lakeboard",
        description="Experiment tracking without a server: a folder or a bucket is the tracker.",
        epilog="start with:  lakeboard demo",
    )
    parser.add_argument("--version", action="version", version=f"lakeboard {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    demo = _command(
        commands, "demo", "train real models and watch them arrive", _demo, "lakeboard demo --lake s3://bucket/demo"
    )
    demo.add_argument("--lake", help="folder or URL to fill (default: LAKEBOARD_LAKE, else ./lake)")
    demo.add_argument("--no-ui", action="store_true", help="train and exit, without the dashboard")
    demo.add_argument("--seeds", type=_positive, default=3, help="how many seeds of each config (default 3)")
    demo.add_argument("--processes", type=_positive, default=2, help="how many trainings at once (default 2)")
    demo.add_argument("--port", type=_port, default=8501, help="first port to try for the dashboard (default 8501)")
    demo.add_argument("--no-browser", action="store_true", help="do not open a browser")

    ui = _command(commands, "ui", "open the dashboard", _ui, "lakeboard ui --lake s3://bucket/lake")
    ui.add_argument("--lake", help=LAKE_HELP)
    ui.add_argument("--port", type=_port, default=8501, help="first port to try (default 8501)")
    ui.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1, this machine only)")
    ui.add_argument("--no-browser", action="store_true", help="do not open a browser")

    ls = _command(
        commands, "ls", "list projects, or a project's runs", _ls, 'lakeboard ls digits --where "val/acc > 0.9"'
    )
    ls.add_argument("project", nargs="?", help="list this project's runs; without it, the projects")
    ls.add_argument("--lake", help=LAKE_HELP)
    ls.add_argument("--where", help='filter, such as: lr < 1e-3 and model = "resnet" and val/acc > 0.9')
    ls.add_argument("--sort", help="column to sort by, such as val/acc; with a leading - from high to low")
    ls.add_argument("--limit", type=_positive, default=50, help="how many runs to show (default 50)")
    ls.add_argument("--deleted", action="store_true", help="deleted runs too")
    ls.add_argument("--json", action="store_true", help="one JSON object a line, all columns, no limit")

    show = _command(
        commands, "show", "everything about one run", _show, "lakeboard show brisk-otter-417 --console --lines 50"
    )
    show.add_argument("run", help="run id, or a name that only one run has")
    show.add_argument("--lake", help=LAKE_HELP)
    show.add_argument("--project", help="look in this project only")
    show.add_argument("--console", action="store_true", help="what it printed: the last lines")
    show.add_argument("--lines", type=_positive, default=200, help="with --console: how many lines (default 200)")
    show.add_argument("--all", action="store_true", help="with --console: all lines")
    show.add_argument("--writer", help="with --console: of this process of the run (default the newest)")
    show.add_argument("--json", action="store_true", help="one JSON object; with --console one a line")

    history = _command(
        commands, "history", "who decided what about runs, and when", _history, "lakeboard history --project digits"
    )
    history.add_argument("run", nargs="?", help="run id or name, the id also of a purged run; without it, all runs")
    history.add_argument("--lake", help=LAKE_HELP)
    history.add_argument("--project", help="this project only")
    history.add_argument("--json", action="store_true", help="one JSON object a line")

    add_reading_commands(commands, _command)
    add_boards_commands(commands, _command)
    add_media_commands(commands, _command)
    add_artifact_commands(commands, _command)
    add_import_command(commands, _command)
    add_edit_commands(commands, _command)

    recover = _command(
        commands, "recover", "send what killed or offline jobs left on this machine", _recover, "lakeboard recover"
    )
    add_recover_arguments(recover)

    add_upkeep_commands(commands, _command)
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    text: str,
    act: Callable[[argparse.Namespace], int],
    example: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=text,
        description=text[0].upper() + text[1:] + ".",
        epilog=f"example:  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(act=act)
    return parser


def _positive(text: str) -> int:
    number = _whole(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} must be 1 or more")
    return number


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number") from None


def _port(text: str) -> int:
    number = _whole(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{text} must be between 1 and 65535")
    return number


def _extra_of(module: str) -> str | None:
    extras = {
        "polars": "query",
        "numpy": "query",
        "tsdownsample": "query",
        "streamlit": "dashboard",
        "plotly": "dashboard",
        "starlette": "dashboard",
        "sklearn": "demo",
        "tqdm": "demo",
        "s3fs": "s3",
    }
    return extras.get(module.partition(".")[0])


# The acts are imported when they are called: `lakeboard --version` needs none of them.


def _demo(options: argparse.Namespace) -> int:
    from .demo import demo

    return demo(
        options.lake,
        ui=not options.no_ui,
        seeds=options.seeds,
        processes=options.processes,
        port=options.port,
        open_browser=not options.no_browser,
    )


def _ui(options: argparse.Namespace) -> int:
    from .demo import ui

    return ui(options.lake, host=options.host, port=options.port, open_browser=not options.no_browser)


def _ls(options: argparse.Namespace) -> int:
    from .commands import list_projects, list_runs

    if options.project is None:
        return list_projects(options.lake, as_json=options.json)
    return list_runs(
        options.lake,
        options.project,
        where=options.where,
        sort=options.sort,
        limit=options.limit,
        deleted=options.deleted,
        as_json=options.json,
    )


def _show(options: argparse.Namespace) -> int:
    if options.console:
        from .console_command import show_console

        return show_console(
            options.lake,
            options.run,
            project=options.project,
            writer=options.writer,
            lines=None if options.all else options.lines,
            as_json=options.json,
        )
    from .commands import show_run

    return show_run(options.lake, options.run, project=options.project, as_json=options.json)


def _history(options: argparse.Namespace) -> int:
    from .commands import show_history

    return show_history(options.lake, options.run, project=options.project, as_json=options.json)


def _recover(options: argparse.Namespace) -> int:
    from .recover_command import recover

    return recover(options)


if __name__ == "__main__":
    raise SystemExit(main())
