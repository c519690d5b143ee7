"""An SFTP server on this machine with one account and a folder of files, speaking the real protocol."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED

ACCOUNT, SECRET = "dealer", "geheim-1"


class _Server(paramiko.ServerInterface):
    def check_auth_password(self, username: str, password: str) -> int:
        fits = (username, password) == (ACCOUNT, SECRET)
        return int(AUTH_SUCCESSFUL if fits else AUTH_FAILED)

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return int(OPEN_SUCCEEDED)

    def get_allowed_auths(self, username: str) -> str:
        return "password"


class _Files(paramiko.SFTPServerInterface):
    folder: Path

    def _path(self, path: str) -> Path:
        return self.folder / path.strip("/")

    def list_folder(self, path: str) -> Any:
        return [
            paramiko.SFTPAttributes.from_stat(found.stat(), found.name)
            for found in self._path(path).iterdir()
        ]

    def stat(self, path: str) -> Any:
        try:
            return paramiko.SFTPAttributes.from_stat(self._path(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 2)

    lstat = stat

    def open(self, path: str, flags: int, attr: Any) -> Any:
        try:
            file = self._path(path).open("rb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 2)
        handle = paramiko.SFTPHandle(flags)
        handle.readfile = file  # type: ignore[attr-defined]  # as paramiko's own examples do
        return handle


class SftpServer:
    """Where it listens, and its key as a feed keeps it."""

    def __init__(self, folder: Path) -> None:
        self.key = paramiko.ECDSAKey.generate()
        self._files = type("Files", (_Files,), {"folder": folder})
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]

    @property
    def host_key(self) -> str:
        return f"{self.key.get_name()} {self.key.get_base64()}"

    @property
    def url(self) -> str:
        return f"sftp://127.0.0.1:{self.port}"

    @contextmanager
    def running(self) -> Iterator[SftpServer]:
        thread = threading.Thread(target=self._serve, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._socket.close()
            thread.join(2)

    def _serve(self) -> None:
        while True:
            try:
                line, _address = self._socket.accept()
            except OSError:
                return
            transport = paramiko.Transport(line)
            transport.add_server_key(self.key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, self._files)
            try:
                transport.start_server(server=_Server())
            except (paramiko.SSHException, EOFError, OSError):  # whoever dialled has hung up
                continue


def older(path: Path) -> None:
    """Make a file an hour older than it is."""
    stat = path.stat()
    os.utime(path, (stat.st_atime - 3600, stat.st_mtime - 3600))
