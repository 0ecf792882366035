"""Make the key store: its root key, its wrapped keys, and the journal of destroyed ones.

Expand step. Reversing drops every key: what they sealed cannot be read again.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Destruction",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("vault", "Vault"), ("ledger", "Ledger"), ("study", "Study")],
                        max_length=8,
                    ),
                ),
                ("subject_id", models.UUIDField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("subject_id", "kind"), name="keys_destroyed_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Instance",
            fields=[
                (
                    "number",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("root_id", models.CharField(max_length=16)),
                ("check_value", models.BinaryField()),
                ("wrapped_secret", models.BinaryField()),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number", 1)), name="keys_one_instance"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WrappedKey",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("vault", "Vault"), ("ledger", "Ledger"), ("study", "Study")],
                        max_length=8,
                    ),
                ),
                ("subject_id", models.UUIDField()),
                ("vault_id", models.UUIDField(db_index=True)),
                ("root_id", models.CharField(blank=True, max_length=16)),
                ("wrapped", models.BinaryField()),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("subject_id", "kind"), name="keys_one_of_a_name"
                    )
                ],
            },
        ),
    ]
