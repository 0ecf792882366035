"""Expand: up to which entry the repository of audit messages has everything.

Reversing drops it; what was sent would then be sent again.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Spool",
            fields=[
                ("repository", models.CharField(max_length=300, primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField(default=0)),
                ("sent_at", models.DateTimeField(null=True)),
                ("failing_since", models.DateTimeField(null=True)),
                ("held_until", models.DateTimeField(null=True)),
            ],
        ),
    ]
