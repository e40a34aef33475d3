"""What keeps a lake tidy: recovery of what a killed job left, packing. pyarrow only; idempotent tasks.

Everything in `__all__` is public, and stays where it is; all else may move. Nothing is imported before a name is used.

- the lake: `open_store`, `store_now`, `project_names`, `lake_usage` with `Usage`
- tidying: `look_at` gives a `Look`, `plan_tidy` tasks, `execute` and `execute_all` do them and say `Done`
- recovery: `recover_host`, with `Recovered`
- checking: `fsck_lake` gives a `Report` of `Problem`; `repair_writer` mends, and says `Repaired`
- copying and erasing: `sync_lakes` with `Synced`, `purge_now` with `Erased`
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..lazy import lazy_names

if TYPE_CHECKING:
    from ..schema.problems import Problem
    from ..store.opening import open_limited as open_store
    from .clock import store_now
    from .fsck import Report
    from .fsck import fsck as fsck_lake
    from .listing import project_names
    from .purge import Erased, purge_now
    from .recover import recover_host
    from .recovered import Recovered
    from .repair import Repaired, repair_writer
    from .sync import Synced
    from .sync import sync as sync_lakes
    from .tidy import Done, Look, execute, execute_all, look_at, plan_tidy
    from .usage import Usage, lake_usage

__all__ = [
    "Done",
    "Erased",
    "Look",
    "Problem",
    "Recovered",
    "Repaired",
    "Report",
    "Synced",
    "Usage",
    "execute",
    "execute_all",
    "fsck_lake",
    "lake_usage",
    "look_at",
    "open_store",
    "plan_tidy",
    "project_names",
    "purge_now",
    "recover_host",
    "repair_writer",
    "store_now",
    "sync_lakes",
]  # fmt: skip

_WHERE: Final = {
    "open_store": ".store.opening:open_limited", "store_now": "clock", "project_names": "listing", "look_at": "tidy",
    "plan_tidy": "tidy", "execute": "tidy", "execute_all": "tidy", "Done": "tidy", "Look": "tidy",
    "recover_host": "recover", "Recovered": "recovered", "fsck_lake": "fsck:fsck", "Report": "fsck",
    "Problem": ".schema.problems", "Repaired": "repair", "repair_writer": "repair", "sync_lakes": "sync:sync",
    "Synced": "sync", "purge_now": "purge", "Erased": "purge", "lake_usage": "usage", "Usage": "usage",
}  # fmt: skip

__getattr__ = lazy_names(__name__, _WHERE, globals())


def __dir__() -> list[str]:
    return sorted(__all__)
