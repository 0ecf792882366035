"""Let a care relation be about one study alone. Reversing needs relations that are not."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="carerelation",
            name="study_id",
            field=models.UUIDField(null=True),
        ),
        migrations.RemoveConstraint(
            model_name="carerelation",
            name="one_live_care_relation",
        ),
        migrations.AddConstraint(
            model_name="carerelation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True), ("study_id__isnull", True)),
                fields=("patient_id", "account_id"),
                name="one_live_care_relation",
            ),
        ),
        migrations.AddConstraint(
            model_name="carerelation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True), ("study_id__isnull", False)),
                fields=("study_id", "account_id"),
                name="one_live_care_relation_for_a_study",
            ),
        ),
    ]
