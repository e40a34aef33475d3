"""Words for options that stay apart, however alike what they stand for is called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping


def apart(words: Mapping[str, str], *, also: Collection[str] = ()) -> dict[str, str]:
    """What options are called, each differently: Streamlit knows an option by its words, and takes two alike for one.

    Args:
        words: of each option.
        also: words that are taken.
    """
    often = Counter([*words.values(), *also])
    return {each: word if often[word] == 1 or word == each else f"{word} ({each})" for each, word in words.items()}
