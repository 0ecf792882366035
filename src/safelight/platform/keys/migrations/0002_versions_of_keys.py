"""Let a key have versions, so that it can be rotated while everything goes on.

Expand step: every key there is becomes version 1 and goes on sealing. Reversing drops
the versions' columns; it is refused by the old constraint once a key has been rotated.
"""

from django.db import migrations, models

_KINDS = [("vault", "Vault"), ("ledger", "Ledger"), ("study", "Study"), ("fields", "Fields")]


class Migration(migrations.Migration):
    dependencies = [("keys", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=8)),
                ("subject_id", models.UUIDField(null=True)),
                ("version", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.AlterField("wrappedkey", "kind", models.CharField(choices=_KINDS, max_length=8)),
        migrations.AlterField(
            "destruction", "kind", models.CharField(choices=_KINDS, max_length=8)
        ),
        migrations.AddField(
            "wrappedkey", "version", models.PositiveIntegerField(db_default=1, default=1)
        ),
        migrations.AddField(
            "wrappedkey", "above", models.PositiveIntegerField(db_default=1, default=1)
        ),
        migrations.AddField(
            "wrappedkey",
            "standing",
            models.CharField(
                choices=[("current", "Current"), ("next", "Next"), ("past", "Past")],
                db_default="current",
                default="current",
                max_length=8,
            ),
        ),
        migrations.AddField("wrappedkey", "stands_since", models.DateTimeField(null=True)),
        migrations.RemoveConstraint("wrappedkey", "keys_one_of_a_name"),
        migrations.AddConstraint(
            "wrappedkey",
            models.UniqueConstraint(
                fields=("subject_id", "kind", "version"), name="keys_one_of_a_version"
            ),
        ),
        migrations.AddConstraint(
            "wrappedkey",
            models.UniqueConstraint(
                condition=models.Q(standing="current"),
                fields=("subject_id", "kind"),
                name="keys_one_that_seals",
            ),
        ),
    ]
