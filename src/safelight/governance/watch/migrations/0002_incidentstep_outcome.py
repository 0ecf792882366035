"""Expand: what an incident turned out to be, said by the step that closes it.

Steps from before have none. Reversing drops what was said; the record keeps it as a code.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("watch", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="incidentstep",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("breach", "Breach"),
                    ("no-breach", "No Breach"),
                    ("harmless", "Harmless"),
                    ("fault", "Fault"),
                ],
                default="",
                max_length=12,
            ),
        ),
    ]
