"""Somebody who acts for the patient is a ground of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("release", "0004_uses_of_a_link"),
    ]

    operations = [
        migrations.AlterField(
            model_name="disclosure",
            name="basis",
            field=models.CharField(
                choices=[
                    ("self", "Self"),
                    ("authorised", "Authorised"),
                    ("represented", "Represented"),
                ],
                max_length=12,
            ),
        ),
    ]
