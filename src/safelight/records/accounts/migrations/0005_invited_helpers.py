"""A helper is invited by their address, whether or not they have an account yet."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import safelight.platform.keys.fields


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_representatives"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="representative",
            name="what_is_verified_has_begun",
        ),
        migrations.AddField(
            model_name="representative",
            name="invited_address",
            field=safelight.platform.keys.fields.SameSealedField(
                db_index=True, max_length=720, null=True
            ),
        ),
        migrations.AddField(
            model_name="representative",
            name="invited_name",
            field=safelight.platform.keys.fields.SealedTextField(null=True),
        ),
        migrations.AlterField(
            model_name="representative",
            name="account",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="represents",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="representative",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("invited", "pending", "ended")),
                    models.Q(("account__isnull", False), ("starts_at__isnull", False)),
                    _connector="OR",
                ),
                name="what_is_verified_has_begun",
            ),
        ),
    ]
