"""An entry has no words of its own any more, and a delivery has one entry."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0018_words_kept_once"),
    ]

    operations = [
        migrations.RemoveField(model_name="outboxentry", name="subject"),
        migrations.RemoveField(model_name="outboxentry", name="text"),
        migrations.RemoveField(model_name="outboxentry", name="html"),
        migrations.AlterField(
            model_name="outboxentry",
            name="words",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="entries",
                to="notifications.outboxwords",
            ),
        ),
        migrations.AlterField(
            model_name="outboxentry",
            name="delivery",
            field=models.OneToOneField(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="outbox",
                to="notifications.delivery",
            ),
        ),
        migrations.AlterField(
            model_name="outboxentry",
            name="group",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="sites.group",
                verbose_name="group",
            ),
        ),
    ]
