"""What time it is by the store's clock, as well as a reader can know without writing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

_ZERO = timedelta()


@dataclass(frozen=True, slots=True)
class StoreClock:
    """How far this machine's clock is ahead of the store's, narrowed by every listing.

    The store's clock is behind no object's LastModified: a machine whose clock is slow is found at once. An object
    that appeared between two listings was stored between them: a machine whose clock is fast is found at the
    first refresh that sees something new. Until then its own clock is believed, so that with a fast clock the very
    first look may call running runs silent.
    """

    most_ahead: timedelta | None = None
    """This clock is at most so far ahead of the store's."""
    least_ahead: timedelta | None = None
    """This clock was at least so far ahead when something new last appeared."""
    listed_at: datetime | None = None
    """When `live/` was last listed, by this machine's clock, taken before."""

    def observe(self, wall: datetime, modified: Iterable[datetime], appeared: Iterable[datetime]) -> StoreClock:
        """After a listing.

        Args:
            wall: this machine's clock, taken before the listing.
            modified: LastModified of everything listed.
            appeared: LastModified of the live objects that the last listing did not show; empty for a first listing.
        """
        most, least = self.most_ahead, self.least_ahead
        newest = max(modified, default=None)
        if newest is not None:
            most = wall - newest if most is None else min(most, wall - newest)
        fresh = max(appeared, default=None)
        if fresh is not None and self.listed_at is not None:
            least = self.listed_at - fresh
        return replace(self, most_ahead=most, least_ahead=least, listed_at=wall)

    def now(self, wall: datetime) -> datetime:
        """The store's time when this machine's clock says `wall`."""
        ahead = _ZERO
        if self.least_ahead is not None:
            ahead = max(ahead, self.least_ahead)
        if self.most_ahead is not None:
            ahead = min(ahead, self.most_ahead)
        return wall - ahead
