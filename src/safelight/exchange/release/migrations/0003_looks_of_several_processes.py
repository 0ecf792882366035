"""Let several processes know one look. Reversing forgets what each look was for."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("release", "0002_glimpses")]

    operations = [
        migrations.AddField(
            model_name="look",
            name="action",
            field=models.CharField(default="", max_length=12),
        ),
        migrations.CreateModel(
            name="Shown",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("picture", models.BigIntegerField()),
                (
                    "look",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shown",
                        to="release.look",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("look", "picture"), name="shown_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Listed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("actor", models.CharField(max_length=60)),
                ("session", models.CharField(max_length=60)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["actor", "session", "at"], name="listed_by_actor")
                ],
            },
        ),
    ]
