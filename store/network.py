"""A lake on a file server that fsspec reaches: SFTP and WebDAV, where a file that is being written can be seen."""

from __future__ import annotations

import builtins
import os
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from ..schema.errors import InvalidSetting, MissingObject, StoreError, StoreUnreachable
from .keyrules import TMP, check_key, check_prefix, is_key
from .objects import FsspecStore

_MOVES: Final = 20
"""Tries to rename while others remove the same folder."""


class NetworkStore(FsspecStore):
    """Objects as files of a server. A put writes aside, below `_tmp/`, and renames: nobody sees half an object.

    Rests on what the server does with a rename onto a file that is there: OpenSSH's `posix-rename` and WebDAV's MOVE
    with Overwrite replace it at once. A put is three requests or more, and folders are looked at one by one. A
    connection that was lost is made anew at the next use.

    Args:
        url: `sftp://user@host:22/absolute/path`, or `webdav://path` with the option `base_url`.
        options: arguments of the fsspec file system: `username`, `password`, `key_filename`, … of paramiko for SFTP;
            `base_url` and `auth` for WebDAV.

    Raises:
        InvalidSetting: the address names no place, or an option is missing.
    """

    def __init__(self, url: str, *, options: Mapping[str, object] | None = None) -> None:
        super().__init__(url, options=options)
        self._scheme, _, place = self._url.partition("://")
        # Neither has such a cache, and one hands what it does not know to the client library.
        self._options.pop("use_listings_cache", None)
        if self._scheme == "webdav":
            if "base_url" not in self._options:
                raise InvalidSetting(
                    f"lake {self._url} needs the server's address: storage_options={{'base_url': 'https://host/dav', "
                    "'auth': (user, password)}"
                )
        elif not place.partition("/")[2]:
            raise InvalidSetting(f"lake address {url!r} must name a folder, as in sftp://user@host/data/lake")

    def _make(self) -> tuple[Any, str]:
        import fsspec

        kind = fsspec.get_filesystem_class(self._scheme)
        if self._scheme == "webdav":
            return kind(**self._options, skip_instance_cache=True), self._url.removeprefix("webdav://")
        address = urlsplit(self._url)
        told = {"host": address.hostname, "port": address.port, "username": address.username}
        given = {name: value for name, value in told.items() if value is not None}
        return kind(**{**given, **self._options}, skip_instance_cache=True), address.path.rstrip("/")

    def _translated(self, error: Exception, act: str, key: str) -> StoreError:
        found = super()._translated(error, act, key)
        names = {cls.__name__ for cls in type(error).__mro__}
        lost = names & {"SSHException", "EOFError", "TransportError", "NoValidConnectionsError"}
        if lost or "closed" in str(error).lower():
            found = StoreUnreachable(f"can't {act} {self._url}/{key}: the connection is lost ({error}); try again later")
        if isinstance(found, StoreUnreachable):
            self._opened = None
        return found

    def put(self, key: str, data: bytes, *, durable: bool = False) -> None:
        """Store `data` under `key`: write aside, rename."""
        check_key(key)
        with self._telling("write", key):
            fs, root = self._filesystem()
            target = f"{root}/{key}"
            aside = f"{root}/{TMP}/{os.getpid()}-{os.urandom(8).hex()}"
            self._write(fs, aside, bytes(data))
            for last in range(_MOVES):
                try:
                    self._move(fs, aside, target)
                except Exception:
                    if last == _MOVES - 1 or not self._make_folder(fs, target.rpartition("/")[0]):
                        self._drop(fs, aside)
                        raise
                else:
                    return

    def _write(self, fs: Any, path: str, data: bytes) -> None:
        try:
            fs.pipe_file(path, data)
        except Exception:
            if not self._make_folder(fs, path.rpartition("/")[0]):
                raise
            fs.pipe_file(path, data)

    def _move(self, fs: Any, old: str, new: str) -> None:
        if self._scheme == "webdav":
            fs.client.move(old, new, overwrite=True)
        else:
            fs.ftp.posix_rename(old, new)

    def _make_folder(self, fs: Any, folder: str) -> bool:
        """Make a folder and those above it; whether it is there now."""
        missing = []
        while folder and not fs.isdir(folder):
            missing.append(folder)
            folder = folder.rpartition("/")[0]
        for each in reversed(missing):
            try:
                fs.mkdir(each, create_parents=False)
            except Exception:  # noqa: BLE001 another may have made it meanwhile: that is looked at
                if not fs.isdir(each):
                    return False
        return True

    def _drop(self, fs: Any, path: str) -> None:
        try:
            fs.rm_file(path)
        except Exception:  # noqa: BLE001 what is left aside is no object and disturbs nobody
            return

    def get(self, key: str) -> bytes:
        """All bytes of one object."""
        check_key(key)
        with self._telling("read", key):
            fs, root = self._filesystem()
            path = f"{root}/{key}"
            try:
                return bytes(fs.cat_file(path))
            except Exception as error:
                # Of a folder servers say this and that.
                if not isinstance(error, FileNotFoundError) and fs.isdir(path):
                    raise MissingObject(f"no object at {self._url}/{key}") from error
                raise

    def list_dirs(self, prefix: str) -> builtins.list[str]:
        """Names of the folders directly below the folder `prefix` that hold a file at some depth, sorted."""
        check_prefix(prefix)
        with self._telling("list", prefix):
            fs, root = self._filesystem()
            folder = f"{root}/{prefix}".rstrip("/")
            return sorted(
                name
                for name, kind in self._entries(fs, folder)
                if kind == "directory" and is_key(prefix + name) and self._holds_file(fs, f"{folder}/{name}")
            )

    def _entries(self, fs: Any, folder: str) -> builtins.list[tuple[str, str]]:
        """(name, type) of what lies in a folder; nothing for one that is not there."""
        try:
            found = fs.ls(folder, detail=True)
        except FileNotFoundError:
            return []
        return [(str(entry["name"]).rstrip("/").rpartition("/")[2], entry["type"]) for entry in found]

    def _holds_file(self, fs: Any, folder: str) -> bool:
        entries = self._entries(fs, folder)
        return any(kind == "file" for _, kind in entries) or any(
            self._holds_file(fs, f"{folder}/{name}") for name, kind in entries if kind == "directory"
        )

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; missing ones are fine. One request each; folders stay."""
        doomed = [check_key(key) for key in keys]
        for key in doomed:
            with self._telling("delete", key):
                fs, root = self._filesystem()
                path = f"{root}/{key}"
                try:
                    self._remove(fs, path)
                except FileNotFoundError:
                    continue
                except Exception:
                    if not fs.exists(path) or fs.isdir(path):
                        continue
                    raise

    def _remove(self, fs: Any, path: str) -> None:
        if self._scheme == "webdav":
            # A DELETE of a folder takes all that is in it.
            if not fs.isdir(path):
                fs.client.remove(path)
        else:
            fs.ftp.remove(path)
