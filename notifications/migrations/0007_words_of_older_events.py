"""Older events can be found too: by what the notices of that day named in their title, body or closing."""

import unicodedata

from django.db import migrations

SAID = {"notice": ("customer_name", "source_name", "unsaid_site", "vehicle"), "closing": ("owner_name",)}
BATCH = 500


def fold(text):
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())


def keep_words(apps, schema_editor):
    Event = apps.get_model("notifications", "Event")
    batch = []
    for event in Event._base_manager.filter(words="").only("kind", "payload").iterator(chunk_size=BATCH):
        said = (str(event.payload.get(name) or "") for name in SAID.get(event.kind, ()))
        event.words = fold(" ".join(said))[:600]
        batch.append(event)
        if len(batch) == BATCH:
            Event._base_manager.bulk_update(batch, ["words"])
            batch.clear()
    Event._base_manager.bulk_update(batch, ["words"])


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0006_filed_and_found"),
    ]

    operations = [migrations.RunPython(keep_words, migrations.RunPython.noop)]
