"""From when until when an agreement lets connections be open."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0007_modes_of_the_instance"),
    ]

    operations = [
        migrations.CreateModel(
            name="AgreementGate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("partner_id", models.UUIDField(db_index=True)),
                ("kind", models.CharField(max_length=20)),
                ("agreement_id", models.UUIDField(unique=True)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("since"))),
                        name="an_agreement_ends_after_it_begins",
                    )
                ],
            },
        ),
    ]
