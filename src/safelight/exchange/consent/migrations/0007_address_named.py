"""The shares that name an address are found by it. Reversing only makes that slow."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0006_forms_of_release"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(fields=["recipient_token"], name="consent_names_address"),
        ),
    ]
