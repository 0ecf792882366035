"""Which consents name this party: itself, a group it is in, its desk, its institution?

Reads only, and live or ended alike: whether a consent still lets anything is for the rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.study_rows import StudyRow
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.terms import Audience
from safelight.platform.database.asking import as_id, ask, marks

# Whom a consent names: an account, its group, its desk, its whole institution.
_NAMES_THEM: Final = """
    consent.recipient_account_id = %s OR EXISTS (
        SELECT 1 FROM consent_consentmember AS member WHERE member.consent_id = consent.id
        AND member.account_id = %s AND member.ended_at IS NULL)
"""
_NAMES_THEIR_PLACE: Final = """
    OR (consent.audience IN ({audiences}) AND consent.recipient_organization_id IN ({places}))
"""
_NOBODY: Final = UUID(int=0)
_THIS_ONE: Final = "SELECT id FROM consent_consent WHERE id = %s"
_NAMING: Final = """
    SELECT id FROM consent_consent WHERE recipient_account_id = %s
    UNION ALL
    SELECT consent_id FROM consent_consentmember WHERE account_id = %s AND ended_at IS NULL
"""
_COUNTED: Final = """
    SELECT (SELECT count(*) FROM consent_consent WHERE recipient_account_id = %s),
        (SELECT count(*) FROM consent_consentmember WHERE account_id = %s),
        (SELECT count(ended_at) FROM consent_consentmember WHERE account_id = %s)
"""
_COUNTED_OF_PLACE: Final = """,
        (SELECT count(*) FROM consent_consent
            WHERE audience IN ({audiences}) AND recipient_organization_id IN ({places}))
"""
_NAMING_THEIR_PLACE: Final = """
    UNION ALL SELECT id FROM consent_consent
    WHERE audience IN ({audiences}) AND recipient_organization_id IN ({places})
"""
_TOUCHING: Final = """
    SELECT consent.id FROM consent_consent AS consent WHERE consent.id IN (
        SELECT consent_id FROM consent_consentitem WHERE study_id IN ({studies})
        UNION SELECT consent_id FROM consent_consentstanding WHERE patient_id IN ({patients}))
    AND ({named})
"""
# Who of an institution is meant by naming it: those at its desk, or everybody there.
_DESK_IS_MEANT: Final = (Audience.DESK, Audience.REGISTRY)
_ALL_ARE_MEANT: Final = (Audience.ORGANIZATION,)


def consents_naming_sql(party: Party) -> tuple[str, list[UUID]]:
    """Return a question for the ids of the consents, live or ended, that name this party.

    The party itself, a group it is in, its desk, its institution; a guest's own alone.
    """
    if party.account_id is None:
        return _THIS_ONE, [party.consent_id or _NOBODY]
    return _with_places(party, _NAMING, _NAMING_THEIR_PLACE, [party.account, party.account])


def consents_counted_sql(party: Party) -> tuple[str, list[UUID]]:
    """Return a question for counts that change whenever other consents name this party.

    Consents are only ever added, and a member ends once; a guest's one consent is the same.
    """
    if party.account_id is None:
        return _THIS_ONE, [party.consent_id or _NOBODY]
    return _with_places(party, _COUNTED, _COUNTED_OF_PLACE, [party.account] * 3)


def consent_ids_naming(party: Party) -> list[UUID]:
    """Return the ids of the consents, live or ended, that name this party."""
    statement, values = consents_naming_sql(party)
    return list({as_id(consent) for (consent,) in ask(statement, *values)})


def consents_naming(party: Party, *, studies: Sequence[StudyRow]) -> list[Consent]:
    """Return every consent, live or ended, that names this party and covers one of the studies."""
    if party.kind is PartyKind.GUEST and party.consent_id is not None:
        named, values = "consent.id = %s", [party.consent_id]
    elif party.account_id is not None:
        twice = [party.account, party.account]
        named, values = _with_places(party, _NAMES_THEM, _NAMES_THEIR_PLACE, twice)
    else:
        return []
    patients = {study.patient_id for study in studies}
    statement = _TOUCHING.format(studies=marks(studies), patients=marks(patients), named=named)
    ids = [
        as_id(consent)
        for (consent,) in ask(statement, *(study.id for study in studies), *patients, *values)
    ]
    return list(Consent.objects.filter(pk__in=ids).order_by("granted_at")) if ids else []


def _with_places(
    party: Party, statement: str, place: str, values: list[UUID]
) -> tuple[str, list[UUID]]:
    """Return a statement that also asks for the institutions the party belongs to."""
    for audiences, places in ((_DESK_IS_MEANT, party.desks), (_ALL_ARE_MEANT, party.organizations)):
        if places:
            listed = ", ".join(f"'{each.value}'" for each in audiences)
            statement += place.format(audiences=listed, places=marks(places))
            values += places
    return statement, values
