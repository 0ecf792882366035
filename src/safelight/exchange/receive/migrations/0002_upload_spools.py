"""Expand: name the spool of an upload, and how much a delivery will bring.

Reversing drops the columns; uploads under way are then sent again.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("receive", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="intakebatch",
            name="expected_bytes",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="intakebatch",
            name="expected_files",
            field=models.IntegerField(default=0),
        ),
        migrations.AddField(
            model_name="upload",
            name="spool",
            field=models.CharField(default="", max_length=40),
            preserve_default=False,
        ),
    ]
