"""The giver is told once of an invitation that reached nobody."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("release", "0007_all_grounds_of_disclosures"),
    ]

    operations = [
        migrations.AddField(
            model_name="share",
            name="bounced_at",
            field=models.DateTimeField(null=True),
        ),
    ]
