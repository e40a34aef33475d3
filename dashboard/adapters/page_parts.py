"""Names that Streamlit gives to parts of its page for its own tests: our style and our scripts find them by these.

A name that is gone does no harm: the rule of the style that has it applies to nothing.
"""

from __future__ import annotations

from typing import Final

CAPTION: Final = "stCaptionContainer"
CODE: Final = "stCode"
COLUMN: Final = "stColumn"
COLUMNS: Final = "stHorizontalBlock"
METRIC_VALUE: Final = "stMetricValue"
PAGE: Final = "stMainBlockContainer"
POPOVER: Final = "stPopoverBody"
SLIDER_ENDS: Final = "stSliderTickBar"
STACK: Final = "stVerticalBlock"
TAGS: Final = "stMultiSelectTagsContainer"
WRAPPER: Final = "stLayoutWrapper"
OF_STYLE: Final = (
    CAPTION, CODE, COLUMN, COLUMNS, METRIC_VALUE, PAGE, POPOVER, SLIDER_ENDS, STACK, TAGS, WRAPPER,
)  # fmt: skip
APP: Final = "stApp"
"""Has an attribute that tells whether the page is being drawn: `SCRIPT_STATE`."""
SCRIPT_STATE: Final = "test-script-state"


def part(test_id: str) -> str:
    """The CSS selector of a part of the page."""
    return f'[data-testid="{test_id}"]'
