from __future__ import annotations

import time
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image as Pillow

from lakeboard import Image, Json, Table, Text
from lakeboard.logger.buffer import Buffer
from lakeboard.logger.media import queue as queues
from lakeboard.logger.media.queue import MediaQueue
from lakeboard.logger.media.taking import take_media
from lakeboard.schema.media.rows import MediaRow


class Logged:
    """A buffer with its queue, and what it said."""

    def __init__(self, now: float = 5.0) -> None:
        self.said: list[str] = []
        self.media = MediaQueue(lambda message, about: self.buffer.complain(message, about), now=lambda: now)
        self.buffer = Buffer(complain=self.said.append, hurry=lambda: None, now=lambda: now, media=self.media)

    def log(self, metrics: Any, step: Any = None, dataset: Any = None, **how: Any) -> None:
        if how:
            how = {"timestamp": None, "aside": False, "hold": False, **how}
            self.buffer.append_as(metrics, step, dataset, **how)
        else:
            self.buffer.append(metrics, step, dataset)

    def rows(self) -> list[MediaRow]:
        self.media.encode(60)
        return self.media.take()

    def points(self) -> list[tuple[tuple[str, ...], list[int], list[float]]]:
        return [(g.names, list(g.steps), list(g.values)) for g in self.buffer.take()[0] if g.calls]


def test_media_are_taken_out_of_a_call_and_numbers_stay_at_the_same_step() -> None:
    logged = Logged()
    logged.log({"val": {"acc": 0.9, "samples": [Text("a"), Text("b", caption="two")]}, "note": Text("c")})
    rows = logged.rows()
    assert [(r.key, r.step, r.index, r.text, r.caption, r.timestamp) for r in rows] == [
        ("val/samples", 0, 0, "a", None, 5_000),
        ("val/samples", 0, 1, "b", "two", 5_000),
        ("note", 0, 0, "c", None, 5_000),
    ]
    assert logged.points() == [(("val/acc",), [0], [0.9])]
    assert logged.said == []


def test_a_call_of_media_alone_has_a_step_of_its_own() -> None:
    logged = Logged()
    logged.log({"loss": 1.0})
    logged.log({"a": Text("x")})
    logged.log({"loss": 2.0})
    logged.log({"a": Text("late")}, step=-7)
    logged.log({"a": Text("far")}, step=2**63 - 1)
    assert [r.step for r in logged.rows()] == [1, -7, 2**63 - 1]
    assert logged.points()[0][1] == [0, 2]
    assert logged.buffer.step == 2**63 - 1


def test_steps_that_are_held_or_aside_hold_for_media_too() -> None:
    logged = Logged()
    logged.log({"a": Text("x")}, hold=True)
    logged.log({"loss": 1.0})
    logged.log({"a": Text("y")}, step=900, aside=True)
    logged.log({"a": Text("z")}, timestamp=2.5, dataset="test")
    assert [(r.step, r.timestamp, r.dataset) for r in logged.rows()] == [
        (0, 5_000, None), (900, 5_000, None), (1, 2_500, "test"),
    ]  # fmt: skip


def test_foreign_pictures_and_figures_are_taken_as_they_are_and_tables_as_they_were() -> None:
    table = Table(columns=["a"])
    rest, media = take_media(
        {"pil": [Pillow.new("L", (2, 2))], "plot": go.Figure(), "t": table, "loss": 1, "list": [1, 2], "none": []}
    )
    table.add_data(1)
    # A list of nothing is nothing.
    assert rest == {"loss": 1, "list": [1, 2]}
    assert {key: [each.kind for each in items] for key, items in media.items()} == {
        "pil": ["image"], "plot": ["plotly"], "t": ["table"],
    }  # fmt: skip
    assert media["t"][0].encode().text == '{"columns":["a"],"data":[]}'
    numbers = {"loss": 1, "nested": {"a": 2}}
    assert take_media(numbers)[0] is numbers


def test_one_bad_item_costs_itself_and_one_warning() -> None:
    logged = Logged()

    class Odd(Json):
        def encode(self) -> Any:
            raise RuntimeError("foreign\ncode")

    for _ in range(3):
        logged.log({"a": [Image(np.zeros((2, 2), np.uint8)), Image("/nowhere.png"), Odd(1)], "b\n": Text("x")})
    assert [(r.index, r.step) for r in logged.rows()] == [(0, 0), (0, 1), (0, 2)]
    assert logged.buffer.refused == 9
    assert len(logged.said) == 3
    assert logged.said[0].startswith("media name 'b\\n' contains line breaks")
    assert logged.said[1].startswith("media 'a': the Image names a picture '/nowhere.png', which can't be read")
    assert logged.said[2] == "media 'a': the Odd could not be encoded (RuntimeError: foreign code); it is left out"


def test_in_a_list_of_pictures_arrays_are_pictures_and_other_things_are_told() -> None:
    logged = Logged()
    logged.log({"a": [Image(np.zeros((2, 2), np.uint8)), np.zeros((3, 3), np.uint8), "cat"]})
    assert [(r.index, r.width) for r in logged.rows()] == [(0, 2), (1, 3)]
    assert logged.said == [("media 'a': an item names a picture 'cat', which can't be read "
                           "([Errno 2] No such file or directory: 'cat'); it is left out")]  # fmt: skip


def test_a_caption_of_a_megabyte_is_cut_and_told() -> None:
    logged = Logged()
    logged.log({"a": Text("x", caption="é" * 1_000_000)})
    (row,) = logged.rows()
    assert row.caption == "é" * 999 + "…"
    assert "a caption of 1,000,000 characters is cut at 1,000" in logged.said[0]


def test_texts_of_more_than_a_megabyte_are_bytes_for_a_file() -> None:
    logged = Logged()
    logged.log({"a": Text("x" * 1_000_001), "b": Text("x" * 1_000_000)})
    large, small = logged.rows()
    assert (large.text, len(large.data or b""), large.size) == (None, 1_000_001, 1_000_001)
    assert (small.data, small.size) == (None, 1_000_000)


def test_what_waits_for_its_encoding_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "WAITING_BYTES", 10_000)
    logged = Logged()
    logged.log({"a": [Image(np.zeros((40, 100), np.uint8)) for _ in range(10_000)]})
    assert len(logged.rows()) == 2
    assert logged.buffer.refused == 9_998
    assert "wait to be encoded; further ones are dropped and counted" in logged.said[0]
    logged.media.refuse("the lake is away")
    logged.log({"a": Text("x")})
    assert logged.media.left == 0
    logged.media.refuse("")
    logged.log({"a": Text("x")})
    assert len(logged.rows()) == 1


def test_encoding_stops_after_its_time_and_goes_on() -> None:
    logged = Logged()
    logged.log({"a": [Text(str(n)) for n in range(3)]})
    logged.media.encode(0)
    assert [r.text for r in logged.media.take()] == ["0"]
    assert logged.media.left == 2
    assert logged.media.drop() == 2
    assert not logged.media.waits


def test_a_call_with_a_picture_copies_it_in_microseconds() -> None:
    logged = Logged()
    picture = np.random.default_rng(0).integers(0, 256, (256, 256, 3), np.uint8)
    taken = []
    for _ in range(60):
        start = time.perf_counter()
        logged.log({"a": Image(picture)})
        taken.append(time.perf_counter() - start)
        # The background has taken it away; encoding would leave this thread's caches cold.
        logged.media.drop()
    assert sorted(taken)[5] < 50e-6
