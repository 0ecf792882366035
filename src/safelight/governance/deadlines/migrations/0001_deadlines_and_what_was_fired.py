"""Expand: what runs by which clock, what was fired for it, and the days the house is closed.

Reversing drops them; that something was due, extended or missed stays in the record.
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
            name="ClosedDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name="Deadline",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("subject_kind", models.CharField(max_length=40)),
                ("subject_id", models.UUIDField()),
                ("clock", models.CharField(max_length=40)),
                ("clocks", models.JSONField(default=list)),
                ("started", models.DateTimeField()),
                ("due", models.DateTimeField()),
                ("extendable_until", models.DateTimeField(null=True)),
                ("extended_at", models.DateTimeField(null=True)),
                ("reason", safelight.platform.keys.fields.SealedTextField(null=True)),
                ("paused_at", models.DateTimeField(null=True)),
                ("met_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["met_at", "due"], name="deadline_open")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("subject_kind", "subject_id", "clock"),
                        name="deadline_once_for_each_clock",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due__gte", models.F("started"))),
                        name="deadline_is_due_after_its_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Fired",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("moment", models.DateTimeField()),
                ("at", models.DateTimeField()),
                (
                    "deadline",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fired",
                        to="deadlines.deadline",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("deadline", "moment"), name="fired_exactly_once"
                    )
                ],
            },
        ),
    ]
