"""What tests need of Streamlit's insides, in one place: messages as the browser sends them, types, known settings."""

from __future__ import annotations

from streamlit import config
from streamlit.components.v2.bidi_component.constants import EVENT_DELIM
from streamlit.delta_generator import DeltaGenerator
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

__all__ = [
    "EVENT_DELIM",
    "DeltaGenerator",
    "ForwardMsg",
    "ForwardMsgQueue",
    "WidgetState",
    "WidgetStates",
    "known_settings",
]


def known_settings() -> set[str]:
    """The names of all settings of Streamlit."""
    return set(config._config_options_template)
