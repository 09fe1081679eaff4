"""Where a user's files lie: a path on this machine, or any address that fsspec knows."""

import glob
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO, Any
from urllib.parse import unquote

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem
from fsspec.utils import infer_compression

from linkqa_kedro.errors import UserError

# A server that is there answers within seconds; one that is not must not hold a run for minutes.
_CONNECT_SECONDS = 10
_READ_SECONDS = 20
_BUFFER_BYTES = 1 << 16

COMPRESSIONS = (".gz", ".bz2", ".xz")
"""Endings of compressed files that can be read as a stream."""

_USER = re.compile(r"(?<=//)[^/\s@]*@")
_QUERY = re.compile(r"(://[^\s?]*)\?[^\s'\"]*")


def without_secrets(text: str) -> str:
    """The text; addresses in it lose user, password and query, which may hold a token."""
    return _QUERY.sub(r"\1?…", _USER.sub("", text))


@dataclass(frozen=True)
class PlacedFile:
    """A file that can be opened.

    Attributes:
        name: File name without its folder.
        path: Path on the file system.
        filesystem: An fsspec file system.
    """

    name: str
    path: str
    filesystem: Any = field(repr=False)

    @property
    def shown(self) -> str:
        """Path for messages, without secrets."""
        return without_secrets(self.path)

    def open(self) -> IO[bytes]:
        """The bytes, unpacked where the name says that they are compressed; seekable for plain local files only.

        Raises:
            UserError: If it cannot be opened; of a stream that is no plain local file also when reading fails.
        """
        compression = infer_compression(self.name)
        try:
            if compression is None and isinstance(self.filesystem, LocalFileSystem):
                return open(self.path, "rb")
            stream = self.filesystem.open(self.path, "rb", compression=compression)
        except Exception as error:  # every protocol's package has errors of its own
            raise _unreadable(self.path, error) from error
        return io.BufferedReader(_Guarded(stream, self.path), _BUFFER_BYTES)


@dataclass(frozen=True)
class Place:
    """What lies at a path or address.

    Attributes:
        files: Files, in the order of their paths; hidden ones left out of patterns and folders.
        is_folder: Whether the address names a folder.
        is_pattern: Whether the address is a pattern.
    """

    files: tuple[PlacedFile, ...]
    is_folder: bool = False
    is_pattern: bool = False


def find_place(address: str, options: Mapping[str, Any] | None = None) -> Place:
    """What lies there; no files where nothing does. Folders in a folder are not looked into.

    Args:
        address: Path or fsspec address of a file, a pattern or a folder.
        options: Storage options of the address's protocol, such as keys.

    Raises:
        UserError: If the protocol is unknown or its package is not installed, or the place does not answer.
    """
    filesystem, path = _filesystem(address, options or {})
    is_web = bool(re.search(r"https?://", path))
    try:
        return _look(filesystem, path, is_web)
    except FileNotFoundError as error:
        if error.__cause__ is None:
            return Place(())
        raise _unreadable(address, error) from error  # over HTTP everything that fails is "not found"
    except Exception as error:  # every protocol's package has errors of its own
        raise _unreadable(address, error) from error


def _filesystem(address: str, options: Mapping[str, Any]) -> tuple[Any, str]:
    if "://" not in address and "::" not in address:
        return LocalFileSystem(), address
    try:
        filesystem, path = url_to_fs(address, **_web_options(address), **options)
    except ImportError as error:
        raise UserError(
            f"{without_secrets(address)} needs a package that is not installed here: {error}. "
            "Install it into the environment of the project with pip, or copy the files to this machine."
        ) from error
    except Exception as error:  # what fsspec and the protocols' packages raise on a bad address differs
        raise _unreadable(address, error) from error
    return filesystem, path


def _web_options(address: str) -> dict[str, Any]:
    """Settings for HTTP: bounded waiting, and plain streaming, so that a server need not know ranges."""
    if not re.match(r"https?://", address):
        return {}
    import aiohttp

    timeout = aiohttp.ClientTimeout(
        total=None, connect=_CONNECT_SECONDS, sock_connect=_CONNECT_SECONDS, sock_read=_READ_SECONDS
    )
    return {"block_size": 0, "client_kwargs": {"timeout": timeout, "trust_env": True}}


def _look(filesystem: Any, path: str, is_web: bool) -> Place:
    is_local = isinstance(filesystem, LocalFileSystem)
    plain = path.partition("?")[0] if is_web else path
    if glob.has_magic(plain) and not (is_local and filesystem.exists(path)):
        found = filesystem.glob(path, detail=True).values()
        return Place(_files(filesystem, found, is_web), is_pattern=True)
    info = filesystem.info(path)
    # A web server tells no folder from a file: there the slash at the end does.
    if plain.endswith("/") if is_web else info["type"] == "directory":
        return Place(_files(filesystem, filesystem.ls(path, detail=True), is_web), is_folder=True)
    if info["type"] != "file":
        return Place(())
    return Place((PlacedFile(_name(path, is_web), path, filesystem),))


def _files(filesystem: Any, found: Any, is_web: bool) -> tuple[PlacedFile, ...]:
    """The visible files among the entries of a listing."""
    paths = sorted(
        str(entry["name"])
        for entry in found
        # A link on a local disk is listed as neither file nor folder.
        if entry["type"] == "file" or (entry.get("islink") and filesystem.isfile(entry["name"]))
    )
    files = (PlacedFile(_name(path, is_web), path, filesystem) for path in paths)
    return tuple(file for file in files if file.name and not file.name.startswith("."))


def _name(path: str, is_web: bool) -> str:
    return unquote(PurePosixPath(path.partition("?")[0]).name) if is_web else PurePosixPath(path).name


class _Guarded(io.RawIOBase):
    """Bytes of a stream; whatever its protocol or its compression raises becomes a `UserError`."""

    def __init__(self, stream: Any, address: str) -> None:
        self._stream = stream
        self._address = address

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._stream.read(len(buffer))
        except Exception as error:  # every protocol's package has errors of its own
            raise _unreadable(self._address, error) from error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
        super().close()


def _unreadable(address: str, error: BaseException) -> UserError:
    return UserError(f"{without_secrets(address)} cannot be read: {_why(error.__cause__ or error)}.")


def _why(error: BaseException) -> str:
    """One line without secrets; the words of a library are kept where they tell more than ours."""
    status = getattr(error, "status", None)
    if status is not None:
        return f"the server answers {status} {getattr(error, 'message', '')}".rstrip()
    if isinstance(error, TimeoutError):
        return f"no answer within {_CONNECT_SECONDS} seconds, or no more data for {_READ_SECONDS}"
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return without_secrets(said.splitlines()[0]).rstrip(".")
