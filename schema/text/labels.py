"""What a metric is called with its dataset: the inverse of `metric_label`. Pure."""

from __future__ import annotations

import re
from typing import Final


def split_label(label: str) -> tuple[str, str | None]:
    """`val/acc [cifar10]` gives `val/acc` and `cifar10`; a label without a dataset gives itself and null."""
    match = _LABEL.fullmatch(label)
    return (match["metric"], match["dataset"]) if match else (label, None)


_LABEL: Final = re.compile(r"(?P<metric>.+?) \[(?P<dataset>.+)\]", re.DOTALL)
