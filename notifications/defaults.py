"""A group's defaults for its roles, and a draft of changes to them. Pure: no query, no clock.

A draft travels in the address of a page, so that going back, reloading and sending it to a colleague all work; it
is judged again when it is saved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from notifications import policy, registry
from notifications.choices import Channel
from notifications.declarations import Notice
from sites.roles import Role

Setting = bool | None
"""On, off, or None: as the product has it (« comme d'usine »)."""

# What a saved batch or an address may hold: a page has fewer switches than this for a role, and an address of this
# many changes stays under the 8 kB that every proxy passes on.
MOST_CHANGES = 100

_WORDS: dict[str, Setting] = {"product": None, "on": True, "off": False}
_SETTINGS = {setting: word for word, setting in _WORDS.items()}
_SEPARATOR = "~"


class UnknownPlace(LookupError):
    """No such notice, or one of which this role cannot hear."""


class MandatoryChannel(Exception):
    """The channel cannot be switched off: the group relies on it."""


@dataclass(frozen=True, order=True)
class Place:
    """One switch of the matrix."""

    type_key: str
    role: Role
    channel: Channel

    def __str__(self) -> str:
        return _SEPARATOR.join((self.type_key, self.role, self.channel))

    @property
    def notice(self) -> type[Notice[Any]]:
        """The declaration. Raises UnknownPlace."""
        try:
            notice = registry.get(self.type_key)
        except registry.UnknownNotice:
            raise UnknownPlace(self) from None
        if notice.internal or self.role not in notice.roles_concerned():
            raise UnknownPlace(self)
        return notice

    @property
    def factory(self) -> bool:
        """What the product has."""
        return policy.role_verdict(self.notice, self.role, self.channel, {}).enabled

    @property
    def is_mandatory(self) -> bool:
        return self.channel in self.notice.mandatory

    def enabled_by(self, setting: Setting) -> bool:
        """Whether the role hears on the channel with this setting."""
        given: policy.GroupDefaults = {} if setting is None else {(self.role, self.channel): setting}
        return policy.role_verdict(self.notice, self.role, self.channel, given).enabled

    def setting_for(self, *, enabled: bool) -> Setting:
        """What is kept for on or off: what the product has anyway is no choice, so the group goes on following it."""
        return None if enabled == self.factory else enabled


@dataclass(frozen=True, order=True)
class Change:
    """A switch, how somebody saw it, and how he wants it."""

    place: Place
    shown: Setting
    wanted: Setting

    def __str__(self) -> str:
        return _SEPARATOR.join((str(self.place), _SETTINGS[self.shown], _SETTINGS[self.wanted]))

    @classmethod
    def read(cls, text: str) -> Change | None:
        """The change that `str` wrote; None for anything else, and for what may not be changed."""
        parts = text.split(_SEPARATOR)
        if len(parts) != 5 or not {parts[3], parts[4]} <= _WORDS.keys():
            return None
        if parts[1] not in Role.values or parts[2] not in Channel.values:
            return None
        change = cls(Place(parts[0], Role(parts[1]), Channel(parts[2])), _WORDS[parts[3]], _WORDS[parts[4]])
        try:
            change.check()
        except (UnknownPlace, MandatoryChannel):
            return None
        return change

    def check(self) -> None:
        """Raises UnknownPlace, MandatoryChannel."""
        if self.place.is_mandatory and self.wanted is False:
            raise MandatoryChannel(self.place)


@dataclass(frozen=True)
class Draft:
    """Changes that nobody has saved yet, one a place."""

    changes: Mapping[Place, Change] = field(default_factory=dict)

    @classmethod
    def of(cls, changes: Iterable[Change]) -> Draft:
        """Without those that change nothing; of two for one place the later counts."""
        by_place = {change.place: change for change in changes}
        return cls({place: one for place, one in sorted(by_place.items()) if one.shown != one.wanted})

    @classmethod
    def read(cls, texts: Iterable[str]) -> Draft:
        """The draft of an address or a form; what makes no sense is left out."""
        return cls.of(change for text in texts if (change := Change.read(text)) is not None)

    def __len__(self) -> int:
        return len(self.changes)

    def then(self, later: Iterable[Change]) -> Draft:
        """With later changes, which count before those that it has."""
        return Draft.of([*self.changes.values(), *later])

    def without(self, place: Place) -> Draft:
        return Draft({one: change for one, change in self.changes.items() if one != place})

    def seen_as(self, kept: Mapping[Place, bool]) -> Draft:
        """The same wishes, by somebody who now sees what is `kept`."""
        return Draft.of(replace(change, shown=kept.get(change.place)) for change in self.changes.values())

    def ticked(self, place: Place, kept: Setting, *, enabled: bool) -> Draft:
        """With the switch as somebody left it on a page that showed this draft over what is `kept`."""
        if enabled == place.enabled_by(self.wanted(place, kept)):
            return self
        wanted = kept if enabled == place.enabled_by(kept) else place.setting_for(enabled=enabled)
        return self.then([Change(place, kept, wanted)])

    def wanted(self, place: Place, kept: Setting) -> Setting:
        """How the place will be, when it is `kept` so now."""
        change = self.changes.get(place)
        return kept if change is None else change.wanted
