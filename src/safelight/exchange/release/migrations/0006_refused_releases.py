"""What somebody tried to pass on without a consent is kept for the owner to read."""

from django.db import migrations, models

import safelight.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("release", "0005_acting_for_the_patient"),
    ]

    operations = [
        migrations.CreateModel(
            name="RefusedRelease",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField()),
                ("study_id", models.UUIDField(db_index=True)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=60)),
                ("consent_id", models.UUIDField(null=True)),
                ("reason", models.CharField(max_length=40)),
            ],
        ),
    ]
