"""From an address to the store that lives there."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from ..schema.errors import InvalidSetting
from .base import Store
from .limited import LimitedStore
from .local import LocalStore

_SCHEME: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://")
_HALF_SCHEME: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):/*")
"""Two letters or more before a colon: no folder is called so by accident, whatever the number of slashes."""
_EXAMPLES: Final = (
    "a folder (./lake, ~/lake, file:///data/lake), s3://bucket/prefix, gs://bucket/prefix, az://container/prefix, "
    "abfs://container/prefix, oss://bucket/prefix and memory://name"
)
_NEVER: Final = {
    **dict.fromkeys(
        ("sftp", "ssh", "smb", "webdav", "dav", "webdavs", "ftp", "ftps", "hdfs", "webhdfs", "arrow_hdfs", "dbfs"),
        "readers would meet half an object there; mount the file system and give the path",
    ),
    **dict.fromkeys(("http", "https", "github", "git", "data", "reference"), "nothing can be written there"),
    **dict.fromkeys(
        ("zip", "tar", "libarchive", "asynclocal", "dir", "dask", "jupyter", "jlab"),
        "it holds no objects that are put one by one; unpack or copy it to a folder and give the path",
    ),
    **dict.fromkeys(
        ("simplecache", "filecache", "blockcache", "cached", "caching"),
        "readers keep what they fetched by themselves; give the address of the bucket",
    ),
    "hf": "it is untried; copy the lake to a folder or a bucket",
    "local": "give the plain path",
}
"""Kinds of addresses that fsspec knows and a lake can't live at: why, and what to do. `docs/stores.md` is the table."""
# Object stores alone: on other file systems of fsspec a reader can meet half an object.
_PACKAGES: Final = {
    "memory": ("fsspec", "fsspec"),
    "gs": ("gcsfs", "gcsfs"),
    "gcs": ("gcsfs", "gcsfs"),
    "az": ("adlfs", "adlfs"),
    "abfs": ("adlfs", "adlfs"),
    "abfss": ("adlfs", "adlfs"),
    "oss": ("ossfs", "ossfs"),
}


def open_store(url: str | os.PathLike[str], *, options: Mapping[str, object] | None = None) -> Store:
    """The store at `url`. Makes no request and writes nothing: that the place exists shows at the first use.

    Args:
        url: a path (`~` is the home, relative ones count from the current directory), `file://`, `s3://`,
            `gs://`, `az://`, `abfs://`, `oss://` or `memory://` (this process only).
        options: arguments of the fsspec file system, such as `key`, `secret`, `endpoint_url`, `anon` for S3.
            They win over the environment (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL`, …).

    Raises:
        InvalidSetting: no such kind of address, credentials inside it, or a package for it is missing; the
            message says what to write or to install.
    """
    text = os.fspath(url)
    if not isinstance(text, str) or not text.strip():
        raise InvalidSetting(f"lake address {text!r} must name a place: {_EXAMPLES}")
    _refuse_chains(text)
    match = _SCHEME.match(text)
    if match is None:
        half = _HALF_SCHEME.match(text)
        if half is None or _is_path(text):
            return _local(text, text, options)
        scheme = half["scheme"].lower()
        if scheme in _NEVER or scheme not in {"s3", "s3a", "file", *_PACKAGES}:
            raise InvalidSetting(_no_store(text, scheme))
        raise InvalidSetting(f"lake address {text!r} lacks slashes; write {re.sub(':/*', '://', text, count=1)!r}")
    scheme = match["scheme"].lower()
    if scheme == "file":
        return _local(text, _file_path(text), options)
    _refuse_credentials(text, scheme)
    if scheme in ("s3", "s3a"):
        from .s3 import S3Store

        return S3Store(f"s3://{text[match.end() :]}", options=options)
    if scheme not in _PACKAGES:
        raise InvalidSetting(_no_store(text, scheme))
    package, module = _PACKAGES[scheme]
    if find_spec(module) is None:
        raise InvalidSetting(f"lake {text!r} needs a package that is missing: pip install {package}")
    from .objects import FsspecStore

    return FsspecStore(f"{scheme}://{text[match.end() :]}", options=options)


def open_limited(url: str | os.PathLike[str], *, options: Mapping[str, object] | None = None) -> Store:
    """`open_store` for whoever decodes what is there: what a listing shows to be too large is not fetched."""
    return LimitedStore(open_store(url, options=options))


def _refuse_chains(text: str) -> None:
    """Addresses within addresses (`simplecache::s3://…`) would else be folders of that name."""
    outer, chained, inner = text.partition("::")
    if chained and (_SCHEME.search(text) or re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", outer)):
        _refuse_credentials(inner if "://" in inner else f"x://{inner}", "x")
        raise InvalidSetting(
            f"lake address {text!r} is chained, and a lake is one place: {_NEVER.get(outer.lower(), 'give that place')}"
            + (f", {inner!r}" if "://" in inner else "")
        )


def _is_path(text: str) -> bool:
    """Whether what looks like an address with too few slashes is a folder all the same: it is there."""
    return Path(text).expanduser().is_dir()


def _no_store(text: str, scheme: str) -> str:
    """Why no lake can live at an address of this kind."""
    why = _NEVER.get(scheme)
    if why is not None:
        return f"lake address {text!r}: no lake lives at {scheme}:// ({why}). Known are {_EXAMPLES}"
    return (
        f"lake address {text!r} is of an unknown kind ({scheme}://); known are {_EXAMPLES}. For a folder of that name "
        f"write {'./' + text!r}; for SFTP, SMB or HDFS mount the file system and give the path"
    )


def _local(shown: str, path: str, options: Mapping[str, object] | None) -> Store:
    if options:
        raise InvalidSetting(f"lake {shown!r} is a folder and takes no options, got {', '.join(sorted(options))}")
    if "\0" in path:
        raise InvalidSetting(f"lake address {shown!r} contains a null character; take it out")
    return LocalStore(path)


def _file_path(url: str) -> str:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
        raise InvalidSetting(f"lake address {url!r} must be absolute, as in file:///data/lake; or give the plain path")
    if parts.query or parts.fragment:
        raise InvalidSetting(
            f"lake address {url!r} must not contain '?' or '#'; write %3F or %23, or give the plain path"
        )
    return unquote(parts.path)


def _refuse_credentials(url: str, scheme: str) -> None:
    """Keep secrets out of addresses, which end up in logs, spools and links; the message must not repeat them."""
    place = url.partition("://")[2]
    authority = place.partition("/")[0]
    user, at, host = authority.rpartition("@")
    if at and (":" in user or scheme in ("s3", "s3a")):
        raise InvalidSetting(
            f"a lake address must not carry credentials ({scheme}://***@{host}/…); put them into the environment "
            "(AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for S3) or pass options={'key': …, 'secret': …}"
        )
    if "?" in place or "#" in place:
        raise InvalidSetting(
            f"a lake address must not contain '?' or '#' ({scheme}://{place.partition('?')[0].partition('#')[0]}…); "
            "settings such as the endpoint go into options or the environment (AWS_ENDPOINT_URL for S3)"
        )
