"""« Alert settings »: category by channel, as the role gives it or as the person wants it. One switch is one POST."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from core import clock
from notifications.addresses import blocks_of
from notifications.choices import PACES, Cadence, Channel
from notifications.demotions import answered_lately, proposals_for
from notifications.models import AddressBlock
from notifications.push_devices import devices_of
from notifications.selectors import Cell, PreferenceRow, preference_matrix
from notifications.services import MandatoryChannel, set_pace, set_preference
from sites.access import Member
from sites.http import MemberRequest, member_required
from sites.phones import as_dialled

# The last part of a switch's address, and what it means to the service.
CHOICES: dict[str, bool | None] = {"on": True, "off": False, "role": None}
PACE_CHOICES: dict[str, Cadence | None] = {
    "at_once": Cadence.AT_ONCE,
    "half_hour": Cadence.HALF_HOUR,
    "daily": Cadence.DAILY,
    "weekly": Cadence.WEEKLY,
    "usual": None,
}

ICONS = {
    Channel.IN_APP: "bell",
    Channel.PUSH: "phone",
    Channel.EMAIL: "envelope",
    Channel.SMS: "chat-left-text",
}

MEANINGS = {
    Channel.IN_APP: gettext_lazy("The bell on every page: for people at a desk."),
    Channel.PUSH: gettext_lazy("Rings on your phone and your browser, even when this page is closed."),
    Channel.EMAIL: gettext_lazy("For what can wait until you read your mail."),
    Channel.SMS: gettext_lazy("Reaches you without Internet: for what cannot wait."),
}


@dataclass(frozen=True)
class Switch:
    """One cell of the page: a channel of a category or a type, and the addresses that change it."""

    row: PreferenceRow
    cell: Cell

    @property
    def topic(self) -> str:
        """The row's key as it may stand in an id."""
        return self.row.topic.replace(".", "--")

    @property
    def key(self) -> str:
        return f"{self.topic}-{self.cell.channel}"

    @property
    def icon(self) -> str:
        return ICONS[self.cell.channel]

    @property
    def label(self) -> str | Promise:
        return self.cell.channel.label

    @property
    def flip_url(self) -> str:
        return self._address(CHOICES, not self.cell.enabled)

    @property
    def reset_url(self) -> str:
        return self._address(CHOICES, None)

    @property
    def relay_minutes(self) -> int:
        """Minutes after which the channel steps in although it is off; 0 when it never does."""
        after = self.row.relays.get(self.cell.channel)
        return round(after.total_seconds() / 60) if after else 0

    @property
    def never_url(self) -> str:
        """Where it is off by the person's own choice, and so steps in for nothing."""
        return reverse("notifications:choose", args=[self.row.topic, self.cell.channel, "off"])

    @property
    def undo_url(self) -> str:
        """Where the switch becomes what it is now."""
        return self._address(CHOICES, self.cell.own)

    @property
    def undo_pace_url(self) -> str:
        """Where its pace becomes what it is now."""
        return self._address(PACE_CHOICES, self.cell.own_pace)

    @property
    def paces(self) -> list[tuple[Cadence, str]]:
        """What may be chosen, with its address; nothing while the channel is off or knows no pace."""
        if self.cell.pace is None or not self.cell.enabled:
            return []
        return [(pace, self._address(PACE_CHOICES, pace)) for pace in PACES]

    @property
    def usual_url(self) -> str:
        """Where the pace is the role's again; empty when it is."""
        return self._address(PACE_CHOICES, None) if self.cell.own_pace is not None else ""

    def _address(self, words: Mapping[str, object], value: object) -> str:
        word = next(word for word, meaning in words.items() if meaning == value)
        return reverse("notifications:choose", args=[self.row.topic, self.cell.channel, word])


@dataclass(frozen=True)
class Line:
    """A category with its switches, and the lines of its types."""

    row: PreferenceRow
    switches: list[Switch]
    types: list[Line]


@dataclass(frozen=True)
class Reach:
    """How a channel reaches this person, or what is `missing` for that and where to mend it."""

    channel: Channel
    where: str
    missing: str = ""
    mend_url: str = ""
    block: AddressBlock | None = None

    @property
    def icon(self) -> str:
        return ICONS[self.channel]

    @property
    def meaning(self) -> str | Promise:
        return MEANINGS[self.channel]


@require_safe
@member_required()
def preferences(request: MemberRequest) -> HttpResponse:
    """Every category that can concern the person, and what might be quieter."""
    rows, at = preference_matrix(request.member), clock.now()
    context = {
        "lines": [_line(row) for row in rows],
        "reaches": _reaches(request.member),
        "proposals": proposals_for(request.member, rows, at=at),
        "answered": answered_lately(request.member, at=at),
        "may_edit_defaults": request.member.can("notifications.edit_defaults"),
    }
    return render(request, "notifications/preferences.html", context)


@require_POST
@member_required()
def choose(request: MemberRequest, topic: str, channel: str, choice: str) -> HttpResponse:
    """Flip one switch, give it back to the role, or set its pace. htmx gets the new switch, others the page."""
    before = _switch(request.member, topic, channel)
    try:
        _keep(request.member, before, choice)
    except MandatoryChannel:
        messages.error(request, _("This alert cannot be switched off."))
        return redirect("notifications:preferences")
    after = _switch(request.member, topic, channel)
    said = _said_pace(after.cell) if choice in PACE_CHOICES else _said(after.cell)
    if not request.headers.get("HX-Request"):
        messages.success(request, said)
        return redirect("notifications:preferences")
    response = render(request, "notifications/_switch.html", {"switch": after})
    saved = {
        "text": said,
        "undo": _("Undo"),
        "undoUrl": before.undo_pace_url if choice in PACE_CHOICES else before.undo_url,
        "page": reverse("notifications:preferences"),
    }
    return trigger_client_event(response, "preference-saved", saved)


def _keep(member: Member, switch: Switch, choice: str) -> None:
    """Raises MandatoryChannel; a word that means nothing here is as unknown as a topic that does not exist."""
    topic, channel = switch.row.topic, switch.cell.channel
    if choice in CHOICES:
        set_preference(member=member, topic=topic, channel=channel, enabled=CHOICES[choice])
    elif choice in PACE_CHOICES and switch.cell.pace is not None:
        set_pace(member=member, topic=topic, channel=channel, cadence=PACE_CHOICES[choice])
    else:
        raise Http404


def _line(row: PreferenceRow) -> Line:
    return Line(row, [Switch(row, cell) for cell in row.cells.values()], [_line(one) for one in row.types])


def _switch(member: Member, topic: str, channel: str) -> Switch:
    """The person's switch; a topic that cannot concern him is as unknown as one that does not exist."""
    for category in preference_matrix(member):
        for row in (category, *category.types):
            if row.topic == topic and channel in row.cells:
                return Switch(row, row.cells[Channel(channel)])
    raise Http404


def _said(cell: Cell) -> str:
    state = _("on") if cell.enabled else _("off")
    if cell.follows_role:
        return _("%(channel)s: as your role, %(state)s") % {"channel": cell.channel.label, "state": state}
    return _("%(channel)s: %(state)s") % {"channel": cell.channel.label, "state": state}


def _said_pace(cell: Cell) -> str:
    pace = Cadence(cell.pace or "").label
    return _("%(channel)s: %(pace)s") % {"channel": cell.channel.label, "pace": str(pace).lower()}


def _reaches(member: Member) -> list[Reach]:
    user = member.user
    devices = len(devices_of(user))
    profile = reverse("account_profile")
    blocks = blocks_of(user)
    return [
        Reach(Channel.IN_APP, _("on every page")),
        Reach(
            Channel.PUSH,
            ngettext("%(count)d device", "%(count)d devices", devices) % {"count": devices}
            if devices
            else "",
            missing="" if devices else _("No device yet"),
            mend_url=reverse("notifications:devices"),
        ),
        Reach(Channel.EMAIL, user.email, block=blocks.get(Channel.EMAIL)),
        Reach(
            Channel.SMS,
            as_dialled(user.phone),
            missing="" if user.phone else _("No number yet"),
            mend_url=profile,
            block=blocks.get(Channel.SMS),
        ),
    ]
