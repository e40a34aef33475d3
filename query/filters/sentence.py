"""A filter said in words, for headings and tooltips; it is not parsed again."""

from __future__ import annotations

from .operators import OPERATORS
from .syntax import Comparison, Filter, Value, write_term

_LONGEST_LIST = 8


def to_sentence(filter: Filter) -> str:
    """`where lr < 0.001 and model is resnet`; `all runs` for the empty filter. Long lists are cut."""
    return "all runs" if filter.term is None else f"where {write_term(filter.term, _comparison)}"


def _comparison(comparison: Comparison) -> str:
    values = [_value(each) for each in comparison.values]
    fields = {"name": comparison.name.text, "list": _list(values)}
    fields |= dict(zip("ab", values, strict=False))
    return OPERATORS[comparison.operator].sentence.format_map(fields)


def _value(value: Value) -> str:
    if value.kind == "null":
        return "missing"
    # Text with spaces or nothing in it would fall apart in a sentence.
    return value.text if value.kind != "string" or _reads_alone(value.text) else f"“{value.text}”"


def _reads_alone(text: str) -> bool:
    return bool(text) and not any(char.isspace() or char in ",()" for char in text)


def _list(values: list[str]) -> str:
    shown = values[:_LONGEST_LIST]
    if len(values) > _LONGEST_LIST:
        shown.append(f"{len(values) - _LONGEST_LIST} more")
    return " or ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0] if shown else ""
