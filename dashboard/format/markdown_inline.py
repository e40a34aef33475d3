"""What stands in a line of Markdown: emphasis, code and links, as plain values. Pure, linear time."""

from __future__ import annotations

import re
from typing import Any, Final, TypeAlias

Inline: TypeAlias = list[Any]
"""`["text", t]`, `["code", t]`, `["strong" | "em" | "del", nodes]`, `["link" | "image", href, nodes]`, `["break"]`."""
_DEPTH: Final = 6
_URL: Final = r"[^\s()<>\[\]]*(?:\([^\s()<>\[\]]*\)[^\s()<>\[\]]*)*"
_LINK: Final = re.compile(rf"(!?)\[([^\[\]]*)\]\([ \n]*<?({_URL})>?(?:[ \n]+[\"'(][^\"'()\[\]\n]*[\"')])?[ \n]*\)")
_ANGLE: Final = re.compile(r"<((?:https?|mailto):[^\s<>]+)>", re.IGNORECASE)
_BARE: Final = re.compile(r"https?://[^\s<>\[\]\"'`|]+", re.IGNORECASE)
_SCHEMES: Final = ("http://", "https://", "mailto:")
_MARKS: Final = {"**": "strong", "__": "strong", "~~": "del", "*": "em", "_": "em"}
_SPECIAL: Final = re.compile(r"[\\`*_~!\[<\nhH]")
_ESCAPABLE: Final = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


def inline(text: str) -> list[Inline]:
    """The nodes of a paragraph."""
    return _inline(text, 0, links=True)


def safe_href(url: str) -> str | None:
    """The address, if it leads to the web or a mailbox; null for scripts, data, files and relative ones."""
    known = url.strip()
    if not known.casefold().startswith(_SCHEMES) or any(not c.isprintable() or c.isspace() for c in known):
        return None
    return known


def _inline(text: str, depth: int, *, links: bool) -> list[Inline]:
    out: list[Inline] = []
    plain: list[str] = []
    absent: set[str] = set()
    """Marks that are not closed by anything from here on: no need to look again."""

    def flush() -> None:
        said = "".join(plain)
        plain.clear()
        if said:
            out.append(["text", said])

    def say(node: Inline) -> None:
        flush()
        out.append(node)

    at = 0
    while at < len(text):
        found = _SPECIAL.search(text, at)
        if found is None:
            plain.append(text[at:])
            break
        plain.append(text[at : found.start()])
        at = found.start()
        node, end = _node(text, at, depth, absent, links=links)
        if node is not None:
            say(node)
        elif text[at] == "\\" and end > at + 1:
            plain.append(text[at + 1])
        else:
            plain.append(text[at:end])
        at = end
    flush()
    return out


def _node(text: str, at: int, depth: int, absent: set[str], *, links: bool) -> tuple[Inline | None, int]:
    """The node that begins here and where it ends; without one, null and the end of what is plain text."""
    match text[at]:
        case "\n":
            return ["break"], at + 1
        case "\\":
            return None, at + 2 if text[at + 1 : at + 2] in _ESCAPABLE and at + 1 < len(text) else at + 1
        case "`":
            return _code(text, at, absent)
        case "!" | "[" if links and (found := _LINK.match(text, at)):
            return _link(found, depth), found.end()
        case "<" if links and (found := _ANGLE.match(text, at)):
            href = safe_href(found[1])
            return (["link", href, [["text", found[1]]]] if href else None), found.end()
        case "h" | "H" if links and not text[at - 1 : at].isalnum() and (found := _BARE.match(text, at)):
            url = _trimmed(found[0])
            href = safe_href(url)
            return (["link", href, [["text", url]]] if href else None), at + len(url)
        case "*" | "_" | "~" if depth < _DEPTH:
            return _marked(text, at, depth, absent, links=links)
    return None, at + 1


def _code(text: str, at: int, absent: set[str]) -> tuple[Inline | None, int]:
    end = at
    while text[end : end + 1] == "`":
        end += 1
    mark = text[at:end]
    if mark not in absent:
        close = re.compile(rf"(?<!`){mark}(?!`)").search(text, end)
        if close:
            body = text[end : close.start()].replace("\n", " ")
            return ["code", body[1:-1] if body.startswith(" ") and body.endswith(" ") and body.strip() else body], (
                close.end()
            )
        absent.add(mark)
    return None, end


def _link(found: re.Match[str], depth: int) -> Inline | None:
    picture, label, url = found[1], found[2], found[3]
    href = safe_href(url)
    if href is None:
        # The words stay, and where they would have led is there to be read.
        said = f"{label} ({url})" if url else label
        return ["text", said]
    inner = _inline(label, depth + 1, links=False) if label else [["text", href]]
    return ["image" if picture else "link", href, inner]


def _trimmed(url: str) -> str:
    """A bare address without the punctuation of the sentence around it."""
    url = url.rstrip(".,;:!?*_~")
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip(".,;:!?*_~")
    return url


def _marked(text: str, at: int, depth: int, absent: set[str], *, links: bool) -> tuple[Inline | None, int]:
    for mark in (text[at : at + 2], text[at]):
        if mark not in _MARKS or mark in absent:
            continue
        start = at + len(mark)
        if start >= len(text) or text[start].isspace():
            continue
        if mark[0] == "_" and text[at - 1 : at].isalnum():
            continue
        close = _closing(text, mark, start + 1)
        if close < 0:
            absent.add(mark)
            continue
        return [_MARKS[mark], _inline(text[start:close], depth + 1, links=links)], close + len(mark)
    run = at
    while text[run : run + 1] == text[at]:
        run += 1
    return None, run


def _closing(text: str, mark: str, start: int) -> int:
    """Where a mark is closed: not after a blank, underscores not inside a word, a star not as half of two."""
    at = text.find(mark, start)
    while at >= 0:
        after = at + len(mark)
        while len(mark) == 2 and text[after : after + 1] == mark[0]:
            # Of three, the first closes what is inside.
            at, after = at + 1, after + 1
        inside = mark[0] == "_" and text[after : after + 1].isalnum()
        half = len(mark) == 1 and (text[after : after + 1] == mark or text[at - 1] == mark)
        if not text[at - 1].isspace() and not inside and not half:
            return at
        at = text.find(mark, after)
    return -1
