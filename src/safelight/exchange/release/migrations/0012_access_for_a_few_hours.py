"""Looks and disclosures name the elevation or the emergency that they rest on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("release", "0011_suspended_accounting"),
    ]

    operations = [
        migrations.AddField(
            model_name="disclosure",
            name="timed_access_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="look",
            name="timed_access_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AlterField(
            model_name="disclosure",
            name="basis",
            field=models.CharField(
                choices=[
                    ("self", "Self"),
                    ("authorised", "Authorised"),
                    ("represented", "Represented"),
                    ("elevation", "Elevation"),
                    ("break-glass", "Break Glass"),
                    ("statutory", "Statutory"),
                    ("tpo", "Tpo"),
                    ("limited_data_set", "Limited Data Set"),
                    ("incidental", "Incidental"),
                    ("national_security", "National Security"),
                ],
                max_length=20,
            ),
        ),
    ]
