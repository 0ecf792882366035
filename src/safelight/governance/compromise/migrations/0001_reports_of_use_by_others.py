"""Reports that somebody else used an account: what was closed, and how its owner came back."""

from __future__ import annotations

from django.db import migrations, models

import safelight.kernel.ids
import safelight.platform.keys.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CompromiseReport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("account_id", models.UUIDField()),
                (
                    "way",
                    models.CharField(
                        choices=[("session", "Session"), ("mail", "Mail")], max_length=8
                    ),
                ),
                ("reported_at", models.DateTimeField()),
                ("doubted_since", models.DateTimeField()),
                ("incident_id", models.UUIDField(null=True)),
                ("entries", models.JSONField(default=list)),
                ("hold_until", models.DateTimeField(null=True)),
                ("proved_at", models.DateTimeField(null=True)),
                ("proved_how", safelight.platform.keys.fields.SealedTextField(null=True)),
                ("recovered_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("recovered_at", None)),
                        fields=("account_id",),
                        name="one_open_report_of_an_account",
                    )
                ],
            },
        ),
    ]
