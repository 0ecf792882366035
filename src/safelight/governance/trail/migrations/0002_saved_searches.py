"""Expand: readers of the record keep searches. Reversing drops them."""

from django.db import migrations, models

import safelight.kernel.ids
import safelight.platform.keys.fields


class Migration(migrations.Migration):
    dependencies = [("trail", "0001_how_far_it_was_sent")]

    operations = [
        migrations.CreateModel(
            name="SavedSearch",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("account_id", models.UUIDField()),
                ("name", safelight.platform.keys.fields.SealedTextField()),
                ("fields", safelight.platform.keys.fields.SealedTextField()),
                ("saved_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["account_id"], name="search_by_reader")],
            },
        ),
    ]
