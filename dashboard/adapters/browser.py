"""What our style and our scripts find in the browser's side of Streamlit, looked for in the files that it serves.

Scripts observe the page's text as well, to show characters that cannot be seen; for that any page will do.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from threading import Thread
from typing import Final

from .inside import Inside, installed, is_known, is_there
from .page_parts import APP, OF_STYLE, SCRIPT_STATE

STYLE: Final = Inside("the parts of a page", "these are drawn in Streamlit's own style")
STATE: Final = Inside(
    "whether a page is being drawn", "charts that scroll into view may be asked for a second time while it is"
)
HISTORY: Final = Inside(
    "steps in the browser's history", "a click on a link within a component needs the page to be loaded again"
)
NEEDS: Final[Mapping[Inside, tuple[str, ...]]] = {
    STYLE: OF_STYLE,
    STATE: (APP, SCRIPT_STATE),
    HISTORY: ("popstate",),
}
"""What has to stand somewhere in Streamlit's scripts."""


def check_browser_side() -> Thread | None:
    """Look for all of it where the installed Streamlit is another than this was written for; warns of what is missing.

    Reads some 20 MB of files once, in a thread that is returned; None where there is nothing to check.
    """
    if is_known(installed()):
        return None
    thread = Thread(target=_check, name="lakeboard-browser-side", daemon=True)
    thread.start()
    return thread


def _check() -> None:
    gone = missing_names()
    for inside, names in NEEDS.items():
        is_there(inside, [name for name in names if name in gone])


def missing_names(folder: Path | None = None) -> set[str]:
    """Those of the names that stand in no script of a folder and those below it; by default Streamlit's own scripts.

    All of them where the folder has no script.
    """
    place = folder if folder is not None else Path(str(files("streamlit").joinpath("static")))
    open_names = {name for names in NEEDS.values() for name in names}
    for path in sorted(place.rglob("*.js")):
        if not open_names:
            break
        text = path.read_bytes()
        open_names -= {name for name in open_names if name.encode() in text}
    return open_names
