"""Is this still the same person, as far as two headers tell?"""

from __future__ import annotations

from safelight.dicom.json.summary import SearchFacts


def same_person(one: SearchFacts, other: SearchFacts) -> bool:
    """Say whether two objects of one study can be about one person.

    Equal patient IDs, or an equal name where one of them has no ID; and nothing
    that both state may differ: issuer, name, birth date.
    """
    if one.patient_id != other.patient_id:
        if one.patient_id and other.patient_id:
            return False
        if not one.patient_name or one.patient_name != other.patient_name:
            return False
    stated = (
        (one.issuer, other.issuer),
        (one.patient_name, other.patient_name),
        (one.birth_date, other.birth_date),
    )
    return all(left == right for left, right in stated if left and right)
