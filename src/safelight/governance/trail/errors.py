"""What can go wrong where the record is sent on?"""

from __future__ import annotations


class RepositoryError(Exception):
    """The repository of audit messages did not take what was sent, or is not set up rightly."""
