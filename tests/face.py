"""What code for users may import: the names of five modules, nothing else of lakeboard."""

from __future__ import annotations

import ast
import importlib
from typing import Final

PACKAGES: Final = ("lakeboard", "lakeboard.query", "lakeboard.upkeep")
DOORS: Final = ("lakeboard.tensorboard", "lakeboard.wandb")
"""Modules with other trackers' names."""
FACES: Final = (*PACKAGES, *DOORS)


def private_imports(source: str) -> list[str]:
    """What a script imports of lakeboard that is not public, as `module` or `module.name`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if _ours(alias.name) and alias.name not in FACES]
        elif isinstance(node, ast.ImportFrom) and node.module and _ours(node.module):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            if node.module in FACES:
                public = importlib.import_module(node.module).__all__
                names = [name for name in names if name.rpartition(".")[2] not in public and name not in FACES]
            found += names
    return found


def _ours(module: str) -> bool:
    return module.partition(".")[0] == "lakeboard"
