"""Make the tables of the facts that decide about access. Reversing drops them."""

from django.db import migrations, models

import safelight.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CareRelation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField()),
                ("patient_id", models.UUIDField()),
                ("account_id", models.UUIDField(db_index=True)),
                ("since", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("patient_id", "account_id"),
                        name="one_live_care_relation",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Epoch",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="there_is_one_epoch")
                ],
            },
        ),
        migrations.CreateModel(
            name="Gate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("account_id", models.UUIDField()),
                ("duty", models.CharField(max_length=40)),
                ("open_since", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("account_id", "duty"), name="one_gate_for_each_duty"
                    )
                ],
            },
        ),
    ]
