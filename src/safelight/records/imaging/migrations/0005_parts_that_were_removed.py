"""Where series and instances wait that were taken out of a study that stays.

Going back drops them for good: bring back first what is to be kept.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("imaging", "0004_patients_by_person"),
    ]

    operations = [
        migrations.CreateModel(
            name="RemovedInstance",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("arrival", models.BigIntegerField()),
                ("vault_id", models.UUIDField()),
                ("study_id", models.UUIDField()),
                ("series_id", models.UUIDField()),
                ("uid_token", models.BinaryField(max_length=16)),
                ("digest_token", models.BinaryField(max_length=16)),
                ("pack", models.CharField(max_length=80)),
                ("offset", models.BigIntegerField()),
                ("length", models.BigIntegerField()),
                ("wrapped_key", models.BinaryField()),
                ("sealed_card", models.BinaryField()),
                ("sealed_model", models.BinaryField()),
                ("received_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["study_id"], name="removed_of_study"),
                    models.Index(fields=["vault_id"], name="removed_of_vault"),
                    models.Index(fields=["removed_at"], name="removed_when"),
                ],
            },
        ),
    ]
