"""What the reader of the inbox wants to see, as addresses and forms say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from notifications import registry
from notifications.selectors import Folder, InboxItem, Wanted, inbox_items
from sites.models import User

PAGE_LENGTH = 30
MOST_WORDS = 100  # characters of a search


@dataclass(frozen=True)
class Filters:
    """Unknown values count as none. `as_of`: what came later is not meant."""

    folder: Folder
    category: str
    words: str
    before_id: int | None
    as_of: datetime | None = None

    @classmethod
    def of(cls, data: Any) -> Filters:
        """The filters in an address (GET) or a form (POST)."""
        before, category = data.get("before", ""), data.get("category", "")
        folder = data.get("folder", "") or (Folder.UNREAD if data.get("unread") == "1" else Folder.ALL)
        return cls(
            folder=Folder(folder) if folder in Folder.values else Folder.ALL,
            category=category if category in {one.key for one in registry.categories()} else "",
            words=data.get("q", "").replace("\x00", "").strip()[:MOST_WORDS],
            before_id=int(before) if before.isdecimal() and before.isascii() and len(before) < 19 else None,
            as_of=_moment(data.get("as_of", "")),
        )

    @property
    def wanted(self) -> Wanted:
        return Wanted(folder=self.folder, category=self.category, words=self.words, as_of=self.as_of)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.category or self.words)

    def items(self, user: User) -> list[InboxItem]:
        """One page of the inbox and one item more, which tells whether there are older ones."""
        return inbox_items(user, before_id=self.before_id, wanted=self.wanted, limit=PAGE_LENGTH + 1)

    def query(self, **changes: Any) -> str:
        """The address parameters of this view, with changes; falsy ones are left out."""
        values = {
            "folder": "" if self.folder == Folder.ALL else self.folder.value,
            "category": self.category,
            "q": self.words,
            "before": self.before_id,
            **changes,
        }
        return urlencode({name: value for name, value in values.items() if value})


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text[:40])
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
