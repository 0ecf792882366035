"""Which objects of a series lie in a part that was agreed to, as a question to the database?"""

from __future__ import annotations

from django.db.models import Q

from safelight.exchange.access.decision import Part


def arrivals_in(part: Part) -> Q:
    """Return the condition that an instance lies in a covered part of its series."""
    up_to = Q(arrival__lte=part.up_to)
    return up_to | Q(arrival__in=part.only) if part.only else up_to
