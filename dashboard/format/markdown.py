"""Notes in Markdown as plain values for `notes.js`: nothing in it can be markup, a script or a hidden request.

The part of CommonMark that people write by hand: headings, paragraphs (line breaks stay), lists with tasks, quotes,
code, tables, rules, emphasis, links. HTML is text. Images are links, so that nothing is fetched before a click. Links
lead to http, https and mailto only; others are text. Linear time, so that no note can stall a page. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from .markdown_inline import Inline, inline

Block: TypeAlias = dict[str, Any]
MOST_CHARS: Final = 100_000
"""Of a note that is laid out; the rest is left out and said."""
_DEPTH: Final = 8
_HEADING: Final = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_RULE: Final = re.compile(r" {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$")
_FENCE: Final = re.compile(r"( {0,3})(`{3,}|~{3,})[ \t]*([^`]*)$")
_ITEM: Final = re.compile(r"( {0,3})([-*+]|\d{1,9}[.)])(?:[ \t]+(.*))?$")
_TASK: Final = re.compile(r"\[([ xX])\][ \t]+(.*)$", re.DOTALL)
_QUOTE: Final = re.compile(r" {0,3}> ?(.*)$")
_DASHES: Final = re.compile(r" *\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *$")


def blocks(text: str) -> list[Block]:
    """The blocks of a note, of its first `MOST_CHARS` characters.

    A block is a dict: `k` is `p`, `h` (`n`: level), `code` (`t`), `quote`, `list` (`ordered`, `start`), `table`
    (`head`, `rows`) or `rule`; `c` holds what is in it: inline nodes (see `inline`), blocks, or items (`done`, `c`).
    """
    return _blocks(text[:MOST_CHARS].replace("\r\n", "\n").replace("\t", "    ").split("\n"), 0)


def _blocks(lines: Sequence[str], depth: int) -> list[Block]:
    out: list[Block] = []
    paragraph: list[str] = []

    def close() -> None:
        if paragraph:
            out.append({"k": "p", "c": inline("\n".join(paragraph).strip())})
            paragraph.clear()

    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            close()
            at += 1
        elif fence := _FENCE.match(line):
            close()
            block, at = _code(lines, at, fence)
            out.append(block)
        elif heading := _HEADING.match(line):
            close()
            out.append({"k": "h", "n": len(heading[1]), "c": inline(heading[2] or "")})
            at += 1
        elif _RULE.match(line):
            close()
            out.append({"k": "rule"})
            at += 1
        elif depth < _DEPTH and _QUOTE.match(line):
            close()
            inner, at = _quoted(lines, at)
            out.append({"k": "quote", "c": _blocks(inner, depth + 1)})
        elif depth < _DEPTH and _ITEM.match(line):
            close()
            block, at = _list(lines, at, depth)
            out.append(block)
        elif _starts_table(lines, at):
            close()
            block, at = _table(lines, at)
            out.append(block)
        else:
            paragraph.append(line.lstrip())
            at += 1
    close()
    return out


def _code(lines: Sequence[str], at: int, fence: re.Match[str]) -> tuple[Block, int]:
    indent, mark = len(fence[1]), fence[2]
    body = []
    at += 1
    while at < len(lines):
        line = lines[at]
        bare = line.strip()
        at += 1
        if len(bare) >= len(mark) and bare == mark[0] * len(bare):
            break
        body.append(line[indent:] if line[:indent].isspace() else line)
    return {"k": "code", "t": "\n".join(body), "lang": fence[3].strip()[:40]}, at


def _quoted(lines: Sequence[str], at: int) -> tuple[list[str], int]:
    inner = []
    while at < len(lines) and lines[at].strip():
        quoted = _QUOTE.match(lines[at])
        if quoted is None and _begins(lines[at]):
            break
        inner.append(quoted[1] if quoted else lines[at])
        at += 1
    return inner, at


def _list(lines: Sequence[str], at: int, depth: int) -> tuple[Block, int]:
    first = _ITEM.match(lines[at])
    assert first is not None
    ordered, mark = first[2][0].isdigit(), first[2][-1]
    items: list[Block] = []
    while at < len(lines):
        item = _ITEM.match(lines[at])
        if item is None or _RULE.match(lines[at]) or item[2][-1] != mark or item[2][0].isdigit() != ordered:
            break
        body, at = _item(lines, at, item)
        task = _TASK.match(body[0])
        body[0] = task[2] if task else body[0]
        items.append({"done": task[1] != " " if task else None, "c": _blocks(body, depth + 1)})
    start = int(first[2][:-1]) if ordered else 1
    return {"k": "list", "ordered": ordered, "start": start, "c": items}, at


def _item(lines: Sequence[str], at: int, item: re.Match[str]) -> tuple[list[str], int]:
    """An item's lines without its indent, and where it ends: at a line that is neither indented nor goes on."""
    inner = len(item[1]) + len(item[2]) + 1
    body = [item[3] or ""]
    at += 1
    blank = False
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            blank = True
            body.append("")
        elif len(line) - len(line.lstrip()) >= min(inner, 2):
            # Two blanks are what most people indent by, whatever the marker's width.
            body.append(line[min(inner, len(line) - len(line.lstrip())) :])
            blank = False
        elif blank or _begins(line) or _ITEM.match(line):
            break
        else:
            body.append(line)
        at += 1
    while len(body) > 1 and not body[-1]:
        body.pop()
    return body, at


def _begins(line: str) -> bool:
    """Whether a line begins a block that ends a paragraph."""
    return any(each.match(line) for each in (_FENCE, _HEADING, _RULE, _ITEM, _QUOTE))


def _starts_table(lines: Sequence[str], at: int) -> bool:
    return (
        "|" in lines[at]
        and at + 1 < len(lines)
        and "|" in lines[at + 1]
        and "-" in lines[at + 1]
        and _DASHES.match(lines[at + 1]) is not None
    )


def _table(lines: Sequence[str], at: int) -> tuple[Block, int]:
    head = _cells(lines[at])
    at += 2
    rows = []
    while at < len(lines) and "|" in lines[at]:
        row = _cells(lines[at])[: len(head)]
        rows.append(row + [[] for _ in range(len(head) - len(row))])
        at += 1
    return {"k": "table", "head": head, "rows": rows}, at


def _cells(line: str) -> list[list[Inline]]:
    bare = line.strip().removeprefix("|")
    bare = bare[:-1] if bare.endswith("|") and not bare.endswith("\\|") else bare
    return [inline(cell.replace("\\|", "|").strip()) for cell in re.split(r"(?<!\\)\|", bare)]
