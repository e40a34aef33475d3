from __future__ import annotations

import io
import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lakeboard
from lakeboard import Audio, Figure, Histogram, Html, Json, Plotly, Table, Text, Video
from lakeboard.logger.media.taking import as_media
from lakeboard.schema.errors import InvalidValue

MP4 = b"\x00\x00\x00\x20ftypisom" + bytes(40)


def said(item: Any) -> Any:
    return json.loads(item.encode().text)


@pytest.mark.parametrize(
    "source",
    [
        pl.DataFrame({"n": [1, 2], "t": ["a", None]}),
        pa.table({"n": [1, 2], "t": ["a", None]}),
        {"n": [1, 2], "t": ["a", None]},
        [{"n": 1, "t": "a"}, {"n": 2}],
    ],
)
def test_a_table_is_the_same_from_whatever_it_was_made(source: Any) -> None:
    assert said(Table(source)) == {"columns": ["n", "t"], "data": [[1, "a"], [2, None]]}


def test_a_table_of_rows_takes_its_columns_and_more_rows() -> None:
    table = Table(columns=["step", "loss"])
    table.add_data(1, float("nan"))
    then = table.copied()
    table.add_data(2, np.float32(0.5))
    assert said(table) == {"columns": ["step", "loss"], "data": [[1, "NaN"], [2, 0.5]]}
    assert said(then)["data"] == [[1, "NaN"]]
    assert said(Table(np.array([[1, 2], [3, 4]]), columns=["a", "b"]))["data"] == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: Table([[1]]), "without names of columns"),
        (lambda: Table([[1, 2], [3]], columns=["a", "b"]), "2 columns with a row of 1 values"),
        (lambda: Table({"a": [1], "b": [1, 2]}), r"columns have \[1, 2\] values"),
        (lambda: Table("text"), "pass a frame"),
        (lambda: Table([1, 2], columns=["a"]), "a row is a list of values"),
        (lambda: Histogram([]), "none of them finite"),
        (lambda: Histogram([float("nan")]), "none of them finite"),
        (lambda: Histogram([1.0], bins=0), "bins=0"),
        (lambda: Histogram(["a"]), "no number"),
        (lambda: Histogram(), "neither values nor both edges and counts"),
        (lambda: Histogram(edges=[1, 2], counts=[1, 2]), "2 edges and 2 counts"),
        (lambda: Histogram([-1e308, 1e308]), "between which no 64 bins fit"),
        (lambda: Audio(np.zeros(3)), "sample_rate=None"),
        (lambda: Audio(np.zeros((3, 99)), sample_rate=8_000), r"shape \(3, 99\)"),
        (lambda: Audio(np.zeros(3, np.int64), sample_rate=8_000), "pass floats of -1 to 1"),
        (lambda: Audio(b"no sound"), "no WAV, MP3, OGG or FLAC"),
        (lambda: Video(np.zeros((3, 4, 4, 3))), "write it to an MP4 file first"),
        (lambda: Video(b"no film"), "no MP4, WebM or GIF"),
        (lambda: Figure(7), "pass a figure of matplotlib"),
        (lambda: Plotly({"layout": {}}), "a dict with data and layout"),
        (lambda: Html(7), "pass a page of HTML"),
        (lambda: Html("missing.html"), "can't be read"),
    ],
)
def test_what_is_wrong_is_said_when_it_is_encoded_and_never_before(make: Any, why: str) -> None:
    item = make()
    assert item.nbytes >= 0
    with pytest.raises(InvalidValue, match=why):
        item.encode()


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200), st.integers(1, 20))
def test_a_histogram_counts_every_value_once_as_numpy_does(values: list[float], bins: int) -> None:
    try:
        found = said(Histogram(np.array(values), bins=bins))
    except InvalidValue:
        assert max(values) - min(values) < 1e-300
        return
    counts, edges = np.histogram(values, bins=bins)
    assert sum(found["counts"]) == len(values)
    assert found["edges"] == pytest.approx(edges.tolist(), rel=1e-9, abs=1e-9)
    # A value that lies on an edge but for the last bit may be counted to either side.
    assert np.abs(np.cumsum(found["counts"]) - np.cumsum(counts)).max() <= max(1, len(values) - len(set(values)) + 2)


def test_a_histogram_of_ready_counts_and_of_values_that_are_not_finite() -> None:
    assert said(Histogram(edges=[0, 1, 2.5], counts=[3, 4])) == {"edges": [0, 1, 2.5], "counts": [3, 4]}
    found = said(Histogram([0, 1, 1, float("inf"), float("nan")], bins=2))
    assert found == {"edges": [0, 0.5, 1], "counts": [1, 2], "not_finite": 2}
    assert said(Histogram([5, 5], bins=2)) == {"edges": [4.5, 5.0, 5.5], "counts": [0, 2]}


def test_samples_become_a_wav_of_sixteen_bits() -> None:
    left, right = np.array([0.0, 0.5, -1.0]), np.array([1.0, 0.0, 0.0])
    encoded = Audio(np.stack([left, right], axis=1), sample_rate=8_000, caption="two").encode()
    with wave.open(io.BytesIO(encoded.data or b"")) as found:
        assert (found.getnchannels(), found.getframerate(), found.getnframes()) == (2, 8_000, 3)
        words = np.frombuffer(found.readframes(3), "<i2").reshape(3, 2)
    assert words.tolist() == [[0, 32767], [16384, 0], [-32767, 0]]
    loud = Audio(np.array([2.0]), sample_rate=1).encode()
    assert loud.notes == ("has samples from 2 to 2, cut at -1 and 1; divide them by their largest",)


def test_files_of_sounds_and_films_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(MP4)
    film = Video(tmp_path / "a.mp4").encode()
    assert (film.data, film.media_type) == (MP4, "video/mp4")
    sound = Audio(b"ID3\x04rest").encode()
    assert (sound.data, sound.media_type) == (b"ID3\x04rest", "audio/mpeg")


def test_texts_pages_and_json_are_kept_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<b>é</b>")
    assert Text("a\nb").encode().text == "a\nb"
    assert Html("<i>x</i>").encode().text == "<i>x</i>"
    assert Html(tmp_path / "page.html").encode().text == "<b>é</b>"
    assert Html(str(tmp_path / "page.html")).encode().media_type == "text/html"
    assert said(Json({"a": [1, float("inf"), {2}]}))["a"][:2] == [1, "Infinity"]


def test_figures_of_plotly_and_what_looks_like_one_of_matplotlib() -> None:
    found = said(Plotly(go.Figure(go.Scatter(y=[1, 2]), layout_title_text="t")))
    assert found["layout"]["title"]["text"] == "t"
    assert said(Plotly({"data": [], "layout": {}})) == {"data": [], "layout": {}}

    class Drawn:
        def savefig(self, sink: io.BytesIO, **_: Any) -> None:
            from PIL import Image

            Image.new("RGB", (320, 240), "white").save(sink, "PNG")

    class Pyplot:
        def gcf(self) -> Drawn:
            return Drawn()

    for figure in (Drawn(), Pyplot()):
        encoded = Figure(figure).encode()
        assert (encoded.kind, encoded.width, encoded.height) == ("figure", 320, 240)
        assert encoded.thumb


def test_a_confusion_matrix_counts_each_pair_and_is_drawn() -> None:
    found = said(lakeboard.confusion_matrix([0, 1, 1, 2], np.array([0, 1, 2, 2]), labels=["a", "b", "c"]))
    assert found["columns"] == ["actual", "predicted", "count"]
    assert {(a, p): n for a, p, n in found["data"] if n} == {
        ("a", "a"): 1, ("b", "b"): 1, ("b", "c"): 1, ("c", "c"): 1,
    }  # fmt: skip
    assert found["figure"]["data"][0]["z"] == [[1, 0, 0], [0, 1, 1], [0, 0, 1]]
    named = said(lakeboard.confusion_matrix(["cat", "dog"], ["dog", "dog"]))
    assert named["figure"]["data"][0]["x"] == ["cat", "dog"]


def test_curves_have_the_points_and_areas_that_their_definitions_give() -> None:
    truth, scores = [0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]
    roc = said(lakeboard.roc_curve(truth, scores))
    assert [row[1:3] for row in roc["data"]] == [[0, 0], [0, 0.5], [0.5, 0.5], [0.5, 1], [1, 1]]
    assert roc["figure"]["data"][0]["name"] == "1 (area 0.750)"
    pr = said(lakeboard.pr_curve(truth, scores, labels=["no", "yes"]))
    assert [row[1:] for row in pr["data"]] == [
        [0, 1, None], [0.5, 1, 0.8], [0.5, 0.5, 0.4], [1, pytest.approx(2 / 3), 0.35], [1, 0.5, 0.1],
    ]  # fmt: skip
    many = said(lakeboard.roc_curve([0, 1, 2], np.eye(3), labels=["a", "b", "c"]))
    assert [line["name"] for line in many["figure"]["data"]] == [f"{c} (area 1.000)" for c in "abc"]


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: lakeboard.confusion_matrix([0], [0, 1]), "1 values in y_true and 2 in y_pred"),
        (lambda: lakeboard.confusion_matrix(["z"], ["a"], labels=["a"]), "not among labels"),
        (lambda: lakeboard.roc_curve([1, 1], [0.1, 0.2]), "no class with examples for and against"),
        (lambda: lakeboard.pr_curve([3, 1], [0.1, 0.2]), "pass a score for each class"),
        (lambda: lakeboard.roc_curve(None, None), "y_true=None"),
    ],
)
def test_charts_of_what_does_not_fit_are_told_when_they_are_logged(make: Any, why: str) -> None:
    with pytest.raises(InvalidValue, match=why):
        make().encode()


def test_a_table_of_a_class_of_somebody_s_own_is_one() -> None:
    class Mine(lakeboard.Table):
        def __init__(self, columns: list[str]) -> None:
            super().__init__((), columns)

    mine = Mine(["a"])
    mine.add_data(1)
    taken = as_media(mine)
    mine.add_data(2)
    assert taken is not None
    assert json.loads(taken.encode().text or "") == {"columns": ["a"], "data": [[1]]}
