"""Facts that the engine itself states."""

from dataclasses import dataclass

from core.signals import DomainSignal, Fact


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestTold(Fact):
    """What was held for a person is told to him together.

    Of the `count` alerts `beyond_limit` were too many for his day; `cadence` is a code.
    """

    user_id: int
    digest_id: int
    count: int
    cadence: str = "opening"
    beyond_limit: int = 0


digest_told = DomainSignal("digest_told", DigestTold)


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressOff(Fact):
    """Nothing is sent to an address any more. `channel` and `reason` are codes; nobody may have the address."""

    block_id: int
    channel: str
    address: str
    reason: str
    person_name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressBack(Fact):
    """The address is tried again."""

    block_id: int
    address: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SmsCapReached(Fact):
    """No more texts leave today: to a number, for a site, or in the group. `cap` is a code, `limit` texts a day."""

    cap: str
    limit: int
    day: str
    whose: str
    whose_name: str


address_off = DomainSignal("address_off", AddressOff)
address_back = DomainSignal("address_back", AddressBack)
sms_cap_reached = DomainSignal("sms_cap_reached", SmsCapReached)


@dataclass(frozen=True, kw_only=True, slots=True)
class CanaryFlew(Fact):
    """A message that nobody waits for takes the road of those that people do. The slots name the interval."""

    user_id: int
    slot: int
    text_slot: int


canary_flew = DomainSignal("canary_flew", CanaryFlew)


@dataclass(frozen=True, kw_only=True, slots=True)
class StormGathered(Fact):
    """Too many alerts of the type `of` came on a site in the hour `stamp` (UTC): these people get one for the rest.

    The storm reaches some people later than others: `part` counts those who were told before, from 0.
    """

    of: str
    stamp: str
    user_ids: list[int]
    part: int = 0


storm_gathered = DomainSignal("storm_gathered", StormGathered)
