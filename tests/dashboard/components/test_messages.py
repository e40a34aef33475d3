"""What pages send is what the scripts say that they are given: every message of every page, checked by the compiler."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

import lakeboard
from lakeboard.schema.logs.keys import LogKey
from lakeboard.store.local import LocalStore
from tests.checkout import ROOT
from tests.dashboard import lake as lakes
from tests.dashboard.components.node import run as run_node
from tests.dashboard.components.node import tool
from tests.dashboard.driver import Screen
from tests.query.lakes import Writer, loss

BROWSER = ROOT / "dashboard/components/browser"
NOTE = (
    "# Plan\n\n- [x] *one* `two`\n\n"
    "| a | b |\n|---|---|\n| [c](https://example.org) | ![d](https://example.org/e.png) |\n"
)
VIEWS: tuple[tuple[str, dict[str, str | list[str]]], ...] = (
    ("", {}),
    ("leaderboard", {}),
    ("leaderboard", {"tool": "history"}),
    ("runs", {}),
    ("runs", {"filter": "lr <"}),
    ("runs", {"group": "model"}),
    ("curves", {"runs": ["r0", "r8"]}),
    ("curves", {"group": ["model"]}),
    ("compare", {}),
    ("compare", {"part": "scatter", "x": "params.model"}),
    ("compare", {"part": "correlation"}),
    ("compare", {"part": "media", "runs": ["pictured", "noted"]}),
    ("run", {"run": "noted"}),
    ("run", {"run": "noted", "tab": "console"}),
    ("run", {"run": "pictured", "tab": "media"}),
    ("artifacts", {}),
    ("artifacts", {"artifact": "files"}),
    ("lake", {}),
    ("trash", {}),
)


@pytest.mark.slow
def test_every_message_has_its_declared_type(tmp_path: Path, lake: str) -> None:
    compiler = tool("tsc")
    Writer(LocalStore(lake), lakes.PROJECT, "noted", fields={"notes": NOTE}, config={"net.width": 1}).start().log(
        loss(3)
    ).finish()
    key = LogKey(lakes.PROJECT, "noted", "w001-00000001", 100_000, 100_000)
    LocalStore(lake).put(key.path, b"printed\n" * 12_500)
    with lakeboard.init(project=lakes.PROJECT, id="pictured", lake=lake, quiet=True) as run:
        run.log({"samples": [lakeboard.Text("x", caption="one"), lakeboard.Text("y")], "report": lakeboard.Json([1])})
        (tmp_path / "a.txt").write_text("x", encoding="utf-8")
        run.log_artifact(tmp_path / "a.txt", name="files", wait=True)
    sent: dict[str, set[str]] = defaultdict(set)
    for page, params in VIEWS:
        for name, data in Screen().open(page, **params).messages():
            sent[name.removeprefix("lakeboard_")].add(data)
    # The picker is drawn once its menu opens.
    assert set(sent) | {"column_picker"} == {path.parent.name for path in BROWSER.glob("*/message.js")}
    lines = []
    for name, messages in sent.items():
        kind = f"{name.title().replace('_', '')}Data"
        lines.append(f'/** @import {{ {kind} }} from "{BROWSER}/{name}/message.js" */')
        lines += [f"/** @type {{{kind}}} */\nexport const {name}{n} = {data};" for n, data in enumerate(messages)]
    check(compiler, tmp_path, "\n".join(lines))
    with pytest.raises(AssertionError, match="Type 'string' is not assignable to type 'number'"):
        check(compiler, tmp_path, "\n".join(lines).replace('"height": 232', '"height": "232"'))


def check(compiler: str, folder: Path, text: str) -> None:
    """Compile a script that declares messages by their types."""
    (folder / "sent.js").write_text(text, encoding="utf-8")
    options = {
        "extends": str(ROOT / "tsconfig.json"),
        "include": [str(folder / "sent.js")],
        "compilerOptions": {"types": []},
    }
    (folder / "tsconfig.json").write_text(json.dumps(options), encoding="utf-8")
    run_node([compiler, "-p", str(folder)])
