"""« Pourquoi pas ? »: why an event did not even consider a person, asked of the rules that routing itself goes by.

Whether he would be named today is asked of the directory's own conditions; only the words are found here, from what
the declaration says of its audience.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.signals import Fact
from notifications.audiences import Branch
from notifications.declarations import Notice
from notifications.directory import parts_for
from notifications.models import Event
from sites.models import Membership, Site, User
from sites.roles import Role

Grant = tuple[Role, int | None]
"""(role, site id); None: every site"""

# The audience of one event for one person, in the words of `directory`.
_NAMED = """
    WITH e AS (
        SELECT id, group_id, payload, {fields} FROM notifications_event
        WHERE id = %(event)s AND group_id = %(group)s
    )
    SELECT count(*) FROM e JOIN sites_membership m ON m.group_id = e.group_id
    WHERE m.user_id = %(user)s AND m.role IN ({holders}) AND ({anybody})
"""

INACTIVE = gettext_lazy("The account is switched off.")
WAITING = gettext_lazy("It has not been handed out yet: that takes a moment.")
OWN_DEED = gettext_lazy("It is this person's own doing: nobody is told of that.")
NO_ROLE = gettext_lazy("This person holds no role in the group.")
CHANGED = gettext_lazy("Today this person would be told: a role, a site or the account has changed since.")
IN_PERSON = gettext_lazy("It was given to one person: colleagues of the same role are not told.")


def reason_for(notice: type[Notice[Any]], event: Event, person: User) -> str | Promise:
    """The rule that left the person out, as a sentence. Runs in the group's scope; the event has no row for him."""
    fact = notice.fact_from(event.payload)
    rows = Membership.objects.filter(user=person).values_list("role", "site_id")
    grants: list[Grant] = [(Role(role), site_id) for role, site_id in rows]
    able = [grant for grant in grants if grant[0] in notice.roles_concerned()]
    plain = (
        (not person.is_active, INACTIVE),
        (event.routed_at is None, WAITING),
        (fact.actor_id == person.pk, OWN_DEED),
        (not grants, NO_ROLE),
        (not able, _("Not for this role: %(roles)s.") % {"roles": _names(grants)}),
    )
    found = next((sentence for holds, sentence in plain if holds), None)
    if found is not None:
        return found
    return CHANGED if _is_named(notice, event, person) else _why_unnamed(notice, fact, able)


def _is_named(notice: type[Notice[Any]], event: Event, person: User) -> bool:
    """Whether the event would concern the person as things are now."""
    statement = _NAMED.format(**parts_for(notice, connection.vendor))
    with connection.cursor() as cursor:
        cursor.execute(statement, {"event": event.pk, "group": event.group_id, "user": person.pk})
        return bool(cursor.fetchone()[0])


def _why_unnamed(notice: type[Notice[Any]], fact: Fact, able: list[Grant]) -> str | Promise:
    """He may know of such things, and yet no branch of the audience names him."""
    fitting = [branch for branch in notice.audience.branches if _fits(branch, able)]
    if not fitting:
        return _("It goes to other people: %(whom)s.") % {"whom": _whom(notice)}
    if all(branch.unless and getattr(fact, branch.unless) is not None for branch in fitting):
        return IN_PERSON
    sites = {site.pk: site.name for site in Site.objects.all()}
    held = sorted({sites[site_id] for _role, site_id in able if site_id in sites})
    return _("It happened on %(site)s; this person works on %(sites)s.") % {
        "site": sites.get(fact.site_id or 0, "–"),
        "sites": ", ".join(held),
    }


def _fits(branch: Branch, able: list[Grant]) -> bool:
    return any(role in branch.roles for role, _site_id in able)


def _whom(notice: type[Notice[Any]]) -> str:
    """The audience in words: who is named in person, and the roles."""
    branches = notice.audience.branches
    in_person = [_("who is in charge")] if any(not branch.roles for branch in branches) else []
    roles = dict.fromkeys(str(role.label) for branch in branches for role in branch.roles)
    return ", ".join([*in_person, *roles])


def _names(grants: list[Grant]) -> str:
    return ", ".join(sorted({str(role.label) for role, _site_id in grants}))
