"""Expand: what waits for a second look, whose exams are watched, and how far it was read.

Reversing drops them; that something was picked and decided stays in the record.
"""

from django.db import migrations, models

import safelight.kernel.ids
import safelight.platform.keys.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Marked",
            fields=[
                ("account_id", models.UUIDField(primary_key=True, serialize=False)),
                ("by_id", models.UUIDField()),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                ("name", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Item",
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
                ("entry_id", models.UUIDField()),
                ("rule", models.CharField(max_length=20)),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(max_length=64)),
                ("actor", models.CharField(max_length=128)),
                ("subject", models.CharField(max_length=128)),
                ("vault_id", models.UUIDField(null=True)),
                ("organization_id", models.UUIDField(db_index=True, null=True)),
                (
                    "decision",
                    models.CharField(
                        choices=[("fine", "Fine"), ("talked", "Talked"), ("wrong", "Wrong")],
                        default="",
                        max_length=10,
                    ),
                ),
                ("reviewer_id", models.UUIDField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("words", safelight.platform.keys.fields.SealedTextField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["decision", "-at"], name="review_waiting")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("entry_id", "rule"), name="review_once_for_each_rule"
                    )
                ],
            },
        ),
    ]
