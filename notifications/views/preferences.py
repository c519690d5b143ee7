"""« Alert settings »: category by channel, as the role gives it or as the person wants it. One switch is one POST."""

from __future__ import annotations

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

from notifications.addresses import blocks_of
from notifications.choices import Channel
from notifications.models import AddressBlock
from notifications.push_devices import devices_of
from notifications.selectors import Cell, PreferenceRow, preference_matrix
from notifications.services import MandatoryChannel, set_preference
from sites.access import Member
from sites.http import MemberRequest, member_required
from sites.phones import as_dialled

# The last part of a switch's address, and what it means to the service.
CHOICES: dict[str, bool | None] = {"on": True, "off": False, "role": None}

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
        return _address(self.row.topic, self.cell.channel, enabled=not self.cell.enabled)

    @property
    def reset_url(self) -> str:
        return _address(self.row.topic, self.cell.channel, enabled=None)


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
    """Every category that can concern the person."""
    lines = [_line(row) for row in preference_matrix(request.member)]
    return render(
        request, "notifications/preferences.html", {"lines": lines, "reaches": _reaches(request.member)}
    )


@require_POST
@member_required()
def choose(request: MemberRequest, topic: str, channel: str, choice: str) -> HttpResponse:
    """Flip one switch, or give it back to the role. Answers with the new switch to htmx, else with the page."""
    row = _row(request.member, topic, channel)
    before = row.cells[Channel(channel)]
    if choice not in CHOICES:
        raise Http404
    try:
        set_preference(member=request.member, topic=topic, channel=before.channel, enabled=CHOICES[choice])
    except MandatoryChannel:
        messages.error(request, _("This alert cannot be switched off."))
        return redirect("notifications:preferences")
    row = _row(request.member, topic, channel)
    after = row.cells[before.channel]
    if not request.headers.get("HX-Request"):
        messages.success(request, _said(after))
        return redirect("notifications:preferences")
    response = render(request, "notifications/_switch.html", {"switch": Switch(row, after)})
    undo_url = _address(topic, before.channel, enabled=before.own)
    saved = {
        "text": _said(after),
        "undo": _("Undo"),
        "undoUrl": undo_url,
        "page": reverse("notifications:preferences"),
    }
    return trigger_client_event(response, "preference-saved", saved)


def _line(row: PreferenceRow) -> Line:
    return Line(row, [Switch(row, cell) for cell in row.cells.values()], [_line(one) for one in row.types])


def _row(member: Member, topic: str, channel: str) -> PreferenceRow:
    """The person's row; a topic that cannot concern him is as unknown as one that does not exist."""
    for category in preference_matrix(member):
        for row in (category, *category.types):
            if row.topic == topic and channel in row.cells:
                return row
    raise Http404


def _address(topic: str, channel: Channel, *, enabled: bool | None) -> str:
    choice = next(name for name, value in CHOICES.items() if value is enabled)
    return reverse("notifications:choose", args=[topic, channel, choice])


def _said(cell: Cell) -> str:
    state = _("on") if cell.enabled else _("off")
    if cell.follows_role:
        return _("%(channel)s: as your role, %(state)s") % {"channel": cell.channel.label, "state": state}
    return _("%(channel)s: %(state)s") % {"channel": cell.channel.label, "state": state}


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
