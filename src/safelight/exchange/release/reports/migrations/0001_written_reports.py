"""Reports are written and signed here, and added to without a change of what was signed."""

from django.db import migrations, models

import safelight.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="WrittenReport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=safelight.kernel.ids.new_id, primary_key=True, serialize=False
                    ),
                ),
                ("vault_id", models.UUIDField()),
                ("study_id", models.UUIDField(db_index=True)),
                ("author_id", models.UUIDField()),
                ("chain_id", models.UUIDField()),
                ("number", models.IntegerField()),
                ("begun_at", models.DateTimeField()),
                ("signed_at", models.DateTimeField(null=True)),
                ("signed_digest", models.BinaryField(max_length=32)),
                ("authorization_id", models.UUIDField(null=True, unique=True)),
                ("instance_id", models.UUIDField(null=True, unique=True)),
                ("sealed_content", models.BinaryField()),
                ("sealed_paper", models.BinaryField(default=bytes)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("signed_at__isnull", False)),
                        fields=("chain_id", "number"),
                        name="one_signed_report_of_a_number",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("signed_at__isnull", True)),
                        fields=("study_id", "author_id"),
                        name="one_draft_of_an_author",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("authorization_id__isnull", True),
                                ("instance_id__isnull", True),
                                ("signed_at__isnull", True),
                            ),
                            models.Q(
                                ("authorization_id__isnull", False),
                                ("instance_id__isnull", False),
                                ("signed_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="a_signed_report_is_whole",
                    ),
                ],
            },
        ),
    ]
