"""What the names of params tell."""

from __future__ import annotations

import re
from typing import Final


def is_seed(param: str) -> bool:
    """Whether a param (dotted name) only numbers repetitions: seeds, random states, folds, trials."""
    return _SEED.fullmatch(param) is not None


_SEED: Final = re.compile(
    r"(?:.*[._/-])?(?!n_|num_)(?:\w*_)?"
    r"(?:seeds?|seed_?\d+|random_?state|rng|rng_?key|repeat|replicate|repetition|trial|fold)|(?:.*[._/-])?seed_?everything",
    re.IGNORECASE,
)
