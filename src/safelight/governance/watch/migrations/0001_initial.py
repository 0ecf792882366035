"""Expand: what detection counted, its alerts, measures, incidents and decoys.

Reversing drops them; that they were raised, taken and closed stays in the record.
"""

import django.db.models.deletion
from django.db import migrations, models

import safelight.kernel.ids
import safelight.platform.keys.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Cursor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.BigIntegerField(default=0)),
                ("read_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Decoy",
            fields=[
                ("name", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("planted_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("rule", models.CharField(max_length=4)),
                ("form", models.CharField(max_length=24)),
                ("severity", models.CharField(max_length=8)),
                ("subject", models.CharField(max_length=80)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("acknowledged", "Acknowledged"),
                            ("closed", "Closed"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("count", models.BigIntegerField()),
                ("first_seen_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("raised_at", models.DateTimeField()),
                ("acknowledged_by", models.UUIDField(null=True)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("closed_by", models.UUIDField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("harmless", "Harmless"),
                            ("mistake", "Mistake"),
                            ("misuse", "Misuse"),
                            ("fault", "Fault"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("words", safelight.platform.keys.fields.SealedTextField()),
            ],
            options={
                "indexes": [models.Index(fields=["state", "-raised_at"], name="watch_by_state")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "closed"), _negated=True),
                        fields=("rule", "form", "subject"),
                        name="watch_one_open_alert",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("source", models.CharField(max_length=24)),
                ("subject", models.CharField(max_length=80)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("suspected", "Suspected"),
                            ("triaged", "Triaged"),
                            ("contained", "Contained"),
                            ("closed", "Closed"),
                        ],
                        default="suspected",
                        max_length=12,
                    ),
                ),
                ("discovered_at", models.DateTimeField()),
                ("opened_at", models.DateTimeField()),
                ("opened_by", models.CharField(max_length=60)),
                (
                    "alert",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="incidents",
                        to="watch.alert",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IncidentStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("suspected", "Suspected"),
                            ("triaged", "Triaged"),
                            ("contained", "Contained"),
                            ("closed", "Closed"),
                        ],
                        max_length=12,
                    ),
                ),
                ("by", models.CharField(max_length=60)),
                ("at", models.DateTimeField()),
                ("words", safelight.platform.keys.fields.SealedTextField()),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="watch.incident",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Measure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=16)),
                ("subject", models.CharField(max_length=80)),
                ("taken_by", models.CharField(max_length=60)),
                ("taken_at", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("words", safelight.platform.keys.fields.SealedTextField()),
                ("lifted_by", models.CharField(default="", max_length=60)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_words", safelight.platform.keys.fields.SealedTextField()),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="measures",
                        to="watch.alert",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Seen",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rule", models.CharField(max_length=4)),
                ("key", models.CharField(max_length=80)),
                ("what", models.CharField(max_length=16)),
                ("other", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                ("seq", models.BigIntegerField()),
                ("weight", models.BigIntegerField(default=1)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["rule", "key", "at"], name="watch_by_key"),
                    models.Index(fields=["rule", "at"], name="watch_by_age"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("rule", "key", "what", "seq"), name="watch_counted_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AlertEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.BigIntegerField()),
                (
                    "alert",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="watch.alert",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("alert", "seq"), name="watch_entry_once")
                ],
            },
        ),
    ]
