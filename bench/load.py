"""A lean HTTP/1.1 client on raw asyncio streams: it must not be what is measured."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from time import perf_counter

import msgspec

_numbers = count(1)


@dataclass
class Load:
    """What came of it: answers by status, and seconds from first to last."""

    seconds: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        return sum(self.statuses.values()) / self.seconds


def lead_body() -> bytes:
    """A lead that no earlier call sent, as a website would send it."""
    number = next(_numbers)
    return msgspec.json.encode(
        {
            "first_name": "Camille",
            "last_name": f"Durand {number}",
            "email": f"camille.durand.{number}@example.org",
            "phone": f"+336{number:08d}",
            "message": "Bonjour, cette voiture est-elle toujours disponible ? Merci de me rappeler.",
            "vehicle": {"make": "Peugeot", "model": "208", "year": 2023},
        }
    )


def request_bytes(path: str, body: bytes, key: str = "") -> bytes:
    authorization = f"Authorization: Api-Key {key}\r\n" if key else ""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"{authorization}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def answer(reader: asyncio.StreamReader) -> int:
    """Read one answer to its end; its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line[15:])
    await reader.readexactly(length)
    return status


def posts(port: int, path: str, *, connections: int, requests: int, key: str = "") -> Load:
    """`requests` posts over `connections` kept-alive connections, each as fast as it is answered."""
    prepared = iter([request_bytes(path, lead_body(), key) for _ in range(requests)])
    return asyncio.run(_run(port, connections, lambda: next(prepared, None)))


async def _run(port: int, connections: int, following: Callable[[], bytes | None]) -> Load:
    load = Load()

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (request := following()) is not None:
            writer.write(request)
            status = await answer(reader)
            load.statuses[status] = load.statuses.get(status, 0) + 1
        writer.close()

    started = perf_counter()
    await asyncio.gather(*(work() for _ in range(connections)))
    load.seconds = perf_counter() - started
    return load
