"""A drawing that the browser has not been sent yet stays whole when the next one begins."""

from __future__ import annotations

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from lakeboard.dashboard.adapters import message_queue


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
