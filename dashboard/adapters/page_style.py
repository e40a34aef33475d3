"""The style of what Streamlit draws itself, for which it has no settings.

It has some for the space above and below a page, not for that at its sides, which dense tables need; its captions and
the colours of its code are fainter than weak eyes can read; and the value of a slider stands above the
line of its neighbours, where it has no label.
"""

from __future__ import annotations

from typing import Final

from .page_parts import (
    CAPTION,
    CODE,
    COLUMN,
    COLUMNS,
    METRIC_VALUE,
    PAGE,
    POPOVER,
    SLIDER_ENDS,
    STACK,
    TAGS,
    WRAPPER,
    part,
)

_PAIR: Final = '[class*="st-key-lb-pair-"]'
_REALLY: Final = '[class*="st-key-"][class*="-really"] button'
STYLE: Final = f"""<style>
{part(PAGE)} {{ padding-inline: 1.6rem; }}
{part(CAPTION)} {{ color: inherit; opacity: .78; }}
{part(TAGS)} [data-tag] {{ background: color-mix(in srgb, #2582b3 24%, transparent); color: inherit; }}
.st-key-curves-smooth [role="group"], .st-key-run-smooth [role="group"] {{ transform: translateY(9px); }}
.st-key-curves-smooth {part(SLIDER_ENDS)}, .st-key-run-smooth {part(SLIDER_ENDS)} {{ display: none; }}
{part(CODE)} .token {{ color: inherit !important; }}
{part(CODE)} .token.keyword {{ font-weight: 650; }}
{part(METRIC_VALUE)} {{ font-size: 1.5rem; }}
@media (max-width: 1200px) {{
 {_PAIR} > {part(WRAPPER)} > {part(COLUMNS)}, {_PAIR} > {part(COLUMNS)} {{ flex-direction: column; }}
 {_PAIR} {part(COLUMN)} {{ width: 100%; flex: none; }} }}
{part(POPOVER)}:has([class*="st-key-"][class*="-asked"]) {{ min-width: 0; width: 22rem; max-width: 90vw; }}
{_REALLY} {{ background: #b3261e; border-color: #b3261e; color: #fff; }}
{_REALLY}:hover:not(:disabled) {{ background: #8f1d17; border-color: #8f1d17; color: #fff; }}
{part(PAGE)} > {part(STACK)} {{ gap: .75rem; }}
</style>"""
"""To be put onto every page."""
