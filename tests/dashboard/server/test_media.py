"""Media for the browser: what is sent of them, to whom, and with which words."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route

import lakeboard
from lakeboard.dashboard.components.media import archive_address, media_folder
from lakeboard.dashboard.feed.feed import feed
from lakeboard.dashboard.server.media import MEDIA_ARCHIVE_ROUTE, ROUTE, media, media_archive
from lakeboard.query.lake import open_lake
from tests.dashboard.asking import Answer, ask

PROJECT = "digits/é"
APP = Starlette(
    routes=[Route(f"/{ROUTE}", media), Route(f"/{MEDIA_ARCHIVE_ROUTE}", media_archive)],
    middleware=[Middleware(GZipMiddleware, minimum_size=10, compresslevel=4)],
)
NOISE = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)


def get(path: str, *, range: str = "") -> Answer:  # noqa: A002 the header's name
    """Ask as a browser does, by way of the server's compression."""
    return ask(APP, path, range=range)


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A lake that the server shows; the address of each item by its key."""
    place = str(tmp_path / "lake")
    with lakeboard.init(project=PROJECT, id="r-1", lake=place, quiet=True) as run:
        run.log(
            {
                "picture": lakeboard.Image(NOISE, boxes=[{"box": [0, 0, 30, 20], "label": "cat"}]),
                "page": lakeboard.Html("<script>alert(1)</script>"),
                "text": lakeboard.Text("é" * 100),
                "film": lakeboard.Video(b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * 10_000),
                "drawing": lakeboard.Image(b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>"),
            }
        )
    monkeypatch.setenv("LAKEBOARD_LAKE", place)
    frame = open_lake(place).media(PROJECT)
    stems = [path.rpartition("/")[2].removesuffix(".parquet") for path in frame["object"]]
    folder = media_folder(PROJECT, "r-1")
    return {key: f"/{folder}{stem}/{seq}" for key, stem, seq in zip(frame["key"], stems, frame["seq"], strict=True)}


def test_a_picture_is_sent_as_it_is_to_be_kept_for_good(pages: dict[str, str]) -> None:
    assert pages["picture"].startswith("/lb-media/digits%252F%25C3%25A9/r-1/w001-")
    answer = get(pages["picture"])
    assert (answer.status, answer.body[:3]) == (200, b"\xff\xd8\xff")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-encoding"] == "identity"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["content-disposition"] == 'inline; filename="picture-0-0.jpg"'
    small = get(f"{pages['picture']}?thumb")
    assert small.status == 200
    assert len(small.body) < len(answer.body) / 4
    layers = json.loads(get(f"{pages['picture']}?layers").body)
    assert layers["boxes"]["boxes"] == [{"box": [0, 0, 0.1, 0.1], "label": "cat"}]
    assert "attachment" in get(f"{pages['picture']}?download").headers["content-disposition"]


@pytest.mark.parametrize(("key", "kind"), [("page", "text/html; charset=utf-8"), ("drawing", "image/svg+xml")])
def test_what_could_run_is_a_download_in_a_sandbox(pages: dict[str, str], key: str, kind: str) -> None:
    answer = get(pages[key])
    assert (answer.status, answer.headers["content-type"]) == (200, kind)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


def test_a_page_of_html_is_shown_under_its_policy_alone(pages: dict[str, str]) -> None:
    answer = get(f"{pages['page']}?page")
    assert answer.headers["content-disposition"].startswith("inline")
    assert answer.headers["content-security-policy"] == (
        "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; frame-ancestors 'self'"
    )
    assert get(f"{pages['page']}?page&download").headers["content-disposition"].startswith("attachment")
    # Asking so makes no page of anything else.
    assert get(f"{pages['drawing']}?page").headers["content-disposition"].startswith("attachment")


def test_a_text_is_in_utf8(pages: dict[str, str]) -> None:
    answer = get(pages["text"])
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.body.decode() == "é" * 100
    assert answer.headers["content-disposition"].startswith("inline")


def test_ranges_of_small_and_of_large_items_are_answered(pages: dict[str, str]) -> None:
    whole = get(pages["film"])
    assert (whole.status, whole.headers["content-length"]) == (200, "2560012")
    # By the megabyte, however large it is.
    assert [len(each) for each in whole.pieces] == [2**20, 2**20, 2560012 - 2**21]
    for asked, start, stop in (
        ("bytes=0-1", 0, 2), ("bytes=2560000-", 2560000, 2560012), ("bytes=-5", 2560007, 2560012),
        ("bytes=5-99999999", 5, 2560012),
    ):  # fmt: skip
        part = get(pages["film"], range=asked)
        assert (part.status, part.body) == (206, whole.body[start:stop])
        assert part.headers["content-range"] == f"bytes {start}-{stop - 1}/2560012"
    text = get(pages["text"], range="bytes=0-1")
    assert (text.status, text.body, text.headers["content-range"]) == (206, "é".encode(), "bytes 0-1/200")
    for key in ("film", "text"):
        assert get(pages[key], range="bytes=99999999-").status == 416
        assert get(pages[key], range="pages=1-2").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "{folder}w001-0000000g.000000000005-000000000005/0",
        "{folder}w001-00000000.000000000005-000000000005/0",
        "{stem}/99",
        "{stem}/-1",
        "{stem}/0x1",
        "lb-media/digits/r-1/w001-00000000.000000000005-000000000005/0",
        "lb-media/%252e%252e/r-1/w001-00000000.000000000005-000000000005/0",
        "lb-media/%25ff/r-1/w001-00000000.000000000005-000000000005/0",
        "lb-media/p/..%2fr-1/w001-00000000.000000000005-000000000005/0",
    ],
)
def test_nothing_but_what_a_manifest_of_media_names_is_found(pages: dict[str, str], path: str) -> None:
    stem = pages["text"].strip("/").rpartition("/")[0]
    asked = path.format(folder=media_folder(PROJECT, "r-1"), stem=stem)
    answer = get(f"/{asked}")
    assert answer.status == 404
    assert answer.headers.get("cache-control", "no-store") == "no-store"


def test_a_purged_run_s_pictures_are_nobody_s(pages: dict[str, str], tmp_path: Path) -> None:
    assert get(pages["picture"]).status == 200
    open_lake(str(tmp_path / "lake")).edit(PROJECT, ["r-1"], "purge")
    feed().forget(PROJECT)
    assert get(pages["picture"]).status == 404


def test_damage_is_told_and_not_kept(pages: dict[str, str], tmp_path: Path) -> None:
    (path,) = (tmp_path / "lake" / "media").rglob("*.parquet")
    path.write_bytes(path.read_bytes()[:-20])
    answer = get(pages["text"])
    assert answer.status == 502
    assert answer.headers["cache-control"] == "no-store"


def test_a_key_s_items_are_one_archive(pages: dict[str, str]) -> None:
    film = get(pages["film"]).body
    answer = get(f"/{archive_address(PROJECT, 'r-1', 'film')}")
    assert answer.headers["content-disposition"].startswith('attachment; filename="r-1-film.zip"')
    with zipfile.ZipFile(io.BytesIO(answer.body)) as found:
        assert {name: found.read(name) for name in found.namelist()} == {"0-0.mp4": film}
    with zipfile.ZipFile(io.BytesIO(get(f"/{archive_address(PROJECT, 'r-1', 'text')}").body)) as found:
        assert found.read("0-0.txt").decode() == "é" * 100
    for run_id, key in (("r-1", "none"), ("r-2", "film"), ("..", "film")):
        assert get(f"/{archive_address(PROJECT, run_id, key)}").status == 404
    open_lake(str(feed().lake.url)).edit(PROJECT, ["r-1"], "purge")
    feed().forget(PROJECT)
    assert get(f"/{archive_address(PROJECT, 'r-1', 'film')}").status == 404
