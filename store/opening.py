"""From an address to the store that lives there."""

from __future__ import annotations

import os
from collections.abc import Mapping

from .base import Store


def open_store(url: str | os.PathLike[str], *, options: Mapping[str, object] | None = None) -> Store:
    """The store at `url`."""
    raise NotImplementedError
