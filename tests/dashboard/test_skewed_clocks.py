"""One run, decided about from three machines whose clocks disagree by hours: the last act wins, and all is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import lakeboard
from lakeboard.dashboard.feed import feed
from lakeboard.query.lake import Lake, open_lake
from lakeboard.store.local import LocalStore
from tests.dashboard.driver import Screen

LATE = """
import json, sys
from datetime import UTC, datetime, timedelta
from functools import partialmethod
from lakeboard.cli import main
from lakeboard.query.lake import Lake
Lake.__init__ = partialmethod(Lake.__init__, wall=lambda: datetime.now(UTC) - timedelta(hours=1))
for command in json.loads(sys.argv[1]):
    assert main(command) == 0, command
    print("\\x1e", end="")
"""


def behind(lake: str, *commands: list[str]) -> list[str]:
    """What the command line prints, command by command, on a machine whose clock is an hour behind."""
    script = [sys.executable, "-c", LATE, json.dumps([[*command, "--lake", lake] for command in commands])]
    done = subprocess.run(script, env={**os.environ, "USER": "ben"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\x1e")[:-1]


def shown(lake: str) -> tuple[str, list[str], bool]:
    (row,) = open_lake(lake).runs("digits", where='run_id = "r1"', deleted=True).iter_rows(named=True)
    return row["name"], row["tags"], row["deleted"]


def test_the_last_act_wins_whatever_the_clocks_say_and_history_tells_all(screen: Screen, lake: str) -> None:
    ahead = Lake(LocalStore(lake), wall=lambda: datetime.now(UTC) + timedelta(hours=1))
    ahead.rename("digits", "r1", "by the API", editor="ada")
    ahead.tag("digits", ["r1"], "paper", editor="ada")
    ahead.delete("digits", ["r1"], editor="ada")
    assert shown(lake) == ("by the API", ["paper"], True)

    behind(lake, ["rename", "r1", "by the command line"], ["tag", "paper", "r1", "--remove"], ["restore", "r1"])
    assert shown(lake) == ("by the command line", [], False)

    screen.open("run", project="digits", run="r1")
    next(each for each in screen.at.text_input if each.label == "Name").set_value("by the screen")
    next(each for each in screen.at.button if each.label == "Save").click().run()
    screen.checked()
    assert shown(lake)[0] == "by the screen"

    # And back again: whoever sees the last act comes after it.
    rename, history, show = ["rename", "r1", "after all"], ["history", "r1", "--json"], ["show", "r1"]
    _, acts, plain, text = behind(lake, rename, history, [*show, "--json"], show)
    assert shown(lake) == ("after all", [], False)

    told = [json.loads(line) for line in acts.splitlines()]
    assert [(act["op"], act["arg"]) for act in told] == [
        ("rename", "by the API"), ("tag", "paper"), ("delete", None), ("rename", "by the command line"),
        ("untag", "paper"), ("restore", None), ("rename", "by the screen"), ("rename", "after all"),
    ]  # fmt: skip
    assert [act["editor"] for act in told[:3]] == ["ada"] * 3
    assert all(act["editor"] == told[3]["editor"] is not None for act in (*told[3:6], told[7]))
    assert [act["at"] for act in told] == sorted(act["at"] for act in told)
    assert json.loads(plain)["history"] == [
        {name: act[name] for name in ("at", "run_id", "editor", "op", "arg")} for act in told
    ]
    assert "deleted" in text
    assert "renamed 'after all'" in text
    # A page asks the lake again in a few seconds; not before.
    feed.feed().forget_all()
    screen = Screen().open("run", project="digits", run="r1", tab="history")
    rows = [row["cells"][1:] for row in screen.data("run.history")["rows"]]
    assert rows[0] == [told[7]["editor"], "renamed it to after all"]
    assert rows[-1] == ["ada", "renamed it to by the API"]
    assert len(rows) == 8


def test_the_history_of_a_purged_run_stays(lake: str) -> None:
    lakeboard.open(lake).rename("digits", "r1", "gone", editor="ada")
    _, out = behind(lake, ["purge", "r1", "--yes", "gone", "--now"], ["history", "r1"])
    assert out.splitlines()[2].endswith("ada  renamed 'gone'")
    assert out.splitlines()[-1].endswith("purged")
