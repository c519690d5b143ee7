"""A table for the words of messages, which several readers share."""

import django.db.models.deletion
from django.db import migrations, models

import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0016_collapse_and_storms"),
        ("sites", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutboxWords",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("subject", models.CharField(blank=True, max_length=300)),
                ("text", models.TextField()),
                ("html", models.TextField(blank=True)),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="sites.group",
                        verbose_name="group",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="outboxentry",
            name="words",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="entries",
                to="notifications.outboxwords",
            ),
        ),
    ]
