"""Answer the questions and print the table: `python -m tests.protocol [word in the name]`."""

from __future__ import annotations

import sys
from time import perf_counter

from tests.protocol.checker import explore
from tests.protocol.questions import questions


def main(words: list[str]) -> int:
    """Print one line a question; with words, those that have them all, and the traces of violations."""
    surprises = 0
    for question in questions():
        if not all(word in question.name for word in words):
            continue
        began = perf_counter()
        result = explore(question.model)
        took = perf_counter() - began
        found = result.kind or result.verdict
        never = [verb for verb in question.must_happen if not result.fired[verb]]
        surprises += found != question.answer or bool(never)
        note = f"  NEVER: {', '.join(never)}" if never else ""
        note += "" if found == question.answer else f"  EXPECTED {question.answer}"
        line = f"{question.name:43s} {found:11s} {result.states:9,d} states {result.depth:3d} deep {took:6.1f} s"
        sys.stdout.write(f"{line}  {question.bounds}{note}\n")
        if words and result.kind:
            sys.stdout.write(result.story() + "\n")
        sys.stdout.flush()
    return surprises


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
