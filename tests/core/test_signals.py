"""Domain signals: typed, synchronous, and never swallowing an error."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from core.signals import DomainSignal, Fact
from tests.cast import MONDAY


@dataclass(frozen=True, kw_only=True, slots=True)
class DoorOpened(Fact):
    door: str


FACT = DoorOpened(group_id=1, occurred_at=MONDAY, door="workshop")


def test_every_receiver_hears_the_fact():
    heard: list[str] = []
    door_opened = DomainSignal("door_opened", DoorOpened)
    door_opened.connect(lambda fact: heard.append(f"first {fact.door}"), uid="first")
    door_opened.connect(lambda fact: heard.append(f"second {fact.door}"), uid="second")

    door_opened.send(FACT)

    assert heard == ["first workshop", "second workshop"]


def test_connecting_twice_counts_once():
    heard: list[DoorOpened] = []
    door_opened = DomainSignal("door_opened", DoorOpened)

    for _ in range(2):
        door_opened.connect(heard.append, uid="the same")
    door_opened.send(FACT)

    assert heard == [FACT]


def test_error_of_a_receiver_reaches_the_sender():
    door_opened = DomainSignal("door_opened", DoorOpened)

    @door_opened.connect
    def fail(_fact: DoorOpened) -> None:
        raise RuntimeError("cannot be recorded")

    with pytest.raises(RuntimeError, match="cannot be recorded"):
        door_opened.send(FACT)
