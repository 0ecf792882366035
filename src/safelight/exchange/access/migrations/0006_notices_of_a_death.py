"""Two of an institution note that a person has died."""

from django.db import migrations, models

import safelight.kernel.ids
import safelight.platform.keys.fields


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0005_ways_of_care"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeathNotice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField(db_index=True)),
                ("patient_id", models.UUIDField()),
                ("account_id", models.UUIDField()),
                ("evidence", safelight.platform.keys.fields.SealedTextField()),
                ("first_by", models.UUIDField()),
                ("first_at", models.DateTimeField()),
                ("second_by", models.UUIDField(null=True)),
                ("second_at", models.DateTimeField(null=True)),
                ("former_state", models.CharField(default="", max_length=12)),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_by", models.UUIDField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at__isnull", True)),
                        fields=("account_id",),
                        name="one_notice_of_a_death",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("second_by__isnull", True),
                            models.Q(("second_by", models.F("first_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="two_people_note_a_death",
                    ),
                ],
            },
        ),
    ]
