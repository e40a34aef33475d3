"""Saved boards: versions, history, what they cost, and what damage does to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeboard.query.boards.definition import Definition, Measure
from lakeboard.query.documents.version import moment_of
from lakeboard.query.lake import Lake
from lakeboard.schema.checksum import CHECKSUM_KEY, stamped_json
from lakeboard.schema.documents import MAX_SLUG_BYTES, Document, check_slug, decode_document, encode_document, make_slug
from lakeboard.schema.errors import AccessDenied, DamagedObject, InvalidName, InvalidSetting, UnknownBoard
from lakeboard.schema.keys import DocumentKey, encode_segment, parse_key
from lakeboard.store.testing import CountingStore, MemoryStore
from tests.query.boards.test_definition import _definitions
from tests.query.lakes import T0, Point, Writer, note_lake

ACC = Definition((Measure("val/acc"),), title="Vision 2026")
LOSS = Definition((Measure("val/loss"),), title="Vision 2026")
START = datetime(2026, 11, 1, tzinfo=UTC)


class Clock:
    """A wall clock that a test sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def after(self, **passed: float) -> None:
        self.now += timedelta(**passed)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> CountingStore:
    inner = MemoryStore()
    note_lake(inner)
    return CountingStore(inner)


@pytest.fixture
def lake(store: CountingStore, clock: Clock) -> Lake:
    return Lake(store, wall=clock)


def test_the_last_version_counts_and_all_are_kept(lake: Lake, clock: Clock) -> None:
    first = lake.save_board(ACC, editor="ann")
    assert (first.slug, first.at, first.editor, first.title) == ("vision-2026", START, "ann", "Vision 2026")
    clock.after(hours=1)
    second = lake.save_board(LOSS, "vision-2026", editor="ben")
    assert lake.boards() == (second,)
    assert lake.saved_board("vision-2026") == second
    assert lake.board_history("vision-2026") == (first, second)
    assert lake.saved_board("vision-2026", version=first.id) == first
    assert lake.saved_board("vision-2026", as_of=START + timedelta(minutes=59)) == first
    assert lake.saved_board("vision-2026", as_of=START - timedelta(days=1)) == first
    assert lake.boards(as_of=START + timedelta(minutes=59)) == (first,)
    assert lake.boards(as_of=START - timedelta(days=1)) == ()


def test_saving_what_counts_already_writes_nothing(lake: Lake, store: CountingStore) -> None:
    first = lake.save_board(ACC)
    store.reset()
    assert lake.save_board(ACC, editor="ben") == first
    assert store.counts == {"list": 1}


def test_deleting_is_a_version_and_restoring_another(lake: Lake, clock: Clock) -> None:
    first = lake.save_board(ACC)
    clock.after(days=1)
    gone = lake.delete_board(first.slug, editor="ben")
    assert (gone.deleted, gone.definition) == (True, ACC)
    assert lake.boards() == ()
    assert lake.boards(deleted=True) == (gone,)
    assert lake.boards(as_of=START) == (first,)
    with pytest.raises(UnknownBoard, match=r"deleted by ben on 2026-11-02 .*restore_board\('vision-2026'\)"):
        lake.saved_board(first.slug)
    with pytest.raises(UnknownBoard, match="deleted"):
        lake.delete_board(first.slug)
    assert lake.saved_board(first.slug, as_of=START) == first
    again = lake.restore_board(first.slug, editor="cid")
    assert (again.definition, again.deleted, again.editor) == (ACC, False, "cid")
    assert [each.deleted for each in lake.board_history(first.slug)] == [False, True, False]
    lake.save_board(LOSS, first.slug)
    assert lake.restore_board(first.slug, first.id).definition == ACC


def test_a_clock_that_goes_wrong_does_not_undo_what_its_owner_saw(lake: Lake, clock: Clock) -> None:
    first = lake.save_board(ACC)
    clock.after(days=-400)
    second = lake.save_board(LOSS, first.slug)
    assert second.id > first.id
    assert lake.saved_board(first.slug) == second
    assert moment_of(10**30).year == 9999


def test_boards_of_a_project_are_those_that_name_it_and_those_that_name_none(lake: Lake) -> None:
    for slug, projects in (("a", ("digits",)), ("b", ("text", "digits")), ("c", ()), ("d", ("text",))):
        lake.save_board(Definition((Measure("m"),), title=slug.upper(), projects=projects), slug)
    assert [each.slug for each in lake.boards("digits")] == ["a", "b", "c"]
    assert [each.slug for each in lake.boards()] == ["a", "b", "c", "d"]


def test_what_boards_cost(lake: Lake, store: CountingStore) -> None:
    for n in range(3):
        lake.save_board(Definition((Measure("m"),), title=f"v{n}"), "x")
        lake.save_board(Definition((Measure("m"),), title=f"w{n}"), "y")

    def cost(act: Callable[[], object]) -> dict[str, int]:
        store.reset()
        act()
        return dict(store.counts)

    other = Lake(store)
    assert cost(lambda: other.boards("digits")) == {"list": 1, "get": 2}
    assert cost(lambda: other.boards("digits")) == {"list": 1}
    assert cost(lambda: Lake(store).board_history("x")) == {"list": 1, "get": 3}
    assert cost(lambda: Lake(store).saved_board("x")) == {"list": 1, "get": 1}
    new = Definition((Measure("m"),), title="new")
    assert cost(lambda: other.save_board(new, "x")) == {"list": 1, "put": 1}
    assert cost(lambda: other.delete_board("x")) == {"list": 2, "put": 1}
    assert cost(lambda: other.restore_board("x")) == {"list": 2, "put": 1}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"\xff\xfe",
        b'{"measures": [{"metric": "a"}]}',
        stamped_json(b'{"measures": []}'),
        stamped_json(b'{"measures": [{"metric": "a"}], "editor": 3}'),
        stamped_json(b'{"measures": [{"metric": "a"}]}').replace(b'"a"', b'"b"'),
    ],
)
def test_what_does_not_read_is_named_and_the_version_before_counts(
    lake: Lake, store: CountingStore, data: bytes
) -> None:
    first = lake.save_board(ACC)
    other = lake.save_board(LOSS, "other")
    key = DocumentKey("boards", first.slug, first.hlc + 10, "0000000a").path
    store.put(key, data)
    store.put(f"boards/{first.slug}/readme.txt", b"hello")
    store.put("boards/notes.json", b"{}")
    store.put(DocumentKey("boards", "lost", 17, "0000000a").path, data)
    assert {each.slug: each for each in lake.boards("digits")} == {"other": other, first.slug: first}
    told = {each.key: each.kind for each in lake.problems("digits")}
    assert told == {
        key: "damaged", f"boards/{first.slug}/readme.txt": "foreign", "boards/notes.json": "foreign",
        "boards/lost/00000000000000000017-0000000a.json": "damaged",
    }  # fmt: skip
    assert lake.board_history(first.slug) == (first,)
    with pytest.raises(DamagedObject, match="boards/lost/"):
        lake.saved_board("lost")
    mended = lake.save_board(ACC, first.slug)
    assert mended.hlc > first.hlc + 10
    assert lake.saved_board(first.slug) == mended


def test_names_of_boards(lake: Lake) -> None:
    assert make_slug("Vision: 2026!") == "vision-2026"
    assert make_slug("Größe / ñ") == "grösse-ñ"
    assert make_slug("../..") == "board"
    assert make_slug("Vision", taken=["vision", "vision-2"]) == "vision-3"
    for bad in ("", "..", "a\nb", "x" * (MAX_SLUG_BYTES + 1)):
        with pytest.raises(InvalidName):
            lake.save_board(ACC, bad)
    with pytest.raises(InvalidSetting, match="title or a name"):
        lake.save_board(Definition((Measure("m"),)))
    saved = lake.save_board(ACC, "a b/c=ü")
    assert lake.saved_board("a b/c=ü") == saved
    with pytest.raises(UnknownBoard, match="did you mean 'a b/c=ü'"):
        lake.saved_board("a b/c=u")


@given(st.text(max_size=120))
def test_any_title_gives_a_name(title: str) -> None:
    slug = make_slug(title)
    assert check_slug(slug) == slug
    assert parse_key(DocumentKey("boards", slug, 1, "0000000a").path) == DocumentKey("boards", slug, 1, "0000000a")
    assert len(encode_segment(make_slug(title, taken=[slug]))) <= MAX_SLUG_BYTES


@given(_definitions, st.none() | st.text(max_size=5), st.booleans())
@settings(deadline=None)
def test_any_version_survives_its_bytes(definition: Definition, editor: str | None, deleted: bool) -> None:
    data = encode_document(Document(definition.to_plain(), editor, deleted), what="board 'x'")
    found = decode_document(data, key="boards/x")
    assert (Definition.from_plain(found.fields), found.deleted) == (definition, deleted)
    assert encode_document(found, what="board 'x'") == data


def test_fields_of_later_versions_survive_being_read_and_saved_again(lake: Lake, store: CountingStore) -> None:
    later = {
        "measures": [{"metric": "val/acc", "weight": 2}],
        "title": "T",
        "prize": {"first": "cake"},
        "editor": "zoe",
    }
    store.put(DocumentKey("boards", "t", 17, "0000000a").path, stamped_json(json.dumps(later).encode()))
    found = lake.saved_board("t")
    assert found.editor == "zoe"
    saved = lake.delete_board("t", editor="ann")
    kept = json.loads(store.get(saved.key))
    assert (
        kept.pop(CHECKSUM_KEY) != json.loads(store.get(DocumentKey("boards", "t", 17, "0000000a").path))[CHECKSUM_KEY]
    )
    assert kept == later | {"editor": "ann", "deleted": True}


def test_a_first_board_makes_a_lake(clock: Clock) -> None:
    store = CountingStore(MemoryStore())
    lake = Lake(store, exists=False, wall=clock)
    lake.save_board(ACC)
    assert json.loads(store.get("_lake.json"))["format"] == 1


def test_no_permission_is_said(clock: Clock) -> None:
    class ReadOnly(MemoryStore):
        def put(self, key: str, data: bytes, *, durable: bool = False) -> None:
            raise AccessDenied(f"no permission to write {key}")

    with pytest.raises(AccessDenied):
        Lake(ReadOnly(), wall=clock).save_board(ACC)


def _run(store: CountingStore, n: int, acc: float, *, ended: int, project: str = "digits") -> None:
    writer = Writer(store, project, f"r{n}", rand=f"{n:08x}", fields={"name": f"n{n}"}).start()
    writer.log([Point("val/acc", 0, acc), Point("test/acc", 0, acc / 2)]).flush()
    writer.finish(created_at=T0 + 1000 * n, ended_at=ended, updated_at=ended)


def test_a_board_by_name_as_of_a_time(store: CountingStore, clock: Clock) -> None:
    clock.now = datetime.fromtimestamp(T0 / 1000, UTC)
    lake = Lake(store, wall=clock)
    for n, acc in enumerate((0.5, 0.7, 0.9)):
        _run(store, n, acc, ended=T0 + 1000 * n + 500)
    clock.after(seconds=10)
    saved = lake.save_board(Definition((Measure("val/acc"),), title="b", projects=("digits",)))
    clock.after(seconds=10)
    lake.delete("digits", ["r2"])
    lake.save_board(Definition((Measure("val/acc", goal="minimize"),), title="b", projects=("digits",)), "b")

    def names(**options: object) -> list[str]:
        return lake.board("digits", "b", **options).frame["entry"].to_list()  # type: ignore[arg-type]

    assert names() == ["n0", "n1"]
    assert names(version=saved.id) == ["n1", "n0"]
    # Then r2 was not deleted yet, and the first version counted.
    assert names(as_of=clock.now - timedelta(seconds=5)) == ["n2", "n1", "n0"]
    early = lake.board("digits", "b", as_of=clock.now - timedelta(seconds=19))
    assert early.frame["entry"].to_list() == ["n1", "n0"]
    assert [note.text for note in early.notes if note.kind == "as of"] == [
        "the board was first saved on 2023-11-14 22:13 UTC, and is shown as it was then"
    ]


def test_a_board_over_several_projects(store: CountingStore, lake: Lake) -> None:
    _run(store, 1, 0.5, ended=T0 + 5000)
    _run(store, 2, 0.6, ended=T0 + 5000, project="text")
    measure = Measure("test/acc", counts="at_best", select_on="val/acc")
    lake.save_board(Definition((measure,), title="all", projects=("digits", "text")))
    assert lake.board("digits", "all").frame.select("rank", "entry", "value:test/acc").rows() == [
        (1, "n2", 0.3), (2, "n1", 0.25),
    ]  # fmt: skip


def test_a_board_reads_no_points_that_it_does_not_need(store: CountingStore, lake: Lake) -> None:
    for n in range(4):
        _run(store, n, 0.5, ended=T0 + 5000)
    lake.save_board(ACC)
    lake.board("digits", "vision-2026")
    store.reset()
    lake.board("digits", "vision-2026", as_of=START)
    assert dict(store.counts) == {"list": 4}
