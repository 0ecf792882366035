"""What can be reached from an address that is about one exam?

The full viewer asks for every exam with the same patient ID, and two places give the same
one to different people. Under an exam's own address it finds exams of its patient alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from uuid import UUID

from safelight.exchange.access.facts import Party
from safelight.platform.database.asking import as_id, ask

_OF_THE_SAME: Final = """
    SELECT other.id FROM imaging_study AS one
    JOIN imaging_study AS other ON other.patient_id = one.patient_id
    WHERE one.id = %s
"""


def among_patients_exams(party: Party, study_id: UUID) -> Party:
    """Bound a party to one exam and the others in the same patient's record.

    It may do no more there than anywhere: the rules still judge each exam.
    """
    return replace(party, only=frozenset(as_id(other) for (other,) in ask(_OF_THE_SAME, study_id)))
