"""What code for users may import: the names of five modules, nothing else of lakeboard."""

from __future__ import annotations

import ast
import importlib
from typing import Final

from tests.checkout import ROOT

PACKAGES: Final = ("lakeboard", "lakeboard.query", "lakeboard.upkeep")
DOORS: Final = ("lakeboard.tensorboard", "lakeboard.wandb")
"""Modules with other trackers' names."""
FACES: Final = (*PACKAGES, *DOORS)


_INTEGRATION: Final = "lakeboard.integrations."
"""Each module below it is a face too; its framework need not be installed here."""


def private_imports(source: str) -> list[str]:
    """What a script imports of lakeboard that is not public, as `module` or `module.name`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [
                alias.name
                for alias in node.names
                if _ours(alias.name) and alias.name not in FACES and not alias.name.startswith(_INTEGRATION)
            ]
        elif isinstance(node, ast.ImportFrom) and node.module and _ours(node.module):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            if node.module in FACES:
                public = importlib.import_module(node.module).__all__
                names = [name for name in names if name.rpartition(".")[2] not in public and name not in FACES]
            elif node.module.startswith(_INTEGRATION):
                names = [name for name in names if name.rpartition(".")[2] not in _of_integration(node.module)]
            found += names
    return found


def _of_integration(module: str) -> list[str]:
    tree = ast.parse((ROOT / "integrations" / f"{module.removeprefix(_INTEGRATION)}.py").read_text())
    (names,) = (n.value for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "__all__")
    return list(ast.literal_eval(names))


def _ours(module: str) -> bool:
    return module.partition(".")[0] == "lakeboard"
