"""Which addresses name an object or carry one, and the other group's for each: what the walk of the URLs asks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator

from approvals.links import Permit
from approvals.models import ApprovalRequest
from imports.models import Run
from leads.models import Lead, LeadSource
from notifications.models import (
    Absence,
    AddressBlock,
    Delivery,
    DutyShift,
    OutboxEntry,
    PushSubscription,
    RoleDefault,
)
from sites.models import Group, User
from stock.models import Cost, DiscardedPhoto, Document, Outlet, Photo
from tests.architecture.rival_flows import Flows
from tests.architecture.rival_rows import SUBJECT

MISSING_NUMBER = 999_999_999
MISSING_UUID = UUID("01930000-0000-7000-8000-00000000dead")

Found = dict[str, Any]


@dataclass(frozen=True)
class Rival:
    """One object of the other group for every kind that an address can name."""

    lead: Lead
    request: ApprovalRequest
    suspect: Lead
    device: PushSubscription
    outbox: OutboxEntry
    block: AddressBlock
    absence: Absence
    shift: DutyShift
    undelivered: Delivery
    authenticator: Authenticator
    role_default: RoleDefault
    defaults_batch: UUID
    key_id: int
    source: LeadSource
    person: User
    chief: User
    group: Group
    outlet: Outlet
    photo: Photo
    papers: tuple[Document, Cost, DiscardedPhoto]
    flows: Flows
    import_run: Run

    def object_of(self, model: str) -> Any:
        """The primary key for an address of the admin site, by `app/model`."""
        return {
            "sites/group": self.group.pk,
            "sites/site": self.source.site_id,
            "sites/user": self.person.pk,
            "sites/apikey": self.key_id,
            "notifications/roledefault": self.role_default.pk,
            "leads/leadsource": self.source.pk,
            "stock/outlet": self.outlet.pk,
            "axes/accessattempt": 1,  # of the platform's staff; no group's administrator sees any
        }[model]


def _decision_link(request: ApprovalRequest, reader: User) -> str:
    permit = Permit(
        group_id=request.group_id,
        request_id=request.pk,
        user_id=reader.pk,
        version=request.version,
        expires_at=request.expires_at,
    )
    return permit.sealed()


# Addresses that name an object -> the rival's one.
OBJECTS: dict[str, Callable[[Rival], Any]] = {
    "api/v1/leads/<uuid:lead_id>/": lambda rival: rival.lead.pk,
    "api/v1/leads/<uuid:lead_id>/claim/": lambda rival: rival.lead.pk,
    "api/v1/leads/<uuid:lead_id>/release/": lambda rival: rival.suspect.pk,
    "api/v1/leads/<uuid:lead_id>/spam/": lambda rival: rival.suspect.pk,
    "leads/<uuid:lead_id>/discount/": lambda rival: rival.lead.pk,
    "api/v1/approvals/<uuid:request_id>/": lambda rival: rival.request.pk,
    "api/v1/approvals/<uuid:request_id>/approve/": lambda rival: rival.request.pk,
    "api/v1/approvals/<uuid:request_id>/refuse/": lambda rival: rival.request.pk,
    "approvals/<uuid:request_id>/": lambda rival: rival.request.pk,
    "approvals/<uuid:request_id>/decide/": lambda rival: rival.request.pk,
    "approvals/<uuid:request_id>/delegate/": lambda rival: rival.request.pk,
    "approvals/<uuid:request_id>/withdraw/": lambda rival: rival.request.pk,
    "approvals/link/<str:token>/": lambda rival: _decision_link(rival.request, rival.chief),
    "leads/<uuid:lead_id>/": lambda rival: rival.lead.pk,
    "leads/<uuid:lead_id>/claim/": lambda rival: rival.lead.pk,
    "leads/<uuid:lead_id>/release/": lambda rival: rival.suspect.pk,
    "leads/<uuid:lead_id>/spam/": lambda rival: rival.suspect.pk,
    "api/v1/stock/<uuid:vehicle_id>/": lambda rival: rival.photo.vehicle_id,
    **dict.fromkeys(
        [f"imports/<int:feed_id>/{part}" for part in ("", "preview/", "drop/", "learnt/", "fetch/")],
        lambda rival: rival.import_run.feed_id,
    ),
    **dict.fromkeys(
        [
            f"imports/<uuid:run_id>/{part}"
            for part in (
                *("", "live/", "cancel/", "go-on/", "undo/", "fix/", "fix-everywhere/"),
                *("faults.csv", "corrected/", "gone/"),
            )
        ],
        lambda rival: rival.import_run.pk,
    ),
    "stock/views/<int:view_id>/": lambda rival: rival.flows.view.pk,
    "stock/views/<int:view_id>/delete/": lambda rival: rival.flows.view.pk,
    "stock/views/<int:view_id>/move/": lambda rival: rival.flows.view.pk,
    "stock/<uuid:vehicle_id>/": lambda rival: rival.photo.vehicle_id,
    "stock/<uuid:vehicle_id>/ask/": lambda rival: rival.photo.vehicle_id,
    "stock/<uuid:vehicle_id>/send/": lambda rival: rival.photo.vehicle_id,
    "stock/transfers/<uuid:transfer_id>/": lambda rival: rival.flows.transfer.pk,
    "stock/transfers/<uuid:transfer_id>/accept/": lambda rival: rival.flows.transfer.pk,
    "stock/transfers/<uuid:transfer_id>/refuse/": lambda rival: rival.flows.transfer.pk,
    "stock/transfers/<uuid:transfer_id>/start/": lambda rival: rival.flows.transfer.pk,
    "stock/transfers/<uuid:transfer_id>/receive/": lambda rival: rival.flows.transfer.pk,
    "stock/transfers/<uuid:transfer_id>/cancel/": lambda rival: rival.flows.transfer.pk,
    "api/v1/stock/transfers/<uuid:transfer_id>/accept/": lambda rival: rival.flows.transfer.pk,
    "api/v1/stock/transfers/<uuid:transfer_id>/refuse/": lambda rival: rival.flows.transfer.pk,
    "api/v1/stock/vehicles/<uuid:vehicle_id>/highlight/": lambda rival: rival.photo.vehicle_id,
    "stock/ageing/<int:site_id>/limits/": lambda rival: rival.source.site_id,
    "stock/thresholds/<int:site_id>/save/": lambda rival: rival.source.site_id,
    "stock/thresholds/<int:threshold_id>/remove/": lambda rival: rival.flows.threshold.pk,
    "stock/wanted/<uuid:wanted_id>/": lambda rival: rival.flows.wanted.pk,
    "stock/wanted/<uuid:wanted_id>/edit/": lambda rival: rival.flows.wanted.pk,
    "stock/wanted/<uuid:wanted_id>/end/": lambda rival: rival.flows.wanted.pk,
    "stock/wanted/matches/<int:match_id>/dismiss/": lambda rival: rival.flows.match.pk,
    "stock/<uuid:vehicle_id>/edit/": lambda rival: rival.photo.vehicle_id,
    "stock/<uuid:vehicle_id>/sheet/": lambda rival: rival.photo.vehicle_id,
    "stock/<uuid:vehicle_id>/price/": lambda rival: rival.photo.vehicle_id,
    "stock/<uuid:vehicle_id>/status/": lambda rival: rival.photo.vehicle_id,
    "stock/<uuid:vehicle_id>/highlight/": lambda rival: rival.photo.vehicle_id,
    "stock/<uuid:vehicle_id>/erase/": lambda rival: rival.photo.vehicle_id,
    "stock/<uuid:vehicle_id>/photos/": lambda rival: rival.photo.vehicle_id,
    "stock/<uuid:vehicle_id>/photos/add/": lambda rival: rival.photo.vehicle_id,
    "stock/<uuid:vehicle_id>/photos/order/": lambda rival: rival.photo.vehicle_id,
    "stock/<uuid:vehicle_id>/costs/add/": lambda rival: rival.photo.vehicle_id,
    "stock/<uuid:vehicle_id>/documents/add/": lambda rival: rival.photo.vehicle_id,
    "stock/photos/<uuid:photo_id>/": lambda rival: rival.photo.pk,
    "stock/photos/<uuid:photo_id>/small/": lambda rival: rival.photo.pk,
    "stock/photos/<uuid:photo_id>/move/": lambda rival: rival.photo.pk,
    "stock/photos/<uuid:photo_id>/discard/": lambda rival: rival.photo.pk,
    "stock/photos/<uuid:photo_id>/restore/": lambda rival: rival.papers[2].pk,
    "stock/costs/<int:cost_id>/remove/": lambda rival: rival.papers[1].pk,
    "stock/documents/<uuid:document_id>/": lambda rival: rival.papers[0].pk,
    "stock/documents/<uuid:document_id>/remove/": lambda rival: rival.papers[0].pk,
    "preferences/devices/<int:device_id>/remove/": lambda rival: rival.device.pk,
    "preferences/addresses/<int:block_id>/lift/": lambda rival: rival.block.pk,
    "told/<str:subject>/": lambda _rival: SUBJECT,
    "inbox/<int:notification_id>/why/": lambda rival: rival.undelivered.notification_id,
    "preferences/hours/away/<int:absence_id>/remove/": lambda rival: rival.absence.pk,
    "preferences/hours/duty/<int:shift_id>/remove/": lambda rival: rival.shift.pk,
    "preferences/devices/<int:device_id>/test/": lambda rival: rival.device.pk,
    "preferences/roles/<uuid:batch>/undo/": lambda rival: rival.defaults_batch,
    "outbox/<int:entry_id>/": lambda rival: rival.outbox.pk,
    "outbox/undelivered/<int:delivery_id>/replay/": lambda rival: rival.undelivered.pk,
    "outbox/<int:entry_id>/html/": lambda rival: rival.outbox.pk,
    "accounts/2fa/webauthn/keys/<int:pk>/remove/": lambda rival: rival.authenticator.pk,
    "accounts/2fa/webauthn/keys/<int:pk>/edit/": lambda rival: rival.authenticator.pk,
    "admin/sites/user/<id>/password/": lambda rival: rival.person.pk,
    # of a vehicle that is not published: a published one's is for everybody
    "feeds/photos/<uuid:photo_id>.jpg": lambda rival: rival.photo.pk,
    "feeds/photos/<uuid:photo_id>-small.jpg": lambda rival: rival.photo.pk,
}
ADMIN_OBJECT = re.compile(r"admin/(?P<model>\w+/\w+)/<path:object_id>/")

# Addresses with a variable part that names no tenant's object -> why, and an example.
NO_OBJECT = {
    "preferences/<str:topic>/<slug:channel>/<slug:choice>/": "leads/push/on",
    "preferences/hours/follow/<str:topic>/": "leads",
    "inbox/gathered/<str:of>/<slug:stamp>/": "leads.quarantined/20260302-09: a type and an hour, of one's own",
    "outbox/gallery/<str:key>/": "leads.received: a declared type, the same for every group",
    "preferences/quieter/<str:type_key>/<slug:channel>/<slug:verdict>/": "leads.received/push/keep",
    r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "a secret sent by mail",
    "outbox/ledger/<str:day>/": "a day, the group's own",
    "unsubscribe/<str:token>/": "a signed ticket sent by mail",
    "feeds/<str:token>/stock.json": "a secret that its group gave to a portal",
    "feeds/<str:token>/stock.csv": "the same",
    "demo/<slug:site_slug>/": "a public page of the demo",
    "demo/feeds/<str:name>": "a sample file of the demo, with sold cars of the reader's own group",
    "demo/<slug:site_slug>/merci/": "a public page of the demo",
    r"admin/^(?P<app_label>": "the list of an app's pages",
    r"admin/(?P<url>.*)$": "whatever the admin site does not know",
    "^api/": "whatever the API does not know",
}

# Requests that name an object in their query or body: address, method, what to send for a key.
BODIES: dict[str, tuple[str, str, Callable[[Any], Found], Callable[[Rival], Any], Any]] = {
    "drop a file on a feed": (
        "/imports/", "GET", lambda pk: {"feed": pk}, lambda r: r.import_run.feed_id, MISSING_NUMBER,
    ),
    "set up a feed on a site": (
        "/imports/new/",
        "POST",
        lambda pk: {"name": "Flux", "sites": [pk], "way": "upload", "vanish_limit": 20},
        lambda r: r.source.site_id,
        MISSING_NUMBER,
    ),
    "switch site": ("/me/site/", "POST", lambda pk: {"site": pk}, lambda r: r.source.site_id, MISSING_NUMBER),
    "list by source": ("/leads/", "GET", lambda pk: {"source": pk}, lambda r: r.source.pk, MISSING_NUMBER),
    "list by site": ("/leads/", "GET", lambda slug: {"site": slug}, lambda r: r.source.site.slug, "nowhere"),
    "measures by site": ("/measures/", "GET", lambda s: {"site": s}, lambda r: r.source.site.slug, "nowhere"),
    "measures file": ("/measures/export/", "GET", lambda s: {"site": s}, lambda r: r.source.site.slug, "nowhere"),
    "duty on a site": (
        "/preferences/hours/duty/",
        "POST",
        lambda pk: {"site": pk, "day": "2026-03-03", "starts": "19:00", "ends": "21:00"},
        lambda r: r.source.site_id,
        MISSING_NUMBER,
    ),
    "a stand-in": (
        "/preferences/hours/away/",
        "POST",
        lambda pk: {"first_day": "2099-03-02", "last_day": "2099-03-03", "stand_in": pk},
        lambda r: r.person.pk,
        MISSING_NUMBER,
    ),
    "follow a site": (
        "/preferences/hours/follow/leads/",
        "POST",
        lambda pk: {"leads-width": "sites", "leads-sites": [pk]},
        lambda r: r.source.site_id,
        MISSING_NUMBER,
    ),
    "API by source": (
        "/api/v1/leads/", "GET", lambda pk: {"source": pk}, lambda r: r.source.pk, MISSING_NUMBER,
    ),
    "stock by site": ("/stock/", "GET", lambda s: {"site": s}, lambda r: r.source.site.slug, "nowhere"),
    "stock by view": ("/stock/", "GET", lambda pk: {"view": pk}, lambda r: r.flows.view.pk, MISSING_NUMBER),
    "stock file": ("/stock/export.csv", "GET", lambda s: {"site": s}, lambda r: r.source.site.slug, "nowhere"),
    "filter by site": ("/stock/filter/", "GET", lambda s: {"site": s}, lambda r: r.source.site.slug, "nowhere"),
    "columns of a view": (
        "/stock/columns/", "POST", lambda pk: {"view": pk}, lambda r: r.flows.view.pk, MISSING_NUMBER,
    ),
    "API stock by site": ("/api/v1/stock/", "GET", lambda s: {"site": s}, lambda r: r.source.site.slug, "nowhere"),
    "ageing by site": ("/stock/ageing/", "GET", lambda s: {"site": s}, lambda r: r.source.site.slug, "nowhere"),
    "buying by site": ("/stock/thresholds/", "GET", lambda s: {"site": s}, lambda r: r.source.site.slug, "nowhere"),
    "a search like it": (
        "/stock/wanted/new/", "GET", lambda pk: {"like": pk}, lambda r: r.flows.wanted.pk, MISSING_UUID,
    ),
    "API by site": ("/api/v1/leads/", "GET", lambda s: {"site": s}, lambda r: r.source.site.slug, "nowhere"),
}  # fmt: skip
