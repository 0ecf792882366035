"""A consent says in which form an exam is shown; all that were given before show it as it is."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """The form of release beside what else a consent says in the clear."""

    dependencies: ClassVar = [
        ("consent", "0005_lists_along_indexes"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="consent",
            name="form",
            field=models.CharField(default="identified", max_length=12),
        ),
    ]
