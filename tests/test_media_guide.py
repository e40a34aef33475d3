"""docs/media.md: its code runs, and does what the page says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import lakeboard
from tests.checkout import ROOT

DOC = (ROOT / "docs/media.md").read_text()


def test_the_guide_runs_and_shows_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", DOC, re.DOTALL | re.MULTILINE):
        exec(block, names)
    frame = lakeboard.open().media("digits")
    assert frame.group_by("key").len().sort("key").rows() == [("errors", 1), ("val/confusion", 3), ("val/samples", 9)]
    assert frame.filter(key="errors")["step"].to_list() == [3]
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1:3] + line.split()[-2:-1] for line in lines] == [["2", str(n), "image/png"] for n in range(3)]
    layers = json.loads(names["image"].encode().layers)
    assert layers["boxes"]["predictions"] == [{"box": [0.1, 0.1, 0.6, 0.9], "label": "cat", "score": 0.9}]
    assert layers["masks"]["truth"]["labels"]["1"][0] == "road"


def test_every_class_of_the_guide_is_public_and_none_is_missing() -> None:
    table = re.findall(r"`(\w+)\(", "".join(line for line in DOC.splitlines(keepends=True) if line.startswith("| `")))
    told = {name for name in table if name != "add_data"}
    assert told <= set(lakeboard.__all__)
    assert {"Image", "Figure", "Plotly", "Table", "Histogram", "Audio", "Video", "Html", "Text", "Json"} <= told
