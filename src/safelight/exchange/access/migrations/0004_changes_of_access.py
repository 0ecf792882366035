"""A turn of the epoch says which exams it is about."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_sensitive_marks"),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.BigIntegerField(db_index=True)),
                ("study_id", models.UUIDField(null=True)),
            ],
        ),
    ]
