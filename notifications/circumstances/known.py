"""What is known of the people of a batch, however it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from notifications.addresses import Off
from notifications.attention import Counter
from notifications.letters import Allowed, Devices
from notifications.policy import OwnPaces
from notifications.timing import Calendar


@dataclass(frozen=True)
class Circumstances:
    """By user id: what he may know, his time, his paces, what rang today; addresses that are off, and devices by id."""

    allowed: Allowed
    calendars: Mapping[int, Calendar]
    paces: Mapping[int, OwnPaces]
    told: Counter
    off: Off
    devices: Devices
