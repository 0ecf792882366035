"""Whose exams are watched gets a cause, an end and the institution that watches.

Who was marked before is watched by the whole instance for a year from now on. Reversing
keeps who is watched as an account, and drops the rest.
"""

from datetime import timedelta
from uuid import UUID

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import safelight.kernel.ids
import safelight.platform.keys.fields
from safelight.kernel import clock

_YEAR = timedelta(days=365)
_ACCOUNT = "account/"


def give_ends(apps: StateApps, _: BaseDatabaseSchemaEditor) -> None:
    """Watch whom the instance marked, for a year from now on."""
    now = clock.now()
    apps.get_model("review", "Watched").objects.bulk_create(
        apps.get_model("review", "Watched")(
            subject=f"{_ACCOUNT}{row.account_id}",
            cause="other",
            by_id=row.by_id,
            since=row.since,
            until=now + _YEAR,
        )
        for row in apps.get_model("review", "Marked").objects.all()
    )


def take_ends(apps: StateApps, _: BaseDatabaseSchemaEditor) -> None:
    """Mark again who is watched as an account."""
    marked = apps.get_model("review", "Marked")
    for row in apps.get_model("review", "Watched").objects.filter(subject__startswith=_ACCOUNT):
        marked.objects.get_or_create(
            account_id=UUID(row.subject.removeprefix(_ACCOUNT)),
            defaults={"by_id": row.by_id, "since": row.since},
        )


class Migration(migrations.Migration):
    dependencies = [("review", "0001_items_to_review")]

    operations = [
        migrations.CreateModel(
            name="Watched",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("subject", models.CharField(db_index=True, max_length=64)),
                ("organization_id", models.UUIDField(null=True)),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("known", "Known"),
                            ("works-here", "Works Here"),
                            ("family", "Family"),
                            ("threatened", "Threatened"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                    ),
                ),
                ("words", safelight.platform.keys.fields.SealedTextField(null=True)),
                ("by_id", models.UUIDField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("since"))),
                        name="watched_ends_after_it_began",
                    )
                ],
            },
        ),
        migrations.RunPython(give_ends, take_ends),
        migrations.DeleteModel(name="Marked"),
    ]
