"""Tell the small pictures of the owner's own list from an opened exam. Reversing forgets which."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("release", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="look",
            name="is_glimpse",
            field=models.BooleanField(default=False),
        ),
    ]
