"""How far has the record been sent on? A place in it; what is sent is never kept twice."""

from __future__ import annotations

from django.db import models


class Spool(models.Model):
    """Up to which entry a repository has everything, and since when it has refused the next.

    `held_until` keeps two workers from sending at once.
    """

    repository = models.CharField(primary_key=True, max_length=300)
    seq = models.BigIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
