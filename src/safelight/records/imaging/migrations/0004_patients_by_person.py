"""What of a person lies outside their own vault is found without reading what lies in it.

And the instances of a page of studies are counted in the index alone.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """The index of patient records by person names the vault too."""

    dependencies: ClassVar = [("imaging", "0003_series_by_uid")]

    operations: ClassVar = [
        migrations.RemoveIndex(model_name="patientrecord", name="patient_account"),
        migrations.AddIndex(
            model_name="patientrecord",
            index=models.Index(fields=["account_id", "vault_id"], name="patient_person"),
        ),
        migrations.RemoveIndex(model_name="instance", name="instance_study"),
        migrations.AddIndex(
            model_name="instance",
            index=models.Index(fields=["study_id", "series_id"], name="instance_by_study"),
        ),
    ]
