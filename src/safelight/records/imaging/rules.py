"""Is this still the same person, as far as two headers tell?"""

from __future__ import annotations

from safelight.dicom.elements.people import fold
from safelight.dicom.json.summary import SearchFacts
from safelight.records.imaging.patients import Identity


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


def same_patient(known: Identity, facts: SearchFacts) -> bool:
    """Say whether a header may be about the patient of a record that has its number.

    Neither the name nor the birth date may differ where both state it. Of a name written in
    several scripts, one must be the record's.
    """
    if known.birth_date and facts.birth_date and known.birth_date != facts.birth_date:
        return False
    name = fold(known.name)
    if not name or not facts.patient_name_shown or fold(facts.patient_name_shown) == name:
        return True
    is_of_many = len(facts.patient_name_groups) > 1
    return is_of_many and facts.patient_name_words.issuperset(name.split())
