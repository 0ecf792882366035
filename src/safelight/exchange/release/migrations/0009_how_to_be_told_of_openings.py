"""An owner says how often to be told that something was opened."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("release", "0008_invitations_that_bounced"),
    ]

    operations = [
        migrations.CreateModel(
            name="OpeningNotices",
            fields=[
                ("account_id", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("each-time", "Each Time"),
                            ("once-a-day", "Once A Day"),
                            ("never", "Never"),
                        ],
                        max_length=12,
                    ),
                ),
                ("told_at", models.DateTimeField()),
            ],
        ),
    ]
