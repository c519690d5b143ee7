"""Sorting people by what is true of them: whoever is in the same sets is alike, and is decided about once. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from typing import Generic, TypeVar

Trait = TypeVar("Trait", bound=Hashable)


class Alike(Generic[Trait]):
    """Traits, and the people (user ids) who have them."""

    def __init__(self) -> None:
        self._bits: dict[Trait, int] = {}
        # user id → the bits of his traits
        self._of_person: dict[int, int] = {}

    def add(self, trait: Trait, people: Iterable[int]) -> None:
        """Say this of these people; to say it twice changes nothing."""
        bit, known = self._bits.setdefault(trait, 1 << len(self._bits)), self._of_person
        for user_id in people:
            known[user_id] = known.get(user_id, 0) | bit

    def people(self) -> Iterable[int]:
        """Ids of all of whom something is said."""
        return self._of_person.keys()

    def groups(self) -> Iterator[tuple[list[Trait], list[int]]]:
        """The sets of traits that occur, each with the ids of its people."""
        alike: defaultdict[int, list[int]] = defaultdict(list)
        for user_id, bits in self._of_person.items():
            alike[bits].append(user_id)
        for bits, people in alike.items():
            yield [trait for trait, bit in self._bits.items() if bits & bit], people
