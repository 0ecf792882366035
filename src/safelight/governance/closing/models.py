"""What is kept of an account that its owner made inactive?"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from safelight.kernel.ids import new_id


class Inactivation(models.Model):
    """One time away, from the owner's signature until they are back or the account is closed.

    `authorization_id` is what they signed it with; `until` is the first moment too late.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    account_id = models.UUIDField()
    authorization_id = models.UUIDField(unique=True)
    since = models.DateTimeField()
    until = models.DateTimeField(db_index=True)
    returned_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="one_inactivation_at_a_time",
                fields=["account_id"],
                condition=models.Q(returned_at=None, closed_at=None),
            )
        ]
