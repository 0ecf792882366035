"""What does the recipient of a copy without a name read of the terms?

The giver is often the patient, so that their name would say whose the copy is. What the
giver typed for the recipient to read (a purpose in their own words) stays theirs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from uuid import UUID

from safelight.exchange.consent.terms import FOR_ONESELF, Form, Terms

SOMEBODY: Final = "Somebody who is not named"
_NOBODY: Final = UUID(int=0)


def as_told(terms: Terms) -> Terms:
    """Return the terms as their recipient reads them: in a copy's, nobody but they are named."""
    if terms.form is Form.IDENTIFIED:
        return terms
    return replace(
        terms,
        grantor_id=_NOBODY,
        grantor_name=SOMEBODY,
        authority=FOR_ONESELF,
        vault_id=_NOBODY,
        replaces_id=None,
    )
