"""What somebody was given is listed along two indexes, without a look at the consents."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """From a person to the consents that name them, and from a consent to its exams."""

    dependencies: ClassVar = [("consent", "0004_pauses")]

    operations: ClassVar = [
        migrations.RemoveIndex(model_name="consent", name="consent_recipient"),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(fields=["recipient_account_id", "id"], name="consent_names"),
        ),
        migrations.AddIndex(
            model_name="consentitem",
            index=models.Index(fields=["consent", "study_id"], name="consent_covers"),
        ),
    ]
