"""The mode of the instance, beside the epoch, and each change of it."""

from django.db import migrations, models

import safelight.kernel.ids
import safelight.platform.keys.fields


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0006_notices_of_a_death"),
    ]

    operations = [
        migrations.CreateModel(
            name="ModeChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("normal", "Normal"),
                            ("read_only", "Read Only"),
                            ("recovering", "Recovering"),
                        ],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField(db_index=True)),
                ("actor", models.CharField(max_length=60)),
                ("reason", safelight.platform.keys.fields.SealedTextField()),
            ],
        ),
        migrations.AddField(
            model_name="epoch",
            name="mode",
            field=models.CharField(
                choices=[
                    ("normal", "Normal"),
                    ("read_only", "Read Only"),
                    ("recovering", "Recovering"),
                ],
                default="normal",
                max_length=12,
            ),
        ),
    ]
