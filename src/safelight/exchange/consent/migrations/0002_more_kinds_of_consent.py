"""A consent names desks and groups, single objects, results to come, and may be passed on."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsentStanding",
            fields=[
                (
                    "consent",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="standing",
                        serialize=False,
                        to="consent.consent",
                    ),
                ),
                ("vault_id", models.UUIDField()),
                ("patient_id", models.UUIDField(db_index=True)),
                ("until", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="consent",
            name="act",
            field=models.CharField(default="share", max_length=12),
        ),
        migrations.AddField(
            model_name="consent",
            name="audience",
            field=models.CharField(default="person", max_length=12),
        ),
        migrations.AddField(
            model_name="consent",
            name="ended_by",
            field=models.CharField(default="", max_length=16),
        ),
        migrations.AddField(
            model_name="consent",
            name="future_members",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="consent",
            name="may_pass_on",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="consent",
            name="parent_id",
            field=models.UUIDField(db_index=True, null=True),
        ),
        migrations.AddField(
            model_name="consent",
            name="recipient_group_id",
            field=models.UUIDField(db_index=True, null=True),
        ),
        migrations.AddField(
            model_name="consent",
            name="recipient_organization_id",
            field=models.UUIDField(db_index=True, null=True),
        ),
        migrations.AddField(
            model_name="consent",
            name="replaces_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="consent",
            name="representative_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="consent",
            name="subject_account_id",
            field=models.UUIDField(db_index=True, null=True),
        ),
        migrations.AddField(
            model_name="consent",
            name="suspended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="consentitem",
            name="only",
            field=models.JSONField(default=list),
        ),
        migrations.CreateModel(
            name="ConsentSensitive",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("token", models.BinaryField(max_length=16)),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sensitive",
                        to="consent.consent",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ConsentMember",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("account_id", models.UUIDField(db_index=True)),
                ("since", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "consent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="consent.consent",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("consent", "account_id"),
                        name="a_member_once_a_consent",
                    )
                ],
            },
        ),
    ]
