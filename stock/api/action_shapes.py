"""What the buttons take and tell."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

# As long as the model's column.
ANSWER_LENGTH = 300


class RefusalBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why not; may stay empty."""

    answer: Annotated[str, msgspec.Meta(max_length=ANSWER_LENGTH)] = ""


class TransferOut(msgspec.Struct, kw_only=True):
    """The transfer as it stands. `detail` says so in the caller's language."""

    id: UUID
    vehicle: UUID
    state: str
    from_site: str
    to_site: str
    detail: str


class HighlightOut(msgspec.Struct, kw_only=True):
    """A vehicle that stands in front since `highlighted_at` (UTC)."""

    id: UUID
    highlighted_at: datetime
