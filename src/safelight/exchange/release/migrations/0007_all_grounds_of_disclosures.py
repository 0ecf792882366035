"""Every ground that an accounting of disclosures tells apart has its name."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("release", "0006_refused_releases"),
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
