"""Remember since when a root key serves, so that it can be said when the next one is due.

Expand step. Reversing forgets it; then the root key is as old as the store.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("keys", "0002_versions_of_keys")]

    operations = [
        migrations.AddField("instance", "root_since", models.DateTimeField(null=True)),
    ]
