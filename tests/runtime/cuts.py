"""A person's tabs and phones as clients of the API and of the socket, on a network that keeps breaking.

Each client does what static_src/js/inbox.js does: it keeps a cursor, takes hints as hints, and reads what changed.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from django.test import Client

from notifications.live.threads import in_database_thread
from notifications.models import UNREAD, Notification
from sites.models import User
from sites.scope import group_scope
from tests.runtime.tabs import Tab, tab

STATE = ("is_read", "is_closed", "is_acted", "is_archived", "snoozed_until")

Line = tuple[Any, ...]


@dataclass
class Device:
    """One open page: what it believes to be in the inbox."""

    browser: Client
    looks: bool = True
    cursor: int = 0
    unread: int = 0
    lines: dict[int, Line] = field(default_factory=dict)
    _opened: AbstractAsyncContextManager[Tab] | None = None
    _tab: Tab | None = None

    @property
    def is_connected(self) -> bool:
        return self._tab is not None

    async def connect(self, chance: Random | None = None) -> None:
        """A new socket, and a look at what was missed meanwhile."""
        self._opened = tab(self.browser)
        self._tab = await self._opened.__aenter__()
        assert await self._tab.connect()
        if self.looks:
            await self.catch_up(chance)

    async def lose(self) -> None:
        """The network is gone, with every hint that was under way."""
        if self._opened is not None:
            await self._opened.__aexit__(None, None, None)
        self._opened = self._tab = None

    async def listen(self, chance: Random | None = None) -> None:
        """Take the hints that have arrived."""
        while self._tab is not None and self._tab.has_message():
            if (await self._tab.hear())["head"] > self.cursor:
                await self.catch_up(chance)

    async def catch_up(self, chance: Random | None = None) -> None:
        """Read page by page. An unlucky answer never arrives: what was read before it stays."""
        more = True
        while more:
            delta = await self.ask("get", f"/api/v1/inbox/delta/?after={self.cursor}")
            if chance is not None and chance.random() < 0.2:
                return
            for item in delta["items"]:
                self.lines[item["id"]] = tuple(item[name] for name in STATE)
            last = delta["items"][-1]["seq"] if delta["items"] else self.cursor
            self.cursor = last if delta["more"] else max(last, delta["head"])
            if delta["head"] >= self.cursor:
                self.unread = delta["unread"]
            more = delta["more"]

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        def call() -> Any:
            if method == "get":
                return self.browser.get(path).json()
            return self.browser.post(path, body, content_type="application/json").json()

        return await in_database_thread(call)


@dataclass(frozen=True)
class Findings:
    """How far one device is from the truth."""

    missing: int
    foreign: int
    drift: int


NOTHING_WRONG = Findings(0, 0, 0)


async def compare(device: Device, person: User, truth: Device) -> Findings:
    """`truth` has read everything anew; the database is asked for the ids and the count."""

    def rows() -> tuple[set[int], int]:
        with group_scope(person.group_id or 0):
            mine = Notification.objects.filter(user=person, in_inbox=True)
            return set(mine.values_list("pk", flat=True)), mine.filter(UNREAD).count()

    ids, unread = await in_database_thread(rows)
    differing = [pk for pk in ids & device.lines.keys() if device.lines[pk] != truth.lines[pk]]
    return Findings(
        missing=len(ids - device.lines.keys()),
        foreign=len(device.lines.keys() - ids),
        drift=len(differing) + abs(device.unread - unread),
    )
