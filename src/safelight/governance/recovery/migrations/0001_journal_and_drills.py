"""How far the journal is, and the drills that were done."""

from django.db import migrations, models

import safelight.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Drill",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(db_index=True)),
                ("backup_id", models.CharField(max_length=32)),
                ("passed", models.BooleanField()),
                ("lost_seconds", models.BigIntegerField()),
                ("took_seconds", models.FloatField()),
                ("exams", models.IntegerField()),
                ("note", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="JournalTip",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("begun", models.CharField(max_length=32)),
                ("number", models.BigIntegerField(default=0)),
                ("last_hash", models.CharField(default="", max_length=64)),
                ("seq", models.BigIntegerField(default=0)),
                ("destruction", models.BigIntegerField(default=0)),
                ("beat_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="there_is_one_journal_tip"
                    )
                ],
            },
        ),
    ]
