"""A part of Streamlit that no document promises: whether it is there, and one warning where it is not."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import Final

WRITTEN_FOR: Final = "1.67"
"""The version of Streamlit whose insides the adapters know."""
_LOG: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Inside:
    """What an adapter leans on."""

    name: str
    """In words, such as `the queue of messages`."""
    without: str
    """What a viewer notices where it is missing: a clause."""


def installed() -> str:
    """The version of Streamlit that is installed, such as `1.67.0`."""
    return metadata.version("streamlit")


def is_known(version: str) -> bool:
    """Whether a version of Streamlit is the one that the adapters were written for, whatever its patch."""
    return version.split(".")[:2] == WRITTEN_FOR.split(".")


def is_there(inside: Inside, missing: Sequence[str]) -> bool:
    """Whether an adapter may do its work: nothing is missing. Else says so in the log, once a process.

    Args:
        inside: what it leans on.
        missing: names of parts that were looked for in vain.
    """
    if missing:
        _warn(inside, tuple(missing))
    return not missing


@cache
def _warn(inside: Inside, missing: tuple[str, ...]) -> None:
    _LOG.warning(
        "Streamlit %s has not what lakeboard knows of %s (%s; written for %s): %s",
        installed(),
        inside.name,
        ", ".join(missing),
        WRITTEN_FOR,
        inside.without,
    )
