"""A handover knows the exam in which something of it is kept. Reversing forgets which."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("handover", "0001_handovers"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="handover", name="handover_of_a_study"),
        migrations.AddField(
            model_name="handover",
            name="brought",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="handover",
            name="study_id",
            field=models.UUIDField(db_index=True, null=True),
        ),
    ]
