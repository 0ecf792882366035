"""How far is the journal, and when was a restore last practised?"""

from __future__ import annotations

from django.db import models

from safelight.kernel.ids import new_id


class JournalTip(models.Model):
    """Where the journal ends: one row. `begun` names the run of segments that goes on now.

    `seq` is the last entry of the trail that was read for it, `destruction` the last row of
    the key store's own journal; `last_hash` is of the last segment as it lies there.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    begun = models.CharField(max_length=32)
    number = models.BigIntegerField(default=0)
    last_hash = models.CharField(max_length=64, default="")
    seq = models.BigIntegerField(default=0)
    destruction = models.BigIntegerField(default=0)
    beat_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="there_is_one_journal_tip", condition=models.Q(id=1)),
        ]


class Drill(models.Model):
    """Once that a restore was practised: what was measured, signed.

    `lost_seconds` is how old the backup was (recovery point), `took_seconds` how long the
    way back took (recovery time). `note` holds the same and what was checked, as JSON, and
    the signature on its second line.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    at = models.DateTimeField(db_index=True)
    backup_id = models.CharField(max_length=32)
    passed = models.BooleanField()
    lost_seconds = models.BigIntegerField()
    took_seconds = models.FloatField()
    exams = models.IntegerField()
    note = models.TextField()
