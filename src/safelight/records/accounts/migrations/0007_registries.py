"""Expand: institutions that keep a register, with its purpose and duties.

Reversing drops the table; what was given to a registry stays as it was agreed.
"""

import django.db.models.deletion
from django.db import migrations, models

import safelight.platform.keys.fields


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_hardware_keys_as_a_method"),
    ]

    operations = [
        migrations.CreateModel(
            name="Registry",
            fields=[
                (
                    "organization",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="registry",
                        serialize=False,
                        to="accounts.organization",
                    ),
                ),
                ("purpose", safelight.platform.keys.fields.SealedTextField()),
                ("duties", safelight.platform.keys.fields.SealedTextField()),
                ("entered_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
