"""How often was this tried lately? Counters that a restart does not forget."""

from __future__ import annotations

from django.db import models


class Attempts(models.Model):
    """Tries within one window. The bucket is a keyed token: no address and no IP in it."""

    bucket = models.BinaryField(primary_key=True, max_length=16)
    since = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)
