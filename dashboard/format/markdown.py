"""Notes in Markdown as plain values for `note.js`: nothing in them can be markup, a script or a hidden request. Pure.

CommonMark with tables, strikethrough and tasks, read by markdown-it-py. Three things differ: line breaks stay, HTML is
text, and images are links, so that nothing is fetched before a click. Links lead to http, https and mailto only; of
others the source is shown. An address that begins with http or https is a link without brackets too; a name
that only looks like one, such as `train.py` or `www.example.org`, is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, Final, TypeAlias

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

Block: TypeAlias = dict[str, Any]
Inline: TypeAlias = list[Any]
"""`["text", t]`, `["code", t]`, `["strong" | "em" | "del", nodes]`, `["break"]`, `["link" | "image", href, nodes]`; the
latter two with a fourth element where the link has a title."""
MOST_CHARS: Final = 50_000
"""Of a note that is laid out; the rest is left out, and its length is shown."""
_DEEPEST: Final = 16
"""Levels of quotes and lists (a list takes two); what is deeper is one paragraph, so that parsing stays linear."""
_DEEPEST_INLINE: Final = 6
"""Levels of emphasis and links; deeper ones are text without emphasis."""
_SCHEMES: Final = ("http://", "https://", "mailto:")
_BARE: Final = re.compile(r"(?<![^\W_])https?://[^\s<>\[\]\"'`|]+", re.IGNORECASE)
_TASK: Final = re.compile(r"\[([ xX])\][ \t]+")
_MARKS: Final = {"strong_open": "strong", "em_open": "em", "s_open": "del", "link_open": "link"}


def layout_note(text: str) -> list[Block]:
    """The blocks of a note, of its first `MOST_CHARS` characters. Any text gives some, in time linear in its length.

    A block is a dict: `k` is `p`, `h` (`n`: level), `code` (`t`, `lang`), `quote`, `list` (`ordered`, `start`), `table`
    (`head`, `rows`, `align`: by column `left`, `center`, `right` or empty) or `rule`; `c` holds what is in it: `Inline`
    nodes, blocks, or items (`done`: None for an item that is no task, `c`: blocks).
    """
    root: Block = {"c": []}
    inside = [root]
    before: Token | None = None
    for token in _parser().parse(text[:MOST_CHARS]):
        match token.type:
            case "inline":
                assert before is not None
                _put_line(inside[-1], before, _inline(token.children or ()))
            case "fence" | "code_block":
                code = token.content.removesuffix("\n")
                inside[-1]["c"].append({"k": "code", "t": code, "lang": token.info.strip()[:40]})
            case "hr":
                inside[-1]["c"].append({"k": "rule"})
            case "tr_open":
                inside[-1]["rows"].append([])
            case "blockquote_open" | "bullet_list_open" | "ordered_list_open" | "list_item_open" | "table_open":
                block = _opened(token)
                inside[-1]["c"].append(block)
                inside.append(block)
            case "blockquote_close" | "bullet_list_close" | "ordered_list_close" | "list_item_close" | "table_close":
                _close(inside.pop())
        before = token
    return list(root["c"])


def safe_href(url: str) -> str | None:
    """The address, if it leads to the web or a mailbox; None for scripts, data, files and relative ones."""
    known = url.strip()
    if not known.casefold().startswith(_SCHEMES) or any(not c.isprintable() or c.isspace() for c in known):
        return None
    return known


class _Parser(MarkdownIt):
    """Takes safe addresses alone, and each as it was typed."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - as the base class calls it
        return safe_href(url) is not None

    def normalizeLink(self, url: str) -> str:  # noqa: N802
        return url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        return link


@cache
def _parser() -> MarkdownIt:
    parser = _Parser("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.block.ruler.before("table", "too_deep", _too_deep)
    # Its rules are compiled at first use, which several threads must not do at once.
    parser.parse("a")
    return parser


def _too_deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A block rule: takes all that is nested too deeply as one paragraph. The parser itself would leave it out."""
    if silent or state.level < _DEEPEST:
        return False
    state.push("paragraph_open", "p", 1)
    line = state.push("inline", "", 0)
    line.content = state.getLines(start, end, state.blkIndent, False).strip()
    line.children = []
    state.push("paragraph_close", "p", -1)
    state.line = end
    return True


def _opened(token: Token) -> Block:
    match token.type:
        case "blockquote_open":
            return {"k": "quote", "c": []}
        case "list_item_open":
            return {"done": None, "c": []}
        case "table_open":
            return {"k": "table", "head": [], "rows": [], "align": []}
        case _:
            ordered = token.type == "ordered_list_open"
            return {"k": "list", "ordered": ordered, "start": int(token.attrs.get("start", 1)), "c": []}


def _put_line(block: Block, opened: Token, nodes: list[Inline]) -> None:
    match opened.type:
        case "heading_open":
            block["c"].append({"k": "h", "n": int(opened.tag[1]), "c": nodes})
        case "th_open" | "td_open":
            block["rows"][-1].append(nodes)
            if opened.type == "th_open":
                block["align"].append(str(opened.attrs.get("style", "")).removeprefix("text-align:"))
        case _:
            block["c"].append({"k": "p", "c": nodes})


def _close(block: Block) -> None:
    if block.get("k") == "table":
        block["head"] = block["rows"].pop(0)
    elif "done" in block and block["c"]:
        nodes = block["c"][0]["c"] if block["c"][0].get("k") == "p" else []
        task = _TASK.match(nodes[0][1]) if nodes and nodes[0][0] == "text" else None
        if task:
            block["done"] = task[1] != " "
            rest = nodes[0][1][task.end() :]
            nodes[:1] = [["text", rest]] if rest else []


def _inline(tokens: Iterable[Token]) -> list[Inline]:
    out: list[Inline] = []
    inside = [out]
    """The nodes that are being filled; the same list again for a mark that is too deep to be one."""
    links = 0
    for token in tokens:
        nodes = inside[-1]
        match token.type:
            case "text":
                _say(nodes, token.content, links=not links)
            case "softbreak" | "hardbreak":
                nodes.append(["break"])
            case "code_inline":
                nodes.append(["code", token.content])
            case "image":
                nodes.append(_linked("image", token, "src", _inline(token.children or ())))
            case "strong_open" | "em_open" | "s_open" | "link_open":
                links += token.type == "link_open"
                inside.append(_begin(nodes, token) if len(inside) <= _DEEPEST_INLINE else nodes)
            case _ if token.nesting < 0:
                links -= token.type == "link_close"
                inside.pop()
    return out


def _begin(nodes: list[Inline], token: Token) -> list[Inline]:
    """Add the node that a token opens; returns the list that is to be filled."""
    inner: list[Inline] = []
    kind = _MARKS[token.type]
    nodes.append(_linked(kind, token, "href", inner) if kind == "link" else [kind, inner])
    return inner


def _linked(kind: str, token: Token, name: str, inner: list[Inline]) -> Inline:
    href, title = str(token.attrs[name]), str(token.attrs.get("title", ""))
    if kind == "image" and not inner:
        inner = [["text", href]]
    return [kind, href, inner, title] if title else [kind, href, inner]


def _say(nodes: list[Inline], text: str, *, links: bool) -> None:
    """Add text, in which bare addresses become links."""
    at = 0
    for found in _BARE.finditer(text) if links else ():
        url = _trim(found[0])
        if safe_href(url):
            _add_text(nodes, text[at : found.start()])
            nodes.append(["link", url, [["text", url]]])
            at = found.start() + len(url)
    _add_text(nodes, text[at:])


def _add_text(nodes: list[Inline], text: str) -> None:
    if nodes and nodes[-1][0] == "text":
        nodes[-1][1] += text
    elif text:
        nodes.append(["text", text])


def _trim(url: str) -> str:
    """A bare address without the punctuation of the sentence around it."""
    url = url.rstrip(".,;:!?*_~")
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip(".,;:!?*_~")
    return url
