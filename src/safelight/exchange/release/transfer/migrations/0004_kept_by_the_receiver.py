"""What a receiver says that it keeps."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("transfer", "0003_under_which_consent"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptThere",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("asked_as", models.UUIDField(unique=True)),
                ("asked_at", models.DateTimeField()),
                ("heard_at", models.DateTimeField(null=True)),
                ("kept", models.IntegerField(default=0)),
                ("failed", models.IntegerField(default=0)),
                (
                    "transfer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="kept_there",
                        to="transfer.transfer",
                    ),
                ),
            ],
        ),
    ]
