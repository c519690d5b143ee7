"""Facts that the engine itself states."""

from dataclasses import dataclass

from core.signals import DomainSignal, Fact


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestTold(Fact):
    """What was held for a person is told to him together: `count` alerts."""

    user_id: int
    digest_id: int
    count: int


digest_told = DomainSignal("digest_told", DigestTold)
