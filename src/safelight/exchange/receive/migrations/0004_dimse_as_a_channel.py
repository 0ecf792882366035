"""Objects come in by associations, too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("receive", "0003_parcels_of_upload_requests"),
    ]

    operations = [
        migrations.AlterField(
            model_name="intakebatch",
            name="channel",
            field=models.CharField(
                choices=[
                    ("web", "Web"),
                    ("stow", "Stow"),
                    ("import", "Import"),
                    ("request", "Request"),
                    ("dimse", "Dimse"),
                ],
                max_length=8,
            ),
        ),
    ]
