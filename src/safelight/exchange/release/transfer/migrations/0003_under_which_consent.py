"""A copy at a partner's knows under which consent it was announced. Reversing forgets it."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def from_transfers(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 (the library's)
    """Say of each copy that it went under the consent of its transfer."""
    copies = apps.get_model("transfer", "CopyThere")
    for each in copies.objects.select_related("transfer").iterator():
        copies.objects.filter(pk=each.pk).update(consent_id=each.transfer.consent_id)


class Migration(migrations.Migration):
    dependencies = [
        ("transfer", "0002_copies_at_partners"),
    ]

    operations = [
        migrations.AddField(
            model_name="copythere",
            name="consent_id",
            field=models.UUIDField(db_index=True, null=True),
        ),
        migrations.AddField(
            model_name="copythere",
            name="tell_at",
            field=models.DateTimeField(db_index=True, null=True),
        ),
        migrations.RunPython(from_transfers, migrations.RunPython.noop),
    ]
