"""Expand: a disclosure and a look name the entry of the record that was written with them.

Rows that stand already have none; their entries are found by who, what and when. Reversing
drops the names, and the entries stand.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("release", "0012_access_for_a_few_hours"),
    ]

    operations = [
        migrations.AddField(
            model_name="disclosure",
            name="entry_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="look",
            name="entry_id",
            field=models.UUIDField(null=True),
        ),
    ]
