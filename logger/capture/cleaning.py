"""Lines as they are kept: without secrets, none too long. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from ...schema.secrets.names import REDACTED
from ...schema.secrets.redact import redact_text
from .lines import Line

LINE_CHARS: Final = 10_000
"""The longest line that is kept whole."""
_TOGETHER_CHARS: Final = 2_000
"""So much text is searched for secrets at once: many lines cost little more than one then, and the search, which holds
the interpreter, is short."""
_KEY_BEGINS: Final = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?!.*-----END )")
_KEY_ENDS: Final = re.compile(r"-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----")
_LONGEST_KEY: Final = 400
"""Lines after which a private key that does not end is taken for none."""


class Cleaner:
    """Redacts the lines of one stream. Keeps nothing but whether a private key, which has many lines, is under way."""

    def __init__(self) -> None:
        self._in_key = 0

    def clean(self, lines: Iterable[Line]) -> Iterator[str]:
        """The lines as text that ends with a line's end, in pieces; each piece is a little work.

        Likely secrets are replaced by `[redacted]`, by the same table as everywhere. A line of more than 10,000
        characters is cut, and says so.
        """
        together: list[str] = []
        size = 0
        for line in lines:
            if self._passes_over(line.text):
                continue
            alone = len(line.text) > _TOGETHER_CHARS or line.missing or line.text[:1] in ("{", "[")
            if together and (alone or size + len(line.text) > _TOGETHER_CHARS):
                yield redact_text("\n".join(together)) + "\n"
                together, size = [], 0
            if alone:
                yield _cut(redact_text(line.text), line.missing) + "\n"
            else:
                together.append(line.text)
                size += len(line.text) + 1
            if _KEY_BEGINS.search(line.text):
                self._in_key = _LONGEST_KEY
                if together:
                    # What comes after the key must not be searched together with its beginning.
                    yield redact_text("\n".join(together)) + "\n"
                    together, size = [], 0
        if together:
            yield redact_text("\n".join(together)) + "\n"

    def peek(self, text: str) -> str:
        """Lines that are not whole yet as they would be kept, without counting them."""
        return "" if self._in_key or not text else _cut(redact_text(text), 0)

    def _passes_over(self, text: str) -> bool:
        """Whether a line is the inside of a private key, whose first line was redacted to its end."""
        if not self._in_key:
            return False
        self._in_key -= 1
        if _KEY_ENDS.search(text):
            self._in_key = 0
        return True


def _cut(text: str, missing: int) -> str:
    more = missing + max(0, len(text) - LINE_CHARS)
    if not more:
        return text
    kept = text[:LINE_CHARS]
    # The word that is shown in place of a secret stays whole.
    kept = kept[: kept.rfind("[")] if kept.endswith(tuple(REDACTED[:n] for n in range(1, len(REDACTED)))) else kept
    return f"{kept} … [lakeboard: {more:,} more characters of this line are not kept]"
