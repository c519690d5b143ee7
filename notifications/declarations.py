"""A notification type is one declaration: subclass `Notice` in an app's `notices.py` and nothing else.

The class is checked when it is created, so that an incomplete or doubled type stops the start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

import msgspec
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise

from core.signals import DomainSignal, Fact
from notifications import registry
from notifications.audiences import Audience
from notifications.choices import Cadence, Channel, Channels, Urgency
from sites.roles import Role, roles_holding

if TYPE_CHECKING:
    from notifications.rendering import Message

F = TypeVar("F", bound=Fact)
Text = str | Promise


@dataclass(frozen=True)
class Category:
    """What a person switches on and off: a handful of words he knows (Leads, Stock, Invoices…)."""

    key: str
    name: Text
    description: Text = ""
    icon: str = "bell"


@dataclass(frozen=True)
class Action:
    """What the person can do at once. `post` is an API path template; without it the action opens `url`.

    A `quiet` one stands back behind the main one: a tap in haste must not refuse.
    """

    key: str
    label: Text
    post: str = ""
    quiet: bool = False


@dataclass(frozen=True)
class Unanswered:
    """What is told when nobody has dealt with a `notice` for `after`, counted while its site is open."""

    notice: type[Notice[Any]]
    after: timedelta


@dataclass(frozen=True)
class Failover:
    """The channel that follows when the notice was not seen within `after`, unless the person muted it."""

    to: Channel
    after: timedelta


@dataclass(frozen=True)
class Storm:
    """From `more_than` on a site `within` a stretch of time on, the rest is gathered under one alert."""

    more_than: int = 20
    within: timedelta = timedelta(minutes=10)


@dataclass(frozen=True)
class Ending:
    """A signal after which a notice has no more purpose, and the template of what its line says then."""

    signal: DomainSignal[Any]
    text: Text


Ends = DomainSignal[Any] | tuple[Ending, ...] | None

# Beside the fact's own fields in the payload of a closing event: the name of the signal that ended the notice, or
# GONE where the very thing that the alert is about was erased (`retracting`).
ENDED_BY = "ended_by"
GONE = "gone"


class Notice(Generic[F]):
    """One notification type.

    `title`, `body` and `url` are templates over the fact's fields: « New lead: {customer_name} ». `body` is
    one or two plain lines that carry the facts (M15). `channels` maps a role to its default channels, `recaps` a
    role to how soon it is told outside the app when not at once.
    Of the whole group's events a director may follow the `major` ones only; the critical is always major.
    One that `follows` another is not told when its `signal` is sent but when the other stays unanswered.
    `failover` is what happens when a person does not see it. One that `collapses` takes the place of the line about
    the same subject that somebody has not read yet; `storm` is when too many become one alert (None: every single
    one matters).
    `closes_on` names the signal after which the notice has no more purpose, its line then says `closed_text`; where
    several can end it, each with words of its own, it is a tuple of `Ending`s. Their facts must have the same
    subject. An `internal` notice is the engine's own: nobody switches it on or off. `sample` feeds the preview
    gallery and the test that renders every type on every channel.
    """

    key: ClassVar[str]
    name: ClassVar[Text]
    category: ClassVar[Category]
    urgency: ClassVar[Urgency] = Urgency.NORMAL
    signal: ClassVar[DomainSignal[Any]]
    audience: ClassVar[Audience]
    needs: ClassVar[str]
    subject: ClassVar[str]
    dedupe: ClassVar[str] = ""
    title: ClassVar[Text]
    body: ClassVar[Text]
    sms: ClassVar[Text] = ""
    url: ClassVar[str]
    actions: ClassVar[tuple[Action, ...]] = ()
    channels: ClassVar[Mapping[str, Channels]]
    recaps: ClassVar[Mapping[str, Cadence]] = {}
    mandatory: ClassVar[Channels] = frozenset()
    major: ClassVar[bool] = False
    follows: ClassVar[Unanswered | None] = None
    failover: ClassVar[Failover | None] = None
    collapses: ClassVar[bool] = False
    storm: ClassVar[Storm | None] = Storm()
    closes_on: ClassVar[Ends] = None
    closed_text: ClassVar[Text] = ""
    internal: ClassVar[bool] = False
    sample: ClassVar[Fact]
    # Whether it has its own `completed`, so that its message asks rows and differs from reader to reader.
    is_completed: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.is_completed = any("completed" in vars(one) for one in cls.__mro__ if one is not Notice)
        missing = [name for name in Notice.__annotations__ if not hasattr(cls, name)]
        if missing:
            raise ImproperlyConfigured(f"{cls.__qualname__} does not say: {', '.join(sorted(missing))}")
        if not isinstance(cls.sample, cls.signal.fact_type):
            raise ImproperlyConfigured(f"{cls.__qualname__}.sample is not a {cls.signal.fact_type.__name__}")
        if not roles_holding(cls.needs):
            raise ImproperlyConfigured(f"{cls.__qualname__}.needs {cls.needs!r}, which no role holds")
        if not cls.roles_concerned():
            raise ImproperlyConfigured(f"{cls.__qualname__}.needs {cls.needs!r}, which nobody it names holds")
        registry.register(cls)

    @classmethod
    def subject_of(cls, fact: Fact) -> str:
        """What the fact is about, e.g. `lead:0192…`: the key by which notices collapse and close."""
        return cls.subject.format_map(values_of(fact))

    @classmethod
    def dedupe_key_of(cls, fact: Fact) -> str:
        """Two facts with the same key in a group are one event. Default: one event a subject."""
        return (cls.dedupe or cls.subject).format_map(values_of(fact))

    @classmethod
    def fact_from(cls, payload: Mapping[str, Any]) -> Fact:
        """The fact as it was recorded."""
        fact: Fact = msgspec.convert(payload, cls.signal.fact_type)
        return fact

    @classmethod
    def endings(cls) -> tuple[Ending, ...]:
        """What ends its purpose."""
        if isinstance(cls.closes_on, DomainSignal):
            return (Ending(cls.closes_on, cls.closed_text),)
        return cls.closes_on or ()

    @classmethod
    def ending_of(cls, payload: Mapping[str, Any]) -> tuple[Ending, Fact] | None:
        """What ended its purpose, from a closing event's payload; None when its subject was erased."""
        endings = cls.endings()
        name = payload.get(ENDED_BY)
        if name == GONE or not endings:
            return None
        ending = next((one for one in endings if one.signal.name == name), endings[0])
        fact: Fact = msgspec.convert(payload, ending.signal.fact_type)
        return ending, fact

    @classmethod
    def completed(cls, message: Message, fact: Fact) -> Message:
        """The message with what only rows can tell, when it leaves: a digest's lines. May query."""
        return message

    @classmethod
    def values_of(cls, fact: Fact) -> dict[str, Any]:
        """What the templates insert, asked in the reader's language: the fact's fields, and what a notice adds."""
        return values_of(fact)

    @classmethod
    def closed_with(cls) -> str:
        """The key under which its end is recorded: its own, or that of the notice that it follows."""
        return cls.follows.notice.key if cls.follows else cls.key

    @classmethod
    def storm_limit(cls) -> Storm | None:
        """When too many of it become one alert; None where every single one matters."""
        return None if cls.urgency == Urgency.CRITICAL or cls.internal else cls.storm

    @classmethod
    def roles_concerned(cls) -> list[Role]:
        """The roles that can hear of it at all: they hold what `needs` asks for, and the audience can name them.

        In the order of `Role`.
        """
        holders, named = roles_holding(cls.needs), cls.audience.roles
        return [role for role in Role if role in holders and (named is None or role in named)]


def is_gone(closing: Mapping[str, Any]) -> bool:
    """Whether this payload of a closing event says that the subject was erased."""
    return closing.get(ENDED_BY) == GONE


def values_of(fact: Fact) -> dict[str, Any]:
    """The fact's fields by name, shallow."""
    return {name: getattr(fact, name) for name in fact.__dataclass_fields__}
