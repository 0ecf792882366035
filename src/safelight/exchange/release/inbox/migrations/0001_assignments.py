"""Who of an institution takes an exam on is kept, with by whose hand and until when."""

from django.db import migrations, models

import safelight.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Assignment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("organization_id", models.UUIDField()),
                ("study_id", models.UUIDField(db_index=True)),
                ("account_id", models.UUIDField()),
                ("since", models.DateTimeField()),
                ("by_id", models.UUIDField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by_id", models.UUIDField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["account_id", "ended_at"], name="assigned_to")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("study_id", "organization_id"),
                        name="one_who_takes_an_exam_on",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by_id__isnull", True)),
                            models.Q(("ended_at__isnull", False), ("ended_by_id__isnull", False)),
                            _connector="OR",
                        ),
                        name="an_assignment_ends_by_a_hand",
                    ),
                ],
            },
        ),
    ]
