"""Exams can be marked as holding sensitive information."""

from django.db import migrations, models

import safelight.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_care_of_one_study"),
    ]

    operations = [
        migrations.CreateModel(
            name="SensitiveMark",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField()),
                ("study_id", models.UUIDField(db_index=True)),
                ("token", models.BinaryField(max_length=16)),
                ("set_by", models.CharField(max_length=60)),
                ("since", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("study_id", "token"),
                        name="a_mark_once_a_study",
                    )
                ],
            },
        ),
    ]
