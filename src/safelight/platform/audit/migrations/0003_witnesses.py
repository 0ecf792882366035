"""Keep what witnesses sign, and how it stands with each."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_node")]

    operations = [
        migrations.CreateModel(
            name="Standing",
            fields=[
                (
                    "witness",
                    models.CharField(max_length=128, primary_key=True, serialize=False),
                ),
                ("size", models.BigIntegerField(default=0)),
                ("answered_at", models.DateTimeField(null=True)),
                ("said_at", models.DateTimeField(null=True)),
                ("trouble", models.CharField(default="", max_length=32)),
                ("since", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Cosignature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("witness", models.CharField(max_length=128)),
                ("at", models.DateTimeField()),
                ("line", models.TextField()),
                (
                    "checkpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="audit.checkpoint"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("checkpoint", "witness"), name="audit_cosigned_once"
                    )
                ],
            },
        ),
    ]
