"""Say of a duty which version was done and declined, and from when a version binds.

Expand step: two columns with defaults, one table. The versions that were accepted before
are written in by the room that knows them. Reversing drops all three.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0008_agreements_that_open_connections"),
    ]

    operations = [
        migrations.AddField("gate", "number", models.PositiveIntegerField(default=0)),
        migrations.AddField("gate", "refused", models.PositiveIntegerField(default=0)),
        migrations.CreateModel(
            name="Binding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("duty", models.CharField(max_length=40)),
                ("number", models.PositiveIntegerField()),
                ("since", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("duty", "number"), name="a_version_binds_once")
                ],
            },
        ),
    ]
