"""Secrets stay out of the lake: what lies under telling names, and what has a telling shape. Pure, never raises.

The same two tables (`secretnames`, `secretshapes`) for configs, arguments, addresses, errors, tracebacks, code and
console output. Redacting twice changes nothing more; numbers and booleans are never changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from ..plain.walk import Plain
from .names import REDACTED, Secrecy, hides, secrecy
from .shapes import redact_shapes

_NAME: Final = r"[A-Za-z_][\w.-]*"
_QUOTED: Final = re.compile(
    # name = "value", "name": "value", name: str = b"value", environ["NAME"] = "value"
    rf"""(?<![\w.-])(?P<n>{_NAME})"""
    r"""(?P<a>\\?["']?\]?[ \t]*(?::[ \t]*[\w\[\], |.]{1,40}=|[:=]{1,2}|=>|<-)[ \t]*[bBrRuUfF]{0,2})"""
    r"""(?P<q>\\?["'])(?P<s>(?:(?!(?P=q))[^\n]){1,2000})(?P=q)"""
)
_CALLED: Final = re.compile(
    # get("name", "value"), add_argument("--name", default="value"), ("name", "value") given to a setter
    rf"""(?P<c>\b(?:get|getenv|setdefault|pop|putenv|setenv|set|add_argument|add_option|option|Option|header|add_header|DEFINE_string)\()"""
    rf"""(?P<a>[ \t]*["']-{{0,2}})(?P<n>{_NAME})(?P<m>["'][ \t]*,(?:[^\n()]{{0,200}}?\bdefault[ \t]*=)?[ \t]*)"""
    r"""(?P<q>["'])(?P<s>(?:(?!(?P=q))[^\n]){1,2000})(?P=q)"""
)
_BARE: Final = re.compile(
    # name=value as in DSNs, environments, forms and addresses
    rf"""(?<![\w.%-])(?P<n>-{{0,2}}{_NAME})=(?P<s>(?:[^\s"'`;&,<>()]|,(?![\s]|[\w.-]+=|$))+)(?!\()"""
)
_COLON: Final = re.compile(
    # name: value, such as clients quote in their errors
    rf"""(?<![\w.-])(?P<n>{_NAME}):[ \t]*(?P<s>[^\s"'`;&,<>()]{{4,}})"""
)
_LINE: Final = re.compile(
    rf"^[ \t+-]*(?:export |set )?(?P<n>{_NAME})[ \t]*[:=][ \t]+(?P<s>[^\s\"'#][^\s#]{{3,}})[ \t]*$", re.MULTILINE
)
_GUESSED: Final = re.compile(r"(?=.*\d|.{20})\S{8,}")
_FLAG: Final = re.compile(
    # --name value on a command line
    r"""(?<![\w-])--?(?P<n>[A-Za-z][\w.-]+)(?:[ \t]+|=)(?P<q>["']?)(?P<s>(?!-)[^\s"'`;|<>()]+)"""
)
_LISTED: Final = re.compile(
    # ["--name", "value"]
    r"""["']--?(?P<n>[A-Za-z][\w.-]+)["'][ \t]*,\s*["'](?P<s>(?!-)[^\n"']+)["']"""
)
_QUERY: Final = re.compile(r"""(?<=[?&;])(?P<n>[\w.%-]{1,64})=(?P<s>[^\s"'`&#<>;]+)""")
_QUERY_SECRETS: Final = frozenset(
    "sig signature hmac sas sessionid session_id auth_key x-amz-signature "
    "x-amz-credential x-amz-security-token x-goog-signature x-goog-credential x-oss-signature x-cos-signature "
    "q-signature awsaccesskeyid googleaccessid ossaccesskeyid policy key-pair-id hdnts hdnea token_hash "
    "client_assertion samlresponse subscription-key".split()
)
"""Names that are secrets in the query of an address, though not elsewhere."""
_QUERY_GUESSES: Final = frozenset(("key", "code", "state", "sid", "session", "ticket", "policy"))
"""Likewise, where the value looks random."""
_EXPRESSION: Final = re.compile(
    r"(?:self|cls|args?|cfg|config|conf|opts?|options|params|settings|os|env|environ|getpass)\.[\w.]*"
)
_RANDOM: Final = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w+/=.~-]{16,}")
_MAX_JSON_CHARS: Final = 100_000
_ARGUMENT: Final = re.compile(r"(-{0,2}[A-Za-z_+~][\w.+~/@:-]*)=(.*)", re.DOTALL)
_PLURAL: Final = re.compile(r"s$", re.IGNORECASE)


def redact_text(text: str, found: list[str] | None = None) -> str:
    """`text` without secrets: what has a telling shape, queries of addresses, `password=x`, `"token": "x"`.

    Args:
        text: an error, a traceback, a line of a console, an address.
        found: takes the kind of each secret.
    """
    if text[:1] in ("{", "["):
        text = _redact_json(text, found)
    text = _redact_bare(_redact_quoted(redact_shapes(text, found), found), found)
    return redact_flags(_named(_LINE, _named(_COLON, text, found), found), found)


def redact_code(text: str, found: list[str] | None = None) -> str:
    """Source without secrets: literal text under a telling name or of a telling shape; expressions stay."""
    return _redact_query(_redact_quoted(redact_shapes(text, found), found), found)


def redact_flags(text: str, found: list[str] | None = None, *, literal: bool = False) -> str:
    """`text` without the secrets of command lines in it: `--db-pass x`.

    Args:
        text: any.
        found: takes the kind of each secret.
        literal: it is a command line; else it may be a sentence that tells what to pass.
    """
    return _named(_FLAG, text, found, literal=literal) if "-" in text else text


def redact_value(name: str, value: Plain, found: list[str] | None = None, *, above: Secrecy | None = None) -> Plain:
    """The value of a param (or variable) of that name, as a walk gave it, without secrets. A copy.

    Args:
        name: its name, dotted or not.
        value: plain.
        found: takes the kind of each secret.
        above: how secret what it lies in is.
    """
    how = secrecy(name) if above != "strong" else above
    return _redacted(value, how or above, found)


def redact_tree(tree: Mapping[str, Plain], found: list[str] | None = None) -> dict[str, Plain]:
    """`redact_value` of every item."""
    return {redact_name(name): redact_value(name, value, found) for name, value in tree.items()}


def redact_name(name: str) -> str:
    """A param's name without secrets: a dict may be keyed by addresses or tokens."""
    return redact_shapes(name)


def redact_arguments(arguments: Sequence[str], found: list[str] | None = None) -> list[str]:
    """A command line without secrets: `--token X`, `--token=X`, `db.password=X`, `-u me:X`, keys of known shapes."""
    out: list[str] = []
    hiding: Secrecy | None = None
    several = False
    before = ""
    for argument in arguments:
        if hiding is not None and not argument.startswith("--"):
            out.append(_hidden(argument, hiding, found))
            if not several:
                hiding = None
            continue
        hiding = None
        match = _ARGUMENT.fullmatch(argument)
        how = secrecy(match[1]) if match else None
        if match and how is not None:
            out.append(f"{match[1]}={_hidden(match[2], how, found)}")
        elif before in ("-u", "--user", "--proxy-user") and ":" in argument and "/" not in argument:
            out.append(f"{argument.partition(':')[0]}:{_hidden(argument.partition(':')[2], 'strong', found)}")
        else:
            out.append(redact_text(argument, found))
            if match is None and argument.startswith("-"):
                hiding = secrecy(argument.lstrip("-"))
                several = _PLURAL.search(argument) is not None and not argument.lower().endswith(("pass", "ss"))
        before = argument
    return out


def _hidden(text: str, how: Secrecy, found: list[str] | None) -> str:
    if not hides(how, text):
        return redact_text(text, found)
    if found is not None:
        found.append("secret name")
    return REDACTED


def _redacted(value: Plain, how: Secrecy | None, found: list[str] | None) -> Plain:
    if isinstance(value, str):
        return redact_text(value, found) if how is None else _hidden(value, how, found)
    if isinstance(value, dict):
        return {redact_name(k): redact_value(k, v, found, above=how) for k, v in value.items()}
    if isinstance(value, list):
        return [_redacted(each, how, found) for each in value]
    return value


def _redact_quoted(text: str, found: list[str] | None) -> str:
    if '"' not in text and "'" not in text:
        return text
    return _named(_LISTED, _named(_CALLED, _named(_QUOTED, text, found), found), found)


def _redact_query(text: str, found: list[str] | None) -> str:
    def hidden(match: re.Match[str]) -> str:
        name, value = match["n"], match["s"]
        how, known = secrecy(name), name.lower()
        if known in _QUERY_SECRETS or (known in _QUERY_GUESSES and _RANDOM.fullmatch(value)):
            how = how or "weak"
        return match[0] if how is None else f"{name}={_hidden(value, how, found)}"

    return _QUERY.sub(hidden, text) if "=" in text else text


def _redact_bare(text: str, found: list[str] | None) -> str:
    return _named(_BARE, _redact_query(text, found), found) if "=" in text else text


def _redact_json(text: str, found: list[str] | None) -> str:
    """A text that is JSON: what lies below a secret name is secret there, too."""
    if len(text) > _MAX_JSON_CHARS:
        return text
    try:
        tree = json.loads(text)
        hidden = _redacted(tree, None, found)
        return text if hidden == tree else json.dumps(hidden, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _named(pattern: re.Pattern[str], text: str, found: list[str] | None, *, literal: bool = False) -> str:
    """`text` without the values (group `s`) of secret names (group `n`)."""

    def hidden(match: re.Match[str]) -> str:
        name, value = match["n"], match["s"]
        how = secrecy(name)
        start = match.start("s") - match.start()
        if how is None:
            inner = _named(pattern, value, found) if pattern is _BARE and "=" in value else value
            return f"{match[0][:start]}{inner}{match[0][start + len(value) :]}"
        sure = literal or _is_sure(pattern, how, value)
        if value == name or _EXPRESSION.fullmatch(value) or not hides(how, value) or not sure:
            return match[0]
        if found is not None:
            found.append("secret name")
        return f"{match[0][:start]}{REDACTED}{match[0][start + len(value) :]}"

    return pattern.sub(hidden, text)


def _is_sure(pattern: re.Pattern[str], how: Secrecy, value: str) -> bool:
    """Whether a value is more than a word of a sentence, or a bracket that a parser compares its token with."""
    if pattern is _QUOTED:
        return how == "strong" or len(value) >= 4
    if pattern is _FLAG and how == "weak":
        return len(value) >= 6 and re.search(r"\d", value) is not None
    if pattern is _COLON or pattern is _FLAG:
        return re.search(r"\d|\W", value) is not None if how == "strong" else _RANDOM.fullmatch(value) is not None
    return pattern is not _LINE or how == "strong" or _GUESSED.fullmatch(value) is not None
