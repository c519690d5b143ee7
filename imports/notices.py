"""Who hears of a run: a line in an email when all went well, at once when somebody must look."""

from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.signals import Fact
from imports import sentences
from imports.signals import (
    ImportFinished,
    ImportMovedOn,
    ImportStopped,
    import_finished,
    import_finished_with_faults,
    import_moved_on,
    import_stopped,
)
from notifications.audiences import roles
from notifications.choices import EMAIL, IN_APP, NOTHING, PUSH, Urgency
from notifications.declarations import Action, Category, Notice, values_of

IMPORTS = Category(
    key="imports",
    name=_("Imports"),
    description=_("Files that were imported, rows in error, feeds that stopped"),
    icon="box-arrow-in-down",
)

_RUN = UUID("01930000-0000-7000-8000-000000000004")
_AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
_KEEPERS = roles("stock_manager", "used_car_manager", "site_manager")
_NEEDS = "imports.run_import"


class ImportFinishedNotice(Notice[ImportFinished]):
    """All went well: nobody has to do anything."""

    key = "imports.finished"
    name = _("Import finished")
    category = IMPORTS
    urgency = Urgency.LOW
    signal = import_finished
    audience = _KEEPERS
    needs = _NEEDS
    subject = "run:{run_id}"
    title = _("Imported: {feed_name}")
    body = _("{created} new · {updated} changed · {unchanged} unchanged · {vanished} no longer in the file")
    url = "/imports/{run_id}/"
    channels = {"stock_manager": EMAIL, "used_car_manager": NOTHING, "site_manager": NOTHING}
    sample = ImportFinished(
        group_id=1,
        site_id=1,
        occurred_at=_AT,
        run_id=_RUN,
        feed_id=1,
        feed_name="DMS Lyon",
        file_name="stock-2026-03-02.csv",
        site_name="Lyon",
        created=12,
        updated=31,
        unchanged=257,
        failed=0,
        vanished=4,
    )


class ImportWithFaultsNotice(Notice[ImportFinished]):
    """Some rows were not taken: the sooner they are corrected, the sooner the cars are for sale."""

    key = "imports.finished_with_faults"
    name = _("Import with rows in error")
    category = IMPORTS
    urgency = Urgency.HIGH
    signal = import_finished_with_faults
    audience = _KEEPERS
    needs = _NEEDS
    subject = "run:{run_id}"
    title = _("{failed} in error: {feed_name}")
    body = _("{created} new · {updated} changed · {unchanged} unchanged · {failed} in error")
    sms = _("Import {feed_name}: {failed} rows in error")
    url = "/imports/{run_id}/"
    actions = (Action(key="look", label=_("Correct the rows")),)
    channels = {"stock_manager": IN_APP | PUSH, "used_car_manager": NOTHING, "site_manager": NOTHING}
    sample = ImportFinished(
        group_id=1,
        site_id=1,
        occurred_at=_AT,
        run_id=_RUN,
        feed_id=1,
        feed_name="DMS Lyon",
        file_name="stock-2026-03-02.csv",
        site_name="Lyon",
        created=12,
        updated=31,
        unchanged=250,
        failed=7,
        vanished=4,
    )


class ImportStoppedNotice(Notice[ImportStopped]):
    """Nothing was changed, and nothing will be until somebody looks."""

    key = "imports.stopped"
    name = _("Import stopped")
    category = IMPORTS
    urgency = Urgency.HIGH
    signal = import_stopped
    audience = _KEEPERS
    needs = _NEEDS
    subject = "run:{run_id}"
    dedupe = "run:{run_id}:{occurred_at}"
    title = _("Import stopped: {feed_name}")
    body = _("{why}")
    sms = _("Import stopped: {feed_name}. Somebody has to look")
    url = "/imports/{run_id}/"
    actions = (Action(key="look", label=_("Look at it")),)
    closes_on = import_moved_on
    closed_text = "{moved_on}"
    channels = {"stock_manager": IN_APP | PUSH, "used_car_manager": NOTHING, "site_manager": NOTHING}
    sample = ImportStopped(
        group_id=1,
        site_id=1,
        occurred_at=_AT,
        run_id=_RUN,
        feed_id=1,
        feed_name="DMS Lyon",
        file_name="stock-2026-03-02.csv",
        site_name="Lyon",
        code="would_vanish",
        values={"missing": 180, "alive": 300, "limit": 20},
        is_waiting=True,
    )

    @classmethod
    def values_of(cls, fact: Fact) -> dict[str, Any]:
        """With the sentence that says why, or who has decided since."""
        if isinstance(fact, ImportMovedOn):
            decided = gettext("Decided by %(name)s") % {"name": fact.by_name} if fact.by_name else ""
            return {**values_of(fact), "moved_on": decided or gettext("A newer file has come")}
        stopped = cast("ImportStopped", fact)
        return {**values_of(fact), "why": sentences.of(stopped.code, stopped.values)}
