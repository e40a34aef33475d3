"""Words for options, no two alike, however alike the things are that they stand for. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping


def make_unique(words: Mapping[str, str], *, also: Collection[str] = ()) -> dict[str, str]:
    """What options are called, each differently: Streamlit knows an option by its words, and takes two alike for one.

    Args:
        words: of each option.
        also: words that are taken.
    """
    often = Counter([*words.values(), *also])
    return {each: word if often[word] == 1 or word == each else f"{word} ({each})" for each, word in words.items()}
