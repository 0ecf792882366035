"""An index that puts studies named one by one in order of their dates."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Index what a list of given studies is ordered by."""

    dependencies = [("imaging", "0006_words_of_names")]
    operations = [
        migrations.AddIndex(
            model_name="study",
            index=models.Index(
                fields=["id", "state", "study_on", "vault_id"], name="study_in_order"
            ),
        ),
    ]
