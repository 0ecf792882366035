"""What waits for a decision can be rejected: by whom, and why. Reversing forgets both."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """Who decided, and as what."""

    dependencies: ClassVar = [
        ("imaging", "0008_copies_without_a_name"),
    ]

    operations: ClassVar = [
        migrations.AddField("reviewitem", "decided_by", models.UUIDField(null=True)),
        migrations.AddField(
            "reviewitem", "decided_as", models.CharField(default="", max_length=20)
        ),
        migrations.AlterField(
            "reviewitem",
            "state",
            models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("kept", "Kept"),
                    ("rejected", "Rejected"),
                    ("discarded", "Discarded"),
                ],
                default="waiting",
                max_length=10,
            ),
        ),
    ]
