"""Names without a name server, and an internet that ends on this machine."""

from __future__ import annotations

import _socket
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.certificates import Authority
from tests.fakes.server import FakeServer

Settings = Any


@dataclass
class Names:
    """What each name resolves to, in turn when it was told several times; and which names were asked for."""

    told: dict[str, list[list[str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def tell(self, name: str, *addresses: str) -> None:
        self.told.setdefault(name, []).append(list(addresses))

    def look_up(self, name: str, port: int, family: int = 0, type: int = 0) -> list[Any]:  # noqa: A002 - as in socket
        if name not in self.told:
            # Numeric forms need no name server; anything else must have been told.
            found: list[Any] = _socket.getaddrinfo(name, port, family, type, 0, socket.AI_NUMERICHOST)
            return found
        self.asked.append(name)
        answers = self.told[name]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]


@dataclass
class Wire:
    """Every connection to a public address ends at one server on this machine; which addresses were dialled."""

    port: int = 0
    dialled: list[str] = field(default_factory=list)
    dead: set[str] = field(default_factory=set)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    table = Names()
    monkeypatch.setattr(socket, "getaddrinfo", table.look_up)
    return table


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    line = Wire()
    connect: Callable[..., socket.socket] = socket.create_connection

    def dial(address: tuple[str, int], timeout: float) -> socket.socket:
        line.dialled.append(address[0])
        if address[0] in line.dead:
            raise ConnectionRefusedError
        return connect(("127.0.0.1", line.port), timeout=timeout)

    monkeypatch.setattr(socket, "create_connection", dial)
    return line


@pytest.fixture
def loopback(settings: Settings) -> None:
    """The tests' switch: fakes on this machine may be called."""
    settings.SAFE_HTTP_ALLOWS_LOOPBACK = True


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer().running() as running:
        yield running
