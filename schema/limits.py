"""The most that one object of a lake may ask of whoever reads it, each with its reason.

A lake is a folder that others write to, too. What decodes to more than this is named as damaged and costs itself:
a compressed object of 4 MB can stand for gigabytes, and one such would end every reader. No limit is near what
lakeboard writes.
"""

from __future__ import annotations

from typing import Final

MAX_POINT_ROWS: Final = 5_000_000
"""Points in one object of `live/` or `metrics/`: twice what fills the 20 MB of memory at which a writer seals."""
MAX_TABLE_ROWS: Final = 1_000_000
"""Run rows or edits in one pack; packers leave larger ones alone."""
MAX_DECODED_BYTES: Final = 2**30
"""Memory that one object's columns take once decoded; a dashboard of 4 GB of memory survives it."""
MAX_ROW_BYTES: Final = 64 * 2**20
"""The same of an object with the row of one run: a page of 100,000 metrics takes half of it."""
MAX_FOOTER_BYTES: Final = 32 * 2**20
"""A footer is parsed before anything is known of the object, at some thirty times its size of memory. That of a tail
carries the run's row as JSON: 100,000 metrics take 25 MB."""
MAX_COLUMNS: Final = 2_000
"""Columns, counted inside maps and lists, too. Run rows have about 70; later formats add some."""
MAX_ROW_GROUPS: Final = 4_096
"""Row groups are closed at 16,384 rows or later; many small ones make a footer slow to parse and each read slow."""
MAX_OBJECT_BYTES: Final = 2**30
"""Bytes of one object as they lie in the store; packers stop at 64 MB, writers seal at 8 MB."""
MAX_JSON_BYTES: Final = 32 * 2**20
"""Bytes of a JSON object (a board, a view, the note at the root); 100,000 measures take 10 MB."""
MAX_MEASURES: Final = 1_000
"""Columns of a leaderboard; a page of more takes longer to draw than anyone waits, and nobody reads it."""
MAX_JSON_DEPTH: Final = 64
"""Brackets within brackets in JSON; params that are nested deeper are stored as text."""
