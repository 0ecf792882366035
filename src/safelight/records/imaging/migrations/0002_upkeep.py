"""Make the tables of what is found in upkeep: damaged objects, and how far a scrub came."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("imaging", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Quarantined",
            fields=[
                ("object_id", models.UUIDField(primary_key=True, serialize=False)),
                ("vault_id", models.UUIDField()),
                ("study_id", models.UUIDField(null=True)),
                ("reason", models.CharField(max_length=20)),
                ("found_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="ScrubRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("last_arrival", models.BigIntegerField()),
                ("arrival", models.BigIntegerField(default=0)),
                ("review_id", models.UUIDField(null=True)),
                ("objects_read", models.BigIntegerField(default=0)),
                ("bytes_read", models.BigIntegerField(default=0)),
                ("found_broken", models.BigIntegerField(default=0)),
                ("found_healed", models.BigIntegerField(default=0)),
            ],
        ),
    ]
