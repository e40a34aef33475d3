"""A drawing that the browser has not been sent yet stays whole when the next one begins."""

from __future__ import annotations

import sys
import types

import pytest

from lakeboard.dashboard.adapters import inside, message_queue
from tests.dashboard.driver import Screen
from tests.dashboard.insides import ForwardMsg, ForwardMsgQueue


@pytest.fixture(autouse=True)
def _ordered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ForwardMsgQueue, "clear", ForwardMsgQueue.clear)
    message_queue.keep_order()


def drawn(path: list[int], fragment: str, text: str = "") -> ForwardMsg:
    """A container, or with a text an element."""
    message = ForwardMsg()
    message.metadata.delta_path[:] = path
    message.delta.fragment_id = fragment
    if text:
        message.delta.new_element.markdown.body = text
    else:
        message.delta.add_block.allow_empty = True
    return message


def known(path: list[int]) -> ForwardMsg:
    """An element that the browser has already."""
    message = ForwardMsg(ref_hash="abc")
    message.metadata.delta_path[:] = path
    return message


def filled(*messages: ForwardMsg) -> ForwardMsgQueue:
    queue = ForwardMsgQueue()
    for message in messages:
        queue.enqueue(message)
    return queue


PAGE = (drawn([0, 0], "a"), known([0, 0, 0]), drawn([0, 0, 1], "b"), drawn([0, 0, 1, 0], "b", "filter"))


def test_what_stands_in_a_container_never_outlives_it() -> None:
    queue = filled(*PAGE)
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["a"])
    assert queue.flush() == list(PAGE)


def test_the_new_drawing_is_not_merged_into_the_old_one() -> None:
    queue = filled(drawn([0, 0], "a"), drawn([0, 0, 0], "a", "old"))
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["a"])
    again = [drawn([0, 0], "a"), drawn([0, 0, 0], "a", "new")]
    for message in again:
        queue.enqueue(message)
    assert queue.flush()[2:] == again


def test_a_whole_drawing_replaces_what_was_not_sent() -> None:
    queue = filled(*PAGE)
    queue.clear(retain_lifecycle_msgs=True)
    assert queue.is_empty()
    queue.enqueue(PAGE[0])
    queue.clear()
    assert queue.is_empty()


def test_it_is_done_once() -> None:
    ours = ForwardMsgQueue.clear
    message_queue.keep_order()
    assert ForwardMsgQueue.clear is ours


class Renamed:
    """A queue of a later version: forgets in another way."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}

    def clear(self, retain_lifecycle_msgs: bool = False) -> None:
        self.places = {}


@pytest.mark.parametrize("found", [types.SimpleNamespace(), types.SimpleNamespace(ForwardMsgQueue=Renamed), None])
def test_another_queue_is_left_as_it_is_and_that_is_said_once(
    found: object, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    inside._warn.cache_clear()
    monkeypatch.setitem(sys.modules, "streamlit.runtime.forward_msg_queue", found)
    usual = Renamed.clear
    assert not message_queue.keep_order()
    assert not message_queue.keep_order()
    assert Renamed.clear is usual
    said = [each.getMessage() for each in caplog.records if each.name == inside.__name__]
    assert len(said) == 1
    assert said[0].startswith(f"Streamlit {inside.installed()} has not what lakeboard knows of the queue of messages (")
    renamed = getattr(found, "ForwardMsgQueue", None) is Renamed
    wanted = "clear(fragment_ids_this_run=), _delta_index_map" if renamed else "forward_msg_queue.ForwardMsgQueue"
    assert f"{wanted}; written for {inside.WRITTEN_FOR}): a click while a page refreshes" in said[0]


def test_pages_draw_without_it(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_queue, "_MODULE", "streamlit.runtime.renamed")
    screen.open("runs")
    assert screen.data("runs.table")["rows"]
