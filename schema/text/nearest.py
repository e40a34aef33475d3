"""Names that were probably meant: one rule for every "did you mean"."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

_SUGGESTIONS: Final = 3
_LONGEST: Final = 80
_MOST: Final = 2_000


def nearest(text: str, names: Iterable[str], *, limit: int = _SUGGESTIONS) -> tuple[str, ...]:
    """Names most like `text`, best first: the same letters in another case, else the usual slips, else a part of it.

    At most `limit`; of thousands of names, about a millisecond each thousand.
    """
    # It takes milliseconds to import, and only errors need it.
    import difflib

    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(name.casefold(), name)
    wanted = text.casefold()
    if wanted in folded:
        return (folded[wanted],)
    # difflib is quadratic in the length, and a slip of the finger hardly changes it.
    near = [
        name for name in folded if abs(len(name) - len(wanted)) <= max(2, len(wanted) // 3) and len(name) <= _LONGEST
    ]
    found = difflib.get_close_matches(wanted, near[:_MOST], n=limit, cutoff=0.6) if len(wanted) <= _LONGEST else []
    found += sorted((name for name in folded if len(wanted) > 1 and wanted in name), key=len)
    return tuple(dict.fromkeys(folded[name] for name in found))[:limit]


def did_you_mean(found: Iterable[str], *, show: Callable[[str], str] = repr, between: str = " or ") -> str:
    """The end of a message about an unknown name: `; did you mean 'digits'?`; empty where nothing is near.

    Args:
        found: what may be meant, best first, as `nearest` gives it.
        show: how a name is written.
        between: what stands between several.
    """
    shown = between.join(show(name) for name in found)
    return f"; did you mean {shown}?" if shown else ""


def no_such(text: str, names: Iterable[str]) -> str:
    """`did_you_mean` for one of a few things that people named: what is near, else the first ones there are."""
    every = list(names)
    few = nearest(text, every) or every[:_SUGGESTIONS]
    return did_you_mean(few, between=", ") or ", nor any other yet"
