"""An approval says whether a passkey or a hardware security key gave it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_invited_helpers"),
    ]

    operations = [
        migrations.AlterField(
            model_name="authorization",
            name="method",
            field=models.CharField(
                choices=[
                    ("passkey", "Passkey"),
                    ("security-key", "Security Key"),
                    ("password-and-code", "Password And Code"),
                ],
                max_length=20,
            ),
        ),
    ]
