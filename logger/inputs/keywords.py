"""Keywords that `init` does not have: those of other trackers are named and passed over, misspelt ones refused."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from ...schema.errors import InvalidSetting

_ELSEWHERE: Final = {
    "allow_val_change": "", "anonymous": "", "artifact_location": "lake=", "config_exclude_keys": "",
    "config_include_keys": "", "description": "notes=", "dir": "LAKEBOARD_SPOOL", "entity": "",
    "experiment": "project=", "experiment_id": "project=", "experiment_name": "project=", "force": "", "fork_from": "",
    "log_system_metrics": "", "magic": "", "monitor_gym": "", "nested": "parent_run_id=", "registry_uri": "",
    "resume_from": "resume_step=", "run_id": "id=", "run_name": "name=", "save_code": "", "settings": "",
    "sync_tensorboard": "", "tensorboard": "", "tracking_uri": "lake=",
}  # fmt: skip
"""What W&B and MLflow call things at their `init` and `start_run`, and our word for it, where there is one."""
_ALIKE: Final = 0.7


def answer(given: Iterable[str], known: Iterable[str]) -> str | None:
    """What to say of keywords that `init` does not have; None where there are none.

    Raises:
        InvalidSetting: a keyword of no tracker; says which one was meant, where one is alike.
    """
    foreign = []
    for name in given:
        if name in _ELSEWHERE:
            foreign.append(name)
            continue
        alike = get_close_matches(name.lower(), [k for k in known if not k.startswith("_")], 1, _ALIKE)
        hint = f"did you mean {alike[0]}=?" if alike else "help(lakeboard.init) lists what it takes"
        raise InvalidSetting(f"init() has no {name}=; {hint}")
    if not foreign:
        return None
    names = [f"{n}= (see {_ELSEWHERE[n]})" if _ELSEWHERE[n] else f"{n}=" for n in foreign]
    return f"init() has no {', '.join(names)}: passed over, and the run goes on"
