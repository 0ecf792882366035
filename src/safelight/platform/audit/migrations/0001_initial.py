"""Lay the tables of the record: entries, tip, checkpoints, folds. Triggers follow each migration."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("note", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="Tip",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("size", models.BigIntegerField(default=0)),
                ("chain", models.BinaryField(max_length=32)),
                ("frontier", models.BinaryField()),
                ("note", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="DenialFold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("minute", models.DateTimeField()),
                ("actor", models.CharField(max_length=128)),
                ("kind", models.CharField(max_length=64)),
                ("subject_kind", models.CharField(max_length=64)),
                ("reason", models.CharField(max_length=128)),
                ("origin_token", models.CharField(max_length=32)),
                ("origin", models.BinaryField()),
                ("more", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "minute",
                            "actor",
                            "kind",
                            "subject_kind",
                            "reason",
                            "origin_token",
                        ),
                        name="audit_one_fold_a_minute",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("row", models.BigAutoField(primary_key=True, serialize=False)),
                ("entry_id", models.UUIDField(unique=True)),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(max_length=64)),
                ("outcome", models.CharField(max_length=8)),
                ("actor", models.CharField(max_length=128)),
                ("subject", models.CharField(max_length=128)),
                ("vault_id", models.UUIDField(null=True)),
                ("text", models.TextField()),
                ("mac", models.BinaryField(max_length=16)),
                ("seq", models.BigIntegerField(null=True, unique=True)),
                ("chain", models.BinaryField(max_length=32, null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["vault_id", "row"], name="audit_by_vault"),
                    models.Index(fields=["subject", "row"], name="audit_by_subject"),
                    models.Index(fields=["actor", "row"], name="audit_by_actor"),
                    models.Index(fields=["kind", "row"], name="audit_by_kind"),
                    models.Index(
                        condition=models.Q(("seq__isnull", True)),
                        fields=["row"],
                        name="audit_unsequenced",
                    ),
                ],
            },
        ),
    ]
