"""What the page on leaderboards and the format's part on boards say is what happens."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any, get_args

import pytest

import lakeboard
from lakeboard.cli import build_parser
from lakeboard.query.boards.definition import ENTRIES, Combine, Counts, Definition, Measure, Missing, Pool
from lakeboard.query.boards.records import RECORD_SCHEMA
from lakeboard.schema.errors import UnknownBoard

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "leaderboards.md").read_text(encoding="utf-8")
FORMAT = (DOCS / "format.md").read_text(encoding="utf-8").partition("## Boards")[2].partition("\n## ")[0]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the page's code leaves behind, run in order."""
    url = str(tmp_path_factory.mktemp("docs") / "lake")
    for name, lr, base in (("a", 1, 0.5), ("b", 2, 0.3), ("resnet18", 3, 0.2)):
        with lakeboard.init("vision", name=name, lake=url, config={"lr": lr, "seed": 1}, quiet=True) as run:
            for step, up in enumerate((0.0, 0.2, 0.1)):
                for dataset in ("cifar10", "svhn"):
                    # The last test value is the best one, and not the one that validation selects.
                    run.log({"val/acc": base + up, "test/acc": base + step / 10}, step=step, dataset=dataset)
    found: dict[str, Any] = {"lake": lakeboard.open(url)}
    blocks = re.findall(r"```python\n(.*?)\n```", PAGE, re.DOTALL)
    assert len(blocks) == 4
    for block in blocks:
        exec(block, found)
    return found


def test_the_page_makes_a_board(names: dict[str, Any]) -> None:
    assert names["made"].frame.select("rank", "entry", "value:test/acc [svhn]").rows() == [
        (1, "lr=1", 0.6), (2, "lr=2", 0.4), (None, "resnet18", pytest.approx(0.3)),
    ]  # fmt: skip
    assert names["saved"].slug == "vision-cup"


def test_the_page_deletes_and_restores(names: dict[str, Any]) -> None:
    history = names["lake"].board_history("vision-cup")
    assert [(each.deleted, each.editor) for each in history] == [(False, "ann"), (True, "ben"), (False, "ann")]


def test_the_page_looks_back(names: dict[str, Any]) -> None:
    assert names["then"].frame.height == 0
    assert [note.kind for note in names["then"].notes if note.kind == "as of"] == ["as of"]


def test_the_page_tells_records(names: dict[str, Any]) -> None:
    assert names["line"].columns == list(RECORD_SCHEMA)
    assert names["line"].select("name", "value").rows() == [("a", 0.6)]


def test_its_commands_parse() -> None:
    commands = re.findall(r"`lakeboard (boards [^`>]+?)(?: >[^`]*)?`", PAGE)
    assert len(commands) >= 3
    for command in commands:
        assert hasattr(build_parser().parse_args(command.split()), "act")


def test_every_choice_is_told() -> None:
    for choice in (*get_args(Combine), *get_args(Missing), *get_args(Counts)):
        assert f"`{choice}`" in PAGE or f'counts="{choice}"' in PAGE, choice
        assert f"`{choice}`" in FORMAT, choice
    for choice in (*ENTRIES, *get_args(Pool)):
        assert f"`{choice}`" in FORMAT


def test_the_format_names_every_field_and_its_default() -> None:
    told = dict(re.findall(r"^\| (`[^|]+`) \|.*\| ([^|]+) \|$", FORMAT, re.MULTILINE))
    fields = {name: default for names, default in told.items() for name in re.findall(r"`(\w+)`", names)}
    own = {each.name: each.default for each in dataclasses.fields(Definition)} | {"editor": None, "deleted": False}
    assert set(fields) == set(own) - {"unknown"}
    for name, default in own.items():
        plain = {(): "`[]`", "": '`""', None: ("null", "absent"), False: "false"}
        if isinstance(default, (str, tuple, type(None), bool)) and name != "unknown":
            wanted = plain.get(default, f"`{default}`")
            assert fields[name].startswith(wanted), name
    for each in dataclasses.fields(Measure):
        assert each.name == "unknown" or f"`{each.name}`" in FORMAT


def test_an_unknown_board_is_an_error_of_the_public_names() -> None:
    assert lakeboard.UnknownBoard is UnknownBoard
