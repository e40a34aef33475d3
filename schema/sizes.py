"""Numbers of bytes and dollars as people read them. Pure."""

from __future__ import annotations

from typing import Final

_UNITS: Final = ("B", "kB", "MB", "GB", "TB")


def sized(count: int) -> str:
    """`999 B`, `1.2 MB`; powers of 1,000."""
    number = float(count)
    for unit in _UNITS:
        if number < 1000 or unit == _UNITS[-1]:
            break
        number /= 1000
    return f"{count} B" if unit == "B" else f"{number:.1f} {unit}"


def dollars(amount: float) -> str:
    """`$1,234.50`, two digits of less than a cent such as `$0.0042`, `<$0.0001`."""
    if amount >= 0.01 or not amount:
        return f"${amount:,.2f}"
    return f"${amount:.2g}" if amount >= 1e-4 else "<$0.0001"
