"""What waits knows its exam, and what two people of a desk agreed on has a table."""

from typing import ClassVar

from django.db import migrations, models

import safelight.kernel.ids
import safelight.platform.keys.fields


class Migration(migrations.Migration):
    """The desk's decisions."""

    dependencies: ClassVar = [
        ("imaging", "0009_reviews_rejected"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="RecordChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField(db_index=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("one-person", "One Person"), ("move-exam", "Move Exam")],
                        max_length=10,
                    ),
                ),
                ("study_id", models.UUIDField(null=True)),
                ("here_id", models.UUIDField(db_index=True)),
                ("there_id", models.UUIDField(db_index=True, null=True)),
                ("words", safelight.platform.keys.fields.SealedTextField()),
                ("asked_by", models.UUIDField()),
                ("asked_at", models.DateTimeField()),
                ("confirmed_by", models.UUIDField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("ended_by", models.UUIDField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="reviewitem",
            name="decided_into",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="reviewitem",
            name="decided_words",
            field=safelight.platform.keys.fields.SealedTextField(null=True),
        ),
        migrations.AddField(
            model_name="reviewitem",
            name="study_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="reviewitem",
            name="exam_token",
            field=models.BinaryField(default=bytes, max_length=16),
        ),
        migrations.AlterField(
            model_name="reviewitem",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("kept", "Kept"),
                    ("filed", "Filed"),
                    ("rejected", "Rejected"),
                    ("discarded", "Discarded"),
                ],
                default="waiting",
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="reviewitem",
            index=models.Index(fields=["vault_id", "uid_token"], name="review_by_uid"),
        ),
        migrations.AddIndex(
            model_name="reviewitem",
            index=models.Index(fields=["vault_id", "exam_token"], name="review_by_exam"),
        ),
        migrations.AddIndex(
            model_name="reviewitem",
            index=models.Index(fields=["study_id"], name="review_of_study"),
        ),
        migrations.AddConstraint(
            model_name="recordchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("confirmed_by__isnull", True),
                    models.Q(("confirmed_by", models.F("asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="a_record_is_changed_by_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="recordchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("there_id__isnull", True),
                    models.Q(("there_id", models.F("here_id")), _negated=True),
                    _connector="OR",
                ),
                name="a_record_is_not_joined_to_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="recordchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "move-exam"), ("study_id__isnull", False)),
                    models.Q(
                        ("kind", "one-person"),
                        ("study_id__isnull", True),
                        ("there_id__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="a_move_names_its_exam",
            ),
        ),
    ]
