"""Uploads in parts that never ended, since their job was killed: they cost money and stand in no listing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..schema.errors import StoreError
from ..store.base import Store
from ..store.s3 import S3Store
from ..store.s3_files import UnfinishedUpload
from ..store.transfer import innermost

ABANDONED: Final = timedelta(days=7)
"""An upload that began longer ago is aborted: what it was to store is sent anew if its job ever comes back."""


@dataclass(frozen=True, slots=True)
class Uploads:
    """What a look for uploads in parts showed."""

    abandoned: tuple[UnfinishedUpload, ...] = ()
    """Those that began longer ago than `ABANDONED`, oldest first."""
    error: str | None = None
    """Why there could be no look: the right to list them is one of its own, and some servers can't."""


def find_uploads(store: Store, *, now: datetime) -> Uploads:
    """Look for uploads below the lake's root that were abandoned. One LIST on S3, nothing elsewhere.

    Args:
        store: the lake.
        now: the store's time, or any time before it.
    """
    behind = innermost(store)
    if not isinstance(behind, S3Store):
        return Uploads()
    try:
        found = behind.unfinished_uploads()
    except StoreError as error:
        return Uploads(error=str(error))
    return Uploads(tuple(sorted((u for u in found if now - u.begun > ABANDONED), key=lambda u: (u.begun, u.key))))


def abort_upload(store: Store, upload: UnfinishedUpload) -> None:
    """Drop what was sent of an upload; one that is gone is fine.

    Raises:
        StoreError: it could not be.
    """
    behind = innermost(store)
    if isinstance(behind, S3Store):
        behind.abort_upload(upload)
