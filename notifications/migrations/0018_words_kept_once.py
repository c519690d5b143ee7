"""The words of older messages are kept once too. Of two entries of one delivery the later one stays."""

from django.db import migrations
from django.db.models import Exists, OuterRef

BATCH = 500


def keep_words(apps, schema_editor):
    Entry = apps.get_model("notifications", "OutboxEntry")
    later = Entry._base_manager.filter(delivery_id=OuterRef("delivery_id"), pk__gt=OuterRef("pk"))
    Entry._base_manager.filter(Exists(later)).delete()
    batch = []
    for entry in Entry._base_manager.order_by("pk").iterator(chunk_size=BATCH):
        batch.append(entry)
        if len(batch) == BATCH:
            keep_words_of(apps, batch)
            batch.clear()
    keep_words_of(apps, batch)


def keep_words_of(apps, batch):
    Entry, Words = (apps.get_model("notifications", name) for name in ("OutboxEntry", "OutboxWords"))
    said = {}
    for entry in batch:
        words = {"group_id": entry.group_id, "subject": entry.subject, "text": entry.text, "html": entry.html}
        entry.words = said.setdefault(tuple(words.values()), Words(**words))
    Words._base_manager.bulk_create(said.values())
    Entry._base_manager.bulk_update(batch, ["words"])


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0017_words_of_messages"),
    ]

    operations = [migrations.RunPython(keep_words, migrations.RunPython.noop)]
