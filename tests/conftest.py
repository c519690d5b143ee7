"""Fixtures that any test may need. The cast of people lives in tests/cast.py, the browser in tests/journeys/."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

pytest_plugins = ["tests.cast"]

hypothesis_settings.register_profile("dms", deadline=None, max_examples=60, derandomize=True, database=None)
hypothesis_settings.load_profile("dms")

LOCAL = {"127.0.0.1", "::1", "localhost", "", "0.0.0.0", None}


class NetworkRefused(Exception):
    """A test tried to leave this machine."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that speak of the other database, and, the second time, those that ask for none.

    They run in the other pass of `make test`.
    """
    from django.conf import settings

    embedded = "sqlite" in settings.DATABASES["default"]["ENGINE"]
    unfit = "postgres" if embedded else "sqlite"
    left_out = [
        item
        for item in items
        if item.get_closest_marker(unfit) or (not embedded and _is_the_same_again(item))
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _is_the_same_again(item: pytest.Item) -> bool:
    """Whether the test neither asks for a database nor speaks of PostgreSQL or Redis: one run says it all."""
    if item.get_closest_marker("postgres") or item.get_closest_marker("django_db"):
        return False
    if "runtime" in item.path.parts:  # processes and brokers of its own
        return False
    return not {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the outside world: connections and look-ups stay on this machine."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def connect_locally(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in LOCAL:
            raise NetworkRefused(f"a test wanted to connect to {address!r}")
        connect(self, address)

    def look_up_locally(host: Any, *arguments: Any, **keywords: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in LOCAL and not _is_address(name):
            raise NetworkRefused(f"a test wanted to look up {host!r}")
        return look_up(host, *arguments, **keywords)

    monkeypatch.setattr(socket.socket, "connect", connect_locally)
    monkeypatch.setattr(socket, "getaddrinfo", look_up_locally)


def _is_address(name: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, name)
        except OSError:
            continue
        return True
    return False


@pytest.fixture(autouse=True)
def empty_caches() -> Iterator[None]:
    """Rate limits and remembered answers never reach the next test."""
    yield
    from django.core.cache import caches

    for cache in caches.all(initialized_only=True):
        cache.clear()


@pytest.fixture(autouse=True)
def _in_the_usual_language() -> Iterator[None]:
    """A request leaves its reader's language behind; the next test begins in that of the settings."""
    yield
    from django.utils import translation

    translation.deactivate()
