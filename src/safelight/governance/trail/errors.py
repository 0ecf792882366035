"""What can go wrong where the record is sent on?"""

from __future__ import annotations

from safelight.exchange.access.powers.errors import TwoPeopleError


class RepositoryError(Exception):
    """The repository of audit messages did not take what was sent, or is not set up rightly."""


class ManyPeopleError(TwoPeopleError):
    """Two people must agree to take along what tells of so many. One who runs this place asks."""
