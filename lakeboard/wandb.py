"""`import lakeboard.wandb as wandb`, instead of `import wandb`: W&B's own verbs write to a lake."""

from typing import Any

from .facades import wandb as _facade
from .facades.wandb import *  # noqa: F403 the door has all that the room has

__all__ = _facade.__all__


def __getattr__(name: str) -> Any:
    return getattr(_facade, name)
