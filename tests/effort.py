"""How hard property tests try: quickly in a developer's loop, thoroughly with `CI=true` or `LAKEBOARD_THOROUGH=1`.

Hypothesis draws the same examples in every run of one kind and keeps no database.
"""

from __future__ import annotations

import os
from typing import Final

from hypothesis import HealthCheck, settings

THOROUGH: Final = bool(os.environ.get("CI") or os.environ.get("LAKEBOARD_THOROUGH"))


def examples(thorough: int) -> int:
    """How many examples a test draws that is worth `thorough` of them in CI."""
    return thorough if THOROUGH else max(10, thorough // 6)


def load_profile() -> None:
    """Make it so for all tests that say nothing else."""
    settings.register_profile(
        "lakeboard",
        max_examples=examples(100),
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("lakeboard")


EXHAUSTIVE: Final = bool(os.environ.get("LAKEBOARD_EXHAUSTIVE"))
"""Try for an hour: more seeds of what is slow already. Too long for CI."""
