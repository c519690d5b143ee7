"""Files from SFTP servers that somebody else supplied: checked addresses, and the server must have the key we know."""

from __future__ import annotations

import base64
import hashlib
import stat
import time
from dataclasses import dataclass
from typing import IO
from urllib.parse import unquote, urlsplit

import paramiko

from gateways.downloads import TooLarge
from gateways.http import RefusedAddress, Unreachable, dial

TIMEOUT = 120.0  # seconds for a whole file
_STEP = 15.0  # seconds for one answer of the server
_PORT = 22
_CHUNK = 256 * 1024


class WrongHostKey(Exception):
    """The server is another one than the feed was set up for, or somebody stands between."""


class SignInRefused(Exception):
    """User name or password are not right."""


class NoSuchFile(Exception):
    """The path names nothing that can be read."""


@dataclass(frozen=True)
class Place:
    """Where a file lies: `sftp://host:port/path`; a path that ends with / means the newest file of a folder."""

    host: str
    port: int
    path: str


def place_of(url: str) -> Place:
    """The parts of the address. Raises `RefusedAddress`."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORT
    except ValueError as error:
        raise RefusedAddress("malformed") from error
    if parts.scheme != "sftp" or not host or "@" in parts.netloc or "\0" in unquote(parts.path):
        raise RefusedAddress("only sftp, without a user name in the address")
    return Place(host, port, unquote(parts.path) or "/")


def download(
    url: str,
    into: IO[bytes],
    *,
    account: str,
    secret: str,
    host_key: str,
    max_bytes: int,
    timeout: float = TIMEOUT,
) -> str:
    """Write the file into `into`; its name.

    `host_key` is « ssh-ed25519 AAAA… » or « SHA256:… ». Raises `RefusedAddress`, `Unreachable`, `WrongHostKey`,
    `SignInRefused`, `NoSuchFile`, `TooLarge`.
    """
    place = place_of(url)
    end = time.monotonic() + timeout
    line = dial(place.host, place.port, timeout=_STEP)
    transport = paramiko.Transport(line)
    try:
        _sign_in(transport, account, secret, host_key)
        with _client(transport) as client:
            path = _path(client, place.path)
            _copy(client, path, into, max_bytes=max_bytes, end=end)
    except (paramiko.SSHException, EOFError, TimeoutError, ConnectionError) as error:
        raise Unreachable("connection") from error
    except OSError as error:
        raise NoSuchFile(place.path) from error
    finally:
        transport.close()
    return path.rpartition("/")[2]


def fits(key: paramiko.PKey, known: str) -> bool:
    """Whether the server's key is the known one."""
    words = known.split()
    if len(words) == 1:
        print_ = base64.b64encode(hashlib.sha256(key.asbytes()).digest()).decode().rstrip("=")
        return words[0].removeprefix("SHA256:").rstrip("=") == print_
    return words[:2] == [key.get_name(), key.get_base64()]


def _sign_in(transport: paramiko.Transport, account: str, secret: str, host_key: str) -> None:
    transport.banner_timeout = transport.auth_timeout = _STEP
    transport.start_client(timeout=_STEP)
    if not fits(transport.get_remote_server_key(), host_key):
        raise WrongHostKey
    try:
        transport.auth_password(account, secret)
    except paramiko.AuthenticationException as error:
        raise SignInRefused from error


def _client(transport: paramiko.Transport) -> paramiko.SFTPClient:
    client = paramiko.SFTPClient.from_transport(transport)
    if client is None:
        raise paramiko.SSHException("no channel")
    channel = client.get_channel()
    if channel is not None:
        channel.settimeout(_STEP)
    return client


def _path(client: paramiko.SFTPClient, path: str) -> str:
    """The file itself, or the newest one of the folder."""
    if not path.endswith("/"):
        return path
    files = [entry for entry in client.listdir_attr(path) if stat.S_ISREG(entry.st_mode or 0)]
    if not files:
        raise NoSuchFile(path)
    return path + max(files, key=lambda entry: entry.st_mtime or 0).filename


def _copy(client: paramiko.SFTPClient, path: str, into: IO[bytes], *, max_bytes: int, end: float) -> None:
    size = 0
    with client.open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            if size > max_bytes:
                raise TooLarge
            if time.monotonic() > end:
                raise TimeoutError
            into.write(chunk)
