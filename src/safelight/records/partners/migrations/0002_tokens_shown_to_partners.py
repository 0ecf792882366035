"""Where we send by a web address, a token can be shown there. Reversing forgets the tokens."""

from django.db import migrations

import safelight.platform.keys.fields


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0001_partners_and_connections"),
    ]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="token",
            field=safelight.platform.keys.fields.SealedTextField(null=True),
        ),
    ]
