"""Keep which keys signed after the first of each purpose, each endorsed by the one before.

Expand step. Reversing forgets them, and what they signed is then refused: go back only
where no signing key was replaced yet.
"""

from django.db import migrations, models

KINDS = [
    ("vault", "Vault"),
    ("ledger", "Ledger"),
    ("study", "Study"),
    ("fields", "Fields"),
    ("signing", "Signing"),
]


class Migration(migrations.Migration):
    dependencies = [("keys", "0003_since_when_a_root_key_serves")]

    operations = [
        migrations.AlterField("wrappedkey", "kind", models.CharField(choices=KINDS, max_length=8)),
        migrations.AlterField("destruction", "kind", models.CharField(choices=KINDS, max_length=8)),
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                ("purpose", models.CharField(max_length=32)),
                ("version", models.PositiveIntegerField()),
                ("public", models.BinaryField()),
                ("since", models.DateTimeField()),
                ("endorsement", models.TextField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("purpose", "version"), name="keys_one_follows_another"
                    ),
                ],
            },
        ),
    ]
