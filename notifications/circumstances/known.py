"""What is known of the people of a batch, however it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from notifications.addresses import Off, device_of
from notifications.attention import Counter
from notifications.letters import Allowed, Devices
from notifications.policy import OwnPaces
from notifications.sendable import Sendable
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

    def know(self, delivery: Sendable) -> bool:
        """Whether they tell of its person and, for a push, of his device."""
        device = device_of(delivery)
        if device is not None and device not in self.devices:
            return False
        return delivery.notification.user_id in self.calendars

    def with_those_of(self, others: Circumstances) -> Circumstances:
        """Both. They go on counting together."""
        self.told.learn(others.told)
        return replace(
            self,
            allowed={**self.allowed, **others.allowed},
            calendars={**self.calendars, **others.calendars},
            paces={**self.paces, **others.paces},
            off=self.off | others.off,
            devices={**self.devices, **others.devices},
        )
