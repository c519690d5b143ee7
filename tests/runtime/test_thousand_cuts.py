"""Three tabs and two phones through a thousand cuts, while everything happens to the inbox that can."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import connections

from notifications import inbox, snoozing
from notifications.live import threads
from notifications.live.threads import in_database_thread
from sites.models import Site, User
from sites.scope import every_group, group_scope
from tests.cast import MONDAY, signed_in
from tests.notifications.road import claimed, received, tell_and_route
from tests.runtime.cuts import NOTHING_WRONG, Device, Findings, compare

pytestmark = pytest.mark.django_db(transaction=True)

VERBS: list[tuple[str, dict[str, Any]]] = [
    ("read", {"read": True}),
    ("read", {"read": False}),
    ("archive", {"archived": True}),
    ("archive", {"archived": False}),
    ("snooze", {"preset": "hour"}),
    ("snooze", {}),
]


@pytest.fixture(autouse=True)
def database_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Threads that close their connections at the end: the test database cannot be dropped under an open one."""
    pool = ThreadPoolExecutor(max_workers=1)
    monkeypatch.setattr(threads, "_threads", pool)
    yield
    pool.submit(connections.close_all).result()
    pool.shutdown()


@pytest.fixture(autouse=True)
def _clock_stands_still(time_machine: Any) -> None:
    time_machine.move_to(MONDAY, tick=False)


class Day:
    """What happens at the dealer's: leads, claims, filing, waking; at the rival's too."""

    def __init__(self, chance: Random, lyon: Site, rival_site: Site, people: list[User]) -> None:
        self.chance, self.lyon, self.rival_site, self.people = chance, lyon, rival_site, people
        self.open: list[Any] = []

    async def something_happens(self, devices: list[Device]) -> None:
        doing = self.chance.choices([self.lead, self.claim, self.wake, self.rivals_lead], [4, 2, 1, 1])[0]
        if self.chance.random() < 0.6:
            await self.file(self.chance.choice(devices))
        else:
            await in_database_thread(doing)

    def lead(self) -> None:
        with group_scope(self.lyon.group_id):
            fact = received(self.lyon)
            tell_and_route(fact)
            self.open.append(fact)

    def claim(self) -> None:
        if self.open:
            fact = self.open.pop(self.chance.randrange(len(self.open)))
            with group_scope(self.lyon.group_id):
                tell_and_route(claimed(fact, by=self.chance.choice(self.people)))

    def wake(self) -> None:
        with every_group():
            snoozing.wake_due(at=MONDAY + timedelta(hours=2))

    def rivals_lead(self) -> None:
        with group_scope(self.rival_site.group_id):
            tell_and_route(received(self.rival_site))

    async def file(self, device: Device) -> None:
        """From whichever device, to whatever that one believes to be there; sometimes taken back at once."""
        known = sorted(device.lines)
        if not known:
            return
        verb, says = self.chance.choice(VERBS)
        ids = self.chance.sample(known, min(len(known), self.chance.randint(1, 5)))
        answer = await device.ask("post", f"/api/v1/inbox/{verb}/", {"ids": ids, **says})
        if answer["undo"] and self.chance.random() < 0.2:
            await device.ask("post", "/api/v1/inbox/undo/", answer["undo"])


async def live_through(devices: list[Device], day: Day, cuts: int, chance: Random) -> None:
    """Sockets break and come back, answers get lost, until there were so many cuts."""
    while cuts:
        device = chance.choice(devices)
        if device.is_connected:
            await device.listen(chance)
            await device.lose()
            cuts -= 1
        else:
            await device.connect(chance)
        if chance.random() < 0.5:
            await day.something_happens(devices)


async def what_is_wrong(devices: list[Device], person: User) -> list[Findings]:
    """Once the network holds: every device reconnects, and is held against one that reads everything anew."""
    for device in devices:
        await device.lose()
        await device.connect()
    truth = Device(devices[0].browser)
    await truth.catch_up()
    found = [await compare(device, person, truth) for device in devices]
    for device in devices:
        await device.lose()
    return found


@pytest.fixture
def devices(camille: User) -> list[Device]:
    """Three tabs of one browser and two phones, each with a session of its own."""
    browser = signed_in(camille)
    return [
        Device(browser),
        Device(browser),
        Device(browser),
        Device(signed_in(camille)),
        Device(signed_in(camille)),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
async def test_nothing_is_missing_foreign_or_off_after_a_thousand_cuts(
    seed: int, lyon: Site, rival_site: Site, rita: User, camille: User, karim: User, devices: list[Device]
) -> None:
    chance = Random(seed)
    day = Day(chance, lyon, rival_site, [camille, karim])

    await live_through(devices, day, 1_000, chance)

    assert await what_is_wrong(devices, camille) == [NOTHING_WRONG] * 5
    assert len(devices[0].lines) > 50


async def test_a_change_without_a_number_of_its_own_is_found_out(
    lyon: Site,
    rival_site: Site,
    rita: User,
    camille: User,
    karim: User,
    devices: list[Device],
    monkeypatch: Any,
) -> None:
    """Control: filing that does not advance the line leaves the other devices with an old state."""
    numberless = {
        vendor: statement.replace("seq = numbered.seq", "seq = notifications_notification.seq")
        for vendor, statement in inbox._REWRITES.items()
    }
    monkeypatch.setattr(inbox, "_REWRITES", numberless)
    chance = Random(1)

    await live_through(devices, Day(chance, lyon, rival_site, [camille, karim]), 60, chance)

    assert sum(found.drift for found in await what_is_wrong(devices, camille)) > 0


async def test_a_device_that_does_not_look_after_a_cut_is_found_out(
    lyon: Site, rival_site: Site, rita: User, camille: User, karim: User, devices: list[Device]
) -> None:
    """Control: it has only the hints, and those of the last cut never came."""
    chance = Random(1)
    devices[0].looks = False
    await live_through(devices, Day(chance, lyon, rival_site, [camille, karim]), 60, chance)

    found = await what_is_wrong(devices, camille)

    assert found[0] != NOTHING_WRONG
    assert found[1:] == [NOTHING_WRONG] * 4
