"""How the dashboard is set up when started from an installed package, where no `.streamlit/config.toml` lies about.

The same values as in the repository's `.streamlit/config.toml`; a test compares them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

Value: TypeAlias = str | int | bool | list[str] | list[int]

_SIDEBAR_DARK: Final[Mapping[str, Value]] = {
    "backgroundColor": "#0c1116",
    "secondaryBackgroundColor": "#19212a",
    "textColor": "#e3e9ef",
    "borderColor": "#2b3641",
    "primaryColor": "#3f97cb",
    "linkColor": "#6cbfe8",
    "codeBackgroundColor": "#19212a",
}
_SIDEBAR_LIGHT: Final[Mapping[str, Value]] = {
    "backgroundColor": "#f7f8fa",
    "secondaryBackgroundColor": "#ffffff",
    "textColor": "#17212b",
    "borderColor": "#dde2e8",
    "primaryColor": "#0b6a94",
    "linkColor": "#0b6a94",
    "codeBackgroundColor": "#ffffff",
}
_LIGHT: Final[Mapping[str, Value]] = {
    "primaryColor": "#0b6a94",
    "backgroundColor": "#ffffff",
    "secondaryBackgroundColor": "#f4f6f8",
    "textColor": "#17212b",
    "linkColor": "#0b6a94",
    "borderColor": "#dde2e8",
    "codeBackgroundColor": "#f4f6f8",
    "codeTextColor": "#2b3a48",
    "greenColor": "#197a45",
    "redColor": "#c0362c",
    "orangeColor": "#b35309",
    "yellowColor": "#8a6400",
    "blueColor": "#0b6a94",
    "violetColor": "#6d4fc2",
    "grayColor": "#5b6977",
    "grayTextColor": "#56636f",
}
_DARK: Final[Mapping[str, Value]] = {
    "primaryColor": "#3f97cb",
    "backgroundColor": "#10151b",
    "secondaryBackgroundColor": "#19212a",
    "textColor": "#e3e9ef",
    "linkColor": "#6cbfe8",
    "borderColor": "#2b3641",
    "codeBackgroundColor": "#19212a",
    "codeTextColor": "#cfd9e3",
    "greenColor": "#4fc585",
    "redColor": "#f28379",
    "orangeColor": "#eea55b",
    "yellowColor": "#e0c04e",
    "blueColor": "#6cbfe8",
    "violetColor": "#b29cf5",
    "grayColor": "#93a1af",
    "grayTextColor": "#9daab7",
}
SETTINGS: Final[Mapping[str, Mapping[str, Value]]] = {
    "browser": {"gatherUsageStats": False},
    "server": {"address": "127.0.0.1", "headless": True, "fileWatcherType": "none"},
    "client": {"toolbarMode": "minimal", "showErrorDetails": "none"},
    "theme": {
        "baseFontSize": 14,
        "baseRadius": "6px",
        "buttonRadius": "6px",
        "showWidgetBorder": True,
        "showSidebarBorder": True,
        "linkUnderline": False,
        "codeFontSize": "12px",
        "headingFontSizes": ["20px", "16px", "14px", "13px", "12px", "12px"],
        "headingFontWeights": [600, 600, 600, 600, 600, 600],
        "paddingTop": "0.75rem",
        "paddingBottom": "2rem",
    },
    "theme.sidebar": {"paddingTop": "0.5rem", "paddingBottom": "1rem"},
    "theme.light": _LIGHT,
    "theme.light.sidebar": _SIDEBAR_LIGHT,
    "theme.dark": _DARK,
    "theme.dark.sidebar": _SIDEBAR_DARK,
}
"""By section of Streamlit's configuration."""


def flags() -> Iterator[str]:
    """The settings as arguments of `streamlit run`."""
    for section, values in SETTINGS.items():
        for name, value in values.items():
            yield f"--{section}.{name}={value if isinstance(value, str) else json.dumps(value)}"
