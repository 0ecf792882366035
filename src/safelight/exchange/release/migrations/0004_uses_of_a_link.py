"""A link opens as many times as was agreed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("release", "0003_looks_of_several_processes"),
    ]

    operations = [
        migrations.AddField(
            model_name="share",
            name="uses_left",
            field=models.IntegerField(null=True),
        ),
    ]
