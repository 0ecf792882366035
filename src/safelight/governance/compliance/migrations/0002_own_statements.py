"""Let an instance write its own statements, and somebody decline one.

Expand step: two columns with defaults, five tables. What was published so far came with the
program, so each version learns the number of its file; and the gate of each account learns
which version it accepted last, since later ones bind from their own instant on. Reversing
drops the columns and tables.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import safelight.kernel.ids
import safelight.platform.keys.fields


def say_which(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Write into versions and gates what was known without a number."""
    versions = apps.get_model("compliance", "StatementVersion")
    versions.objects.update(shipped=models.F("number"))
    gates = apps.get_model("access", "Gate").objects.filter(duty="statement")
    accepted = (
        apps.get_model("compliance", "Acceptance")
        .objects.values("account_id")
        .annotate(latest=models.Max("version__number"))
    )
    for each in accepted.iterator():
        gates.filter(account_id=each["account_id"]).update(number=each["latest"])


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0001_initial"),
        ("access", "0009_versions_of_a_duty"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="statementversion",
            name="grace_days",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="statementversion",
            name="shipped",
            field=models.PositiveIntegerField(null=True, unique=True),
        ),
        migrations.CreateModel(
            name="Decline",
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
                ("declined_at", models.DateTimeField()),
                ("session", models.CharField(max_length=64)),
                ("origin", safelight.platform.keys.fields.SealedTextField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="declines",
                        to="compliance.statementversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Draft",
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
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("published", "Published"),
                            ("dropped", "Dropped"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("begun_by", models.CharField(max_length=60)),
                ("begun_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("summary", models.CharField(max_length=240)),
                ("is_material", models.BooleanField(default=True)),
                ("grace_days", models.PositiveSmallIntegerField(default=0)),
                (
                    "version",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draft",
                        to="compliance.statementversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DraftText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("locale", models.CharField(max_length=12)),
                ("text", models.TextField()),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="compliance.draft",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("risk", "Risk"), ("counsel", "Counsel")], max_length=12
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("reviewed_on", models.DateField()),
                ("note", safelight.platform.keys.fields.SealedTextField()),
                ("content_sha256", models.CharField(max_length=64)),
                ("entered_by", models.CharField(max_length=60)),
                ("entered_at", models.DateTimeField()),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="compliance.draft",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StatementText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("locale", models.CharField(max_length=12)),
                ("text", models.TextField()),
                ("sha256", models.CharField(max_length=64)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="texts",
                        to="compliance.statementversion",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("state",), name="one_open_draft"
            ),
        ),
        migrations.AddConstraint(
            model_name="drafttext",
            constraint=models.UniqueConstraint(
                fields=("draft", "locale"), name="one_draft_text_per_locale"
            ),
        ),
        migrations.AddConstraint(
            model_name="statementtext",
            constraint=models.UniqueConstraint(
                fields=("version", "locale"), name="one_text_per_locale"
            ),
        ),
        migrations.RunPython(say_which, migrations.RunPython.noop),
    ]
