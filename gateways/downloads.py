"""Files from addresses that somebody else supplied: the safe client, with a larger cap and a longer deadline."""

from __future__ import annotations

import ssl
from base64 import b64encode
from http import HTTPStatus
from typing import IO

from gateways.http import Unreachable, exchange

# Seconds for a whole file; a feed of 200 MB needs 14 Mbit/s.
TIMEOUT = 120.0
_CHUNK = 256 * 1024


class NotGiven(Exception):
    """The server answered something else than the file; `status` is HTTP's."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class TooLarge(Exception):
    """The file is larger than the cap; what was written of it is worth nothing."""


def download(
    url: str,
    into: IO[bytes],
    *,
    max_bytes: int,
    account: str = "",
    secret: str = "",
    timeout: float = TIMEOUT,
    tls: ssl.SSLContext | None = None,
) -> int:
    """Write what the address gives into a file; its size in bytes.

    Raises:
        RefusedAddress, Unreachable: as `gateways.http.request`; a redirect is not followed.
        NotGiven: another status than 200.
        TooLarge: more than `max_bytes`, told or sent.
    """
    headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
    if account:
        headers["Authorization"] = "Basic " + b64encode(f"{account}:{secret}".encode()).decode()
    with exchange("GET", url, headers=headers, timeout=timeout, tls=tls) as response:
        if response.status != HTTPStatus.OK:
            raise NotGiven(response.status)
        told = response.getheader("Content-Length", "")
        if told.isdecimal() and int(told) > max_bytes:
            raise TooLarge
        size = 0
        while chunk := response.read(_CHUNK):
            size += len(chunk)
            if size > max_bytes:
                raise TooLarge
            into.write(chunk)
    if told.isdecimal() and size < int(told):
        raise Unreachable("cut")
    return size
