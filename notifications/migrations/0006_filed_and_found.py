from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0005_receipts"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="words",
            field=models.CharField(blank=True, db_default="", default="", max_length=600),
        ),
        migrations.AddField(
            model_name="notification",
            name="woken_at",
            field=models.DateTimeField(null=True),
        ),
    ]
