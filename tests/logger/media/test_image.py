from __future__ import annotations

import array
import io
import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow

from lakeboard import Image
from lakeboard.logger.media import pictures
from lakeboard.logger.media.headers import size_of
from lakeboard.schema.errors import InvalidValue


def opened(data: bytes | None) -> Any:
    assert data is not None
    return np.asarray(Pillow.open(io.BytesIO(data)))


def encoded(source: Any, **more: Any) -> Any:
    return Image(source, format="png", **more).encode()


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 3, 4]), st.randoms())
def test_bytes_of_an_array_come_back_exactly(height: int, width: int, channels: int, random: Any) -> None:
    pixels = np.array([random.randrange(256) for _ in range(height * width * channels)], np.uint8)
    pixels = pixels.reshape(height, width, channels)
    found = encoded(pixels)
    assert (found.width, found.height, found.media_type) == (width, height, "image/png")
    assert np.array_equal(opened(found.data).reshape(pixels.shape), pixels)


@pytest.mark.parametrize(
    ("given", "grey"),
    [
        (np.array([[0.0, 0.5, 1.0]]), [0, 128, 255]),
        (np.array([[0.0, 0.5, 1.0]], np.float16), [0, 128, 255]),
        (np.array([[0.0, 128.0, 255.0]], np.float32), [0, 128, 255]),
        (np.array([[False, True, True]]), [0, 255, 255]),
        (np.array([[0, 128, 255]], np.int64), [0, 128, 255]),
        (np.array([[0, 128, 255]], np.int64)[:, ::-1], [255, 128, 0]),
        (memoryview(bytes([0, 128, 255])).cast("B", (1, 3)), [0, 128, 255]),
        (np.array([[0], [128], [255]], np.uint8, order="F").T, [0, 128, 255]),
    ],
)
def test_numbers_of_any_type_are_the_grey_they_mean(given: Any, grey: list[int]) -> None:
    found = encoded(given)
    assert opened(found.data).tolist() == [grey]
    assert found.notes == ()


def test_what_is_out_of_range_or_no_number_is_told_and_cut() -> None:
    found = encoded(np.array([[-3.0, 300.0, np.nan]]))
    assert opened(found.data).tolist() == [[0, 255, 0]]
    assert found.notes == (
        "1 of its values are NaN or infinite and are shown black",
        "its values reach from -3 to 300 and are cut at 0 and 255; scale them to 0..255 (or floats to 0..1) before",
    )


class Tensor:
    """As torch has it: channels first, and a NumPy array behind `detach().cpu().numpy()`."""

    def __init__(self, values: Any) -> None:
        self.dtype, self._values = "torch.uint8", values

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return self

    def numpy(self) -> Any:
        return self._values

    def __array__(self) -> Any:
        raise AssertionError("it may be on another device")


def test_channels_are_where_the_library_puts_them_or_the_mode_says() -> None:
    shape = (3, 5, 4)
    values = np.arange(60, dtype=np.uint8).reshape(shape)
    assert (encoded(values).width, encoded(values).height) == (5, 3)
    first = encoded(Tensor(values))
    assert (first.width, first.height) == (4, 5)
    assert np.array_equal(opened(first.data), values.transpose(1, 2, 0))
    assert np.array_equal(opened(encoded(values, mode="RGB").data), values.transpose(1, 2, 0))
    # Only one end can be channels.
    assert opened(encoded(np.zeros((3, 7, 9), np.uint8)).data).shape == (7, 9, 3)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (np.zeros((0, 0, 3)), r"shape \(0, 0, 3\), which has no pixel"),
        (np.zeros((2, 2, 7)), r"shape \(2, 2, 7\); a picture is height x width"),
        (np.zeros((8, 3, 2, 2), np.uint8), r"log a batch as a list, \[Image\(x\) for x in batch\]"),
        (np.zeros(4), r"shape \(4,\)"),
        (np.broadcast_to(np.uint8(1), (20_000, 20_000)), "is an array of 400 MB; at most 268 MB"),
        (np.array([[1 + 2j]]), "of type complex128; pass numbers"),
        (np.array([["a"]]), "array"),
        (b"no picture at all", "a file of an unknown type, which browsers don't show"),
        (b"", "a picture of no bytes"),
        ("/nowhere/cat.png", "names a picture '/nowhere/cat.png', which can't be read"),
        (7, "is 7 \\(int\\); pass an array"),
        (None, "is None"),
    ],
)
def test_what_is_no_picture_raises_nothing_before_it_is_encoded(source: Any, why: str) -> None:
    image = Image(source)
    assert image.nbytes >= 0
    with pytest.raises(InvalidValue, match=why):
        image.encode()


def test_a_picture_of_more_pixels_than_anybody_shows_is_refused() -> None:
    with pytest.raises(InvalidValue, match=r"has 10,000 x 6,000 pixels; at most 50,000,000"):
        Image(np.zeros((6_000, 10_000), np.uint8)).encode()
    bomb = io.BytesIO()
    Pillow.new("1", (20_000, 20_000)).save(bomb, "PNG")
    with pytest.raises(InvalidValue, match=r"has 20,000 x 20,000 pixels"):
        Image(bomb.getvalue()).encode()


def test_large_pictures_are_jpeg_with_a_thumb_small_ones_png_without(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
    found = Image(noise).encode()
    assert found.media_type == "image/jpeg"
    thumb = Pillow.open(io.BytesIO(found.thumb or b""))
    assert (thumb.format, thumb.size) == ("JPEG", (96, 64))
    small = Image(noise[:28, :28]).encode()
    assert (small.media_type, small.thumb) == ("image/png", None)
    clear = Image(np.dstack([noise, np.full(noise.shape[:2], 99, np.uint8)])).encode()
    assert clear.media_type == "image/png"
    assert Pillow.open(io.BytesIO(clear.thumb or b"")).mode == "RGBA"
    monkeypatch.setattr(pictures, "pillow", lambda: None)
    plain = Image(noise, format="webp").encode()
    assert (plain.media_type, plain.thumb) == ("image/png", None)
    assert plain.notes == ("is kept as PNG, since webp needs Pillow: pip install pillow",)
    assert np.array_equal(opened(plain.data), noise)


def test_the_array_may_change_after_the_call() -> None:
    values = np.full((2, 2), 9, np.uint8)
    image = Image(values, format="png")
    values[:] = 200
    assert opened(image.encode().data).tolist() == [[9, 9], [9, 9]]


def test_files_stay_byte_by_byte_what_they_are(tmp_path: Path) -> None:
    turned = io.BytesIO()
    exif = Pillow.Exif()
    exif[0x0112] = 6
    Pillow.new("RGB", (300, 200), "red").save(turned, "JPEG", exif=exif)
    path = tmp_path / "cat.jpg"
    path.write_bytes(turned.getvalue())
    found = Image(str(path)).encode()
    assert (found.data, found.media_type) == (turned.getvalue(), "image/jpeg")
    assert Pillow.open(io.BytesIO(found.thumb or b"")).size == (64, 96)
    short = Image(turned.getvalue()[:400]).encode()
    assert (short.data, short.thumb) == (turned.getvalue()[:400], None)


def test_pictures_of_pillow_keep_what_they_show() -> None:
    palette = Pillow.new("P", (4, 4), 3)
    palette.putpalette([value for n in range(256) for value in (n, 0, 255 - n)])
    found = Image(palette).encode()
    assert found.media_type == "image/png"
    assert Pillow.open(io.BytesIO(found.data or b"")).convert("RGB").getpixel((0, 0)) == (3, 0, 252)
    film = io.BytesIO()
    frames = [Pillow.new("L", (200, 100), n * 50) for n in range(3)]
    frames[0].save(film, "GIF", save_all=True, append_images=frames[1:])
    moving = Image(film.getvalue()).encode()
    assert (moving.media_type, moving.width, moving.height) == ("image/gif", 200, 100)
    assert Image(Pillow.new("CMYK", (200, 100))).encode().media_type == "image/jpeg"
    assert Image(Pillow.new("RGBA", (200, 100))).encode().media_type == "image/png"


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "gif"])
def test_sizes_are_read_off_the_head_of_a_file(kind: str) -> None:
    sink = io.BytesIO()
    Pillow.new("RGB", (321, 123), "blue").save(sink, kind.upper())
    data = sink.getvalue()
    assert size_of(data, f"image/{kind}") == (321, 123)
    assert size_of(data[:9], f"image/{kind}") is None


@given(st.binary(max_size=60), st.sampled_from(["image/png", "image/jpeg", "image/webp", "image/gif", "text/plain"]))
def test_no_head_of_a_file_is_a_crash(data: bytes, media_type: str) -> None:
    size_of(data, media_type)


def test_boxes_in_three_forms_are_parts_of_the_picture() -> None:
    wandb = {
        "predictions": {
            "box_data": [
                {
                    "position": {"middle": [50, 25], "width": 20, "height": 10},
                    "domain": "pixel",
                    "class_id": 1,
                    "scores": {"acc": 0.5},
                },
                {"position": {"minX": 0.1, "maxX": 0.2, "minY": 0.3, "maxY": 0.4}, "class_id": 2, "box_caption": "x"},
            ],
            "class_labels": {1: "cat"},
        },
        "truth": [{"box": [0, 0, 100, 50], "label": "all", "score": 1}, (10, 10, 20, 20)],
    }
    layers = json.loads(Image(np.zeros((50, 100), np.uint8), boxes=wandb).encode().layers or "")
    assert layers["boxes"] == {
        "predictions": [
            {"box": [0.4, 0.4, 0.6, 0.6], "label": "cat", "score": 0.5},
            {"box": [0.1, 0.3, 0.2, 0.4], "label": "x"},
        ],
        "truth": [{"box": [0, 0, 1, 1], "label": "all", "score": 1}, {"box": [0.1, 0.2, 0.2, 0.4]}],
    }


def test_masks_are_classes_in_the_palette_of_a_png() -> None:
    classes = np.array([[0, 1], [2, 2]])
    image = Image(np.zeros((2, 2), np.uint8), masks={"truth": {"mask_data": classes, "class_labels": {2: "road"}}})
    mask = json.loads(image.encode().layers or "")["masks"]["truth"]
    assert opened(b64decode(mask["png"])).tolist() == classes.tolist()
    assert {number: name for number, (name, _) in mask["labels"].items()} == {"1": "1", "2": "road"}
    shown: Any = Pillow.open(io.BytesIO(b64decode(mask["png"]))).convert("RGBA")
    assert shown.getpixel((0, 0))[3] == 0
    assert "#" + bytes(shown.getpixel((0, 1))[:3]).hex() == mask["labels"]["2"][1]


@pytest.mark.parametrize(
    "layers",
    [
        {"boxes": {"a": [{"box": [1, 2, 3]}]}},
        {"boxes": 7},
        {"masks": {"a": np.zeros((2, 2))}},
        {"masks": {"a": np.full((2, 2), 256)}},
        {"masks": {"a": {"class_labels": {}}}},
    ],
)
def test_a_layer_that_makes_no_sense_costs_itself_alone(layers: Any) -> None:
    found = Image(np.zeros((2, 2), np.uint8), **layers).encode()
    assert found.data
    assert found.layers is None
    assert found.notes[0].endswith("; the picture is kept without")


def test_numbers_of_the_standard_library_are_pictures_too() -> None:
    square = memoryview(array.array("d", [0.0, 1.0, 1.0, 0.0])).cast("B").cast("d", (2, 2))
    assert opened(encoded(square).data).tolist() == [[0, 255], [255, 0]]
