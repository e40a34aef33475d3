"""A difference between versions of files without secrets: files that hold them are left out, lines are redacted. Pure.

What is literal depends on the file. In YAML, TOML, JSON, INI and `.properties` files `password: x` is a value, and what
is indented below `secrets:` is secret; in code `password = x` is an expression and stays, text in quotes does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from .names import REDACTED, Secrecy, hides, secrecy
from .redact import redact_code, redact_flags, redact_text

_SECRET_FILES: Final = (
    ".env .env.* *.env .envrc .flaskenv *.pem *.key *.p8 *.p12 *.pfx *.pkcs12 *.jks *.keystore *.kdb *.kdbx *.ppk "
    "*.asc *.gpg *.age *.ovpn id_rsa* id_dsa* id_ecdsa* id_ed25519* .netrc _netrc .pgpass pgpass.conf .my.cnf "
    ".mylogin.cnf .npmrc .yarnrc .pypirc .htpasswd .git-credentials .dockercfg .dockerconfigjson .s3cfg .boto "
    ".databrickscfg .snowsql rclone.conf credentials credentials.* *credentials.json *credentials.yaml "
    "*credentials.yml *credentials.toml *credentials.csv client_secret*.json *service-account*.json "
    "*service_account*.json *serviceaccount*.json kubeconfig *.kubeconfig secrets secrets.* *.secrets *-secrets.* "
    "*_secrets.* *.secrets.* secret secret.* *.secret *-secret.* *_secret.* *.secret.* *.token token .token "
    ".vault_pass* .vault-token vault_pass* *.tfvars *.tfvars.json *.tfstate *.tfstate.* kaggle.json "
    "*.mobileprovision local.settings.json passwords passwords.* password password.* *password*.txt token.txt "
    "tokens.txt"
).split()
_SECRET_FOLDERS: Final = frozenset(".ssh .aws .gnupg .azure .kaggle .secrets secrets".split())
_EXAMPLES: Final = ("*.example", "*.sample", "*.template", "*.dist", "*.pub")
_DATA: Final = (
    ".yaml .yml .toml .json .json5 .jsonl .ini .cfg .conf .config .properties .env .tf .hcl .xml .plist .service "
    ".sh .bash .zsh .fish .ps1 .bat .cmd .sbatch .slurm .pbs .txt .md .rst .csv .sql .http .rest .ipynb .cnf "
    ".prefs .args .dockerfile"
).split()
_DATA_NAMES: Final = frozenset(
    "dockerfile makefile .condarc .condor docker-compose justfile procfile jenkinsfile .bashrc".split()
)
_LINE: Final = re.compile(
    r"""(?P<i>[ \t]*)(?P<d>(?:-[ \t]+)*(?:(?:export|set|setx|ENV|ARG|readonly|local|declare)[ \t]+(?:-\w+[ \t]+)?)?)"""
    r"""(?P<n>["']?[A-Za-z_$][\w.\[\] -]*?["']?)(?P<a>[ \t]*(?::=|=>|=|:(?!//))[ \t]*)(?P<s>.*?)(?P<e>[ \t]*[,;]?)"""
)
_SECTION: Final = re.compile(r"[ \t]*\[{1,2}[ \t]*(?P<n>[^\[\]]+?)[ \t]*\]{1,2}[ \t]*(?:#.*)?")
_XML: Final = re.compile(r"<(?P<n>[A-Za-z_][\w.-]*)(?P<a>[^<>]*)>(?P<s>[^<>]+)</(?P=n)>")
_INLINE: Final = re.compile(
    r"""(?<=[{,\s])(?P<n>[A-Za-z_][\w.-]*)["']?[ \t]*[:=][ \t]*(?P<s>[^\s"',{}\[\]]+)(?=[ \t]*[,}])"""
)
_NUMBER: Final = re.compile(r"[-+]?[\d_.]+(?:[eE][-+]?\d+)?")
_OPENERS: Final = re.compile(r"(?:[|>][-+0-9]*|[\[{(]|&\w+|!\w+)?[ \t]*(?:#.*)?")
_ITEM: Final = re.compile(r"(?P<i>[ \t]*(?:-[ \t]+)?)(?P<s>(?!-[ \t])[^\s\[\]{}(),].*?)(?P<e>[ \t]*,?)")


def redact_diff(text: str, found: list[str] | None = None) -> str:
    """What `git diff` says, without secrets.

    Args:
        text: with the prefixes `a/` and `b/`, whole files or cut after any line.
        found: takes the kind of each secret.
    """
    out = []
    for part in _files(leave_out(text, found)):
        head, _, body = part.partition("\n")
        if not head.startswith("diff --git "):
            out.append(redact_text(part, found))
        elif body in ("", LEFT_OUT):
            out.append(part)
        else:
            data = any(_is_data(path) for path in _paths(head))
            out.append(f"{head}\n{_redact_hunks(body, data=data, found=found)}")
    return "\n".join(out)


def leave_out(text: str, found: list[str] | None = None) -> str:
    """What `git diff` says without the hunks of files that hold secrets; their names stay. Quick, whatever the size."""
    out = []
    for part in _files(text):
        head, _, body = part.partition("\n")
        secret = head.startswith("diff --git ") and any(is_secret_file(path) for path in _paths(head))
        if secret and body != LEFT_OUT and found is not None:
            found.append("file that holds secrets")
        out.append(f"{head}\n{LEFT_OUT}" if secret else part)
    return "\n".join(out)


LEFT_OUT: Final = "(left out: such a file holds secrets)"


def is_secret_file(path: str) -> bool:
    """Whether a file of this path is there to hold secrets: `.env`, `key.pem`, `id_rsa`, `.netrc`, `secrets.toml`."""
    *folders, name = path.lower().split("/")
    if any(fnmatchcase(name, each) for each in _EXAMPLES):
        return False
    if any(folder in _SECRET_FOLDERS for folder in folders) and not name.endswith((".py", ".md")):
        return True
    return any(fnmatchcase(name, each) for each in _SECRET_FILES) or (name.startswith("id_") and "." not in name)


def _files(text: str) -> Iterator[str]:
    start = 0
    while (at := text.find("\ndiff --git ", start)) >= 0:
        yield text[start:at]
        start = at + 1
    yield text[start:]


def _paths(head: str) -> list[str]:
    said = head.removeprefix("diff --git ")
    if said.startswith('"'):
        return [p.strip('" ').partition("/")[2] for p in re.split(r'"\s+"?', said) if p]
    # Names may hold spaces: where both are the same, half of it is one.
    half = len(said) // 2
    first, second = said[:half], said[half + 1 :]
    if first[:2] == "a/" and second[:2] == "b/" and first[2:] == second[2:]:
        return [first[2:]]
    return [
        part for each in re.split(r" b/", said.removeprefix("a/").replace(' "b/', " b/")) if (part := each.strip('"'))
    ]


def _is_data(path: str) -> bool:
    name = path.lower().rpartition("/")[2]
    for each in _EXAMPLES:
        name = name.removesuffix(each[1:])
    return (
        name.endswith(tuple(_DATA))
        or name in _DATA_NAMES
        or name.startswith((".env", "dockerfile", "docker-compose"))
        or (name.startswith(".") and name.endswith("rc"))
    )


def _redact_hunks(body: str, *, data: bool, found: list[str] | None) -> str:
    # Keys of several lines are told apart by what they begin with, so their lines must stand without + and -.
    body = _redact_blocks(body, found)
    if not data:
        return redact_code(body, found)
    out: list[str] = []
    lines = _Lines(found)
    for line in body.split("\n"):
        if line.startswith("@@"):
            lines = _Lines(found)
            # After the ranges git repeats the last line above them that is not indented.
            lines.redact(line.rpartition("@@ ")[2] if line.count("@@") > 1 else "")
            out.append(line)
        elif line[:1] in ("+", "-", " ") and not line.startswith(("+++ ", "--- ")):
            out.append(line[0] + lines.redact(line[1:]))
        else:
            out.append(line)
    return redact_code("\n".join(out), found)


def _redact_blocks(body: str, found: list[str] | None) -> str:
    if "PRIVATE KEY" not in body:
        return body
    out = []
    inside = False
    for line in body.split("\n"):
        begins = "-----BEGIN" in line and "PRIVATE KEY" in line
        ends = "-----END" in line and "PRIVATE KEY" in line
        if begins and not ends:
            inside = True
            out.append(f"{line.partition('-----BEGIN')[0]}{REDACTED}")
            if found is not None:
                found.append("private key")
        elif inside:
            inside = not ends and not line.startswith(("@@", "diff --git "))
            if not inside and not ends:
                out.append(line)
        else:
            out.append(line)
    return "\n".join(out)


class _Lines:
    """The lines of one hunk of a file of data, the names above each known by their indentation."""

    def __init__(self, found: list[str] | None) -> None:
        self._found = found
        self._above: list[tuple[int, Secrecy]] = []
        self._section: Secrecy | None = None

    def redact(self, line: str) -> str:
        if not line.strip() or line.lstrip().startswith(("#", "//", ";")):
            # A value that was commented out is a value all the same.
            mark = re.match(r"[ \t]*(?:#|//|;)+[ \t]*", line)
            return f"{mark[0]}{_Lines(self._found).redact(line[mark.end() :])}" if mark and line.strip() else line
        if section := _SECTION.fullmatch(line):
            self._section = secrecy(section["n"].strip("\"' "))
            self._above = []
            return line
        indent = len(line) - len(line.lstrip(" \t"))
        inside = line.strip()[0] in "-]})"
        while self._above and (indent < self._above[-1][0] or (indent == self._above[-1][0] and not inside)):
            self._above.pop()
        above = self._above[-1][1] if self._above else self._section
        match = _LINE.fullmatch(line)
        if match is None:
            return self._item(line, above)
        how = secrecy(match["n"].strip("\"'$ "))
        direct = how is not None
        how = how if how == "strong" or above is None else above
        if how is not None and _OPENERS.fullmatch(match["s"]):
            self._above.append((indent, how))
            return line
        if how is None:
            return self._inner(line)
        if not direct and _NUMBER.fullmatch(match["s"]):
            return line
        return f"{line[: match.start('s')]}{self._value(match['s'], how)}{match['e']}"

    def _inner(self, line: str) -> str:
        return redact_flags(_INLINE.sub(self._inline, _XML.sub(self._element, line)), self._found, literal=True)

    def _inline(self, match: re.Match[str]) -> str:
        how = secrecy(match["n"])
        start = match.start("s") - match.start()
        return match[0] if how is None else f"{match[0][:start]}{self._value(match['s'], how)}"

    def _item(self, line: str, above: Secrecy | None) -> str:
        match = _ITEM.fullmatch(line)
        if above is None or match is None:
            return self._inner(line)
        if _NUMBER.fullmatch(match["s"]):
            return line
        return f"{match['i']}{self._value(match['s'], above)}{match['e']}"

    def _element(self, match: re.Match[str]) -> str:
        how = secrecy(match["n"])
        if how is None:
            return match[0]
        return f"<{match['n']}{match['a']}>{self._value(match['s'], how)}</{match['n']}>"

    def _value(self, given: str, how: Secrecy) -> str:
        text, quote, rest = given, "", ""
        if given[:1] in ("'", '"'):
            quote, end = given[0], given.find(given[0], 1)
            text, rest = (given[1:end], given[end + 1 :]) if end > 0 else (given[1:], "")
        elif (at := re.search(r"[ \t]+(?:#|//)", given)) is not None:
            text, rest = given[: at.start()], given[at.start() :]
        if given[:1] in ("{", "["):
            # A list or a dict on one line: of it nothing stays.
            hidden = re.search(r"[A-Za-z]", given) is not None and REDACTED not in given
        else:
            hidden = hides(how, text)
        if not hidden:
            return given
        if self._found is not None:
            self._found.append("secret name")
        return f"{quote}{REDACTED}{quote}{rest}"
