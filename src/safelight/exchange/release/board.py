"""Who can see what, by which way, since when, until when? (R04)

Every row was answered by the rules that also judge a single fetch.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party
from safelight.exchange.access.load import granted_by
from safelight.exchange.access.mandates import ACTING
from safelight.exchange.access.models import CareRelation, CareWay
from safelight.exchange.access.who_sees import AccessRow, who_can_see
from safelight.exchange.consent.models import Consent
from safelight.exchange.consent.rules import Refusal, refusal
from safelight.exchange.consent.terms import Audience, Permission, Recipient, Terms
from safelight.exchange.release.models import Share
from safelight.exchange.release.people import name_of, name_of_system
from safelight.exchange.release.sharing.pausing import may_go_on
from safelight.exchange.release.signed import terms_of
from safelight.exchange.release.viewing.find import find_study_by_id
from safelight.records.accounts.models import Representative
from safelight.records.imaging.models import PatientRecord, Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedWith:
    """One consent as its giver sees it, live or ended.

    `by` names who gave it where somebody acted for the one who looks at this; `may_go_on`
    says that they paused it, or that it is about them and was paused by hand.
    """

    consent_id: UUID
    share_id: UUID
    terms: Terms
    granted_at: datetime
    ended_at: datetime | None
    verified_at: datetime | None
    waits_for_you: bool
    was_declined: bool
    was_taken_back: bool
    is_locked: bool
    openings: int
    last_opened_at: datetime | None
    is_paused: bool = False
    may_go_on: bool = False
    by: str = ""

    @property
    def is_live(self) -> bool:
        """Whether it still lets somebody look."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seer:
    """One person, or own system of the custodian, that can see one exam now, and by which way.

    `care` and `reason` say by what, and why, somebody treats the patient.
    """

    name: str
    way: str
    since: datetime | None
    until: datetime | None
    consent_id: UUID | None
    care: CareWay | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """Whether anything is out: how many people can see how many exams, and what ends next.

    `is_seen_by_right` says that others may see something that nobody gave them: they treat the
    person where a record of theirs is kept, or act for them.
    """

    people: int
    exams: int
    next_end: datetime | None
    is_seen_by_right: bool = False

    @property
    def is_on(self) -> bool:
        """Whether anybody can see anything that they were given."""
        return self.people > 0


def shared_by(party: Party, *, at: datetime) -> list[SharedWith]:
    """List what a party has shared, the newest first, live and ended."""
    consents = list(Consent.objects.filter(of_theirs(party)).order_by("-granted_at"))
    ids = [consent.id for consent in consents]
    shares = {share.consent_id: share for share in Share.objects.filter(consent_id__in=ids)}
    going_on = may_go_on(party, ids)
    facts = granted_by(consents)
    return [
        _shared(
            party,
            consent,
            shares[consent.id],
            refusal(facts[consent.id], Permission.VIEW, at=at),
            may_go_on=consent.id in going_on,
        )
        for consent in consents
    ]


def of_theirs(party: Party) -> Q:
    """Return what makes a consent one of a party's: they gave it, or it is about them.

    Whoever no longer acts for a person learns no more of what they gave for them.
    """
    over = Representative.objects.filter(account_id=party.account).exclude(state__in=ACTING)
    given = Q(grantor_id=party.account) & ~Q(representative_id__in=over.values("id"))
    given |= Q(grantor_id=party.account, representative_id__isnull=True)
    return given | Q(subject_account_id=party.account)


def lamp(party: Party, *, at: datetime) -> Lamp:
    """Say whether anything of this party's is out now."""
    live = [each for each in shared_by(party, at=at) if each.is_live and not each.is_paused]
    return Lamp(
        people=len({who for each in live for who in _behind(each.terms.recipient)}),
        exams=len({item.study_id for each in live for item in each.terms.items}),
        next_end=min((each.terms.ends_at for each in live), default=None),
        is_seen_by_right=_is_seen_by_right(party),
    )


def _is_seen_by_right(party: Party) -> bool:
    kept = Vault.objects.filter(organization_id__isnull=False).values("id")
    if PatientRecord.objects.filter(account_id=party.account, vault_id__in=kept).exists():
        return True
    acting = Representative.objects.filter(represented_id=party.account, state__in=ACTING)
    return acting.exists()


def _behind(recipient: Recipient) -> set[object]:
    """Return who a recipient is: an address, or the people of a list as it was agreed."""
    if recipient.audience is Audience.PERSON:
        return {recipient.address}
    return {member.account_id for member in recipient.members} or {recipient.name}


def seers(party: Party, study_id: UUID, *, at: datetime) -> list[Seer]:
    """List everyone who can see one exam now, the owner first.

    Raises:
        NotFoundError: it is not this party's to know; recipients learn nothing of others.
    """
    find_study_by_id(party, study_id, at=at, action=Action.READ_ACTIVITY)
    rows = who_can_see(study_id, at=at)
    kept = CareRelation.objects.in_bulk([row.relation_id for row in rows if row.relation_id])
    return [
        Seer(
            name=_name(row),
            way=row.way,
            since=row.since,
            until=row.until,
            consent_id=row.consent_id,
            care=CareWay(relation.way) if relation else None,
            reason=(relation.reason or "") if relation else "",
        )
        for row, relation in ((row, kept.get(row.relation_id)) for row in rows)
    ]


def consent_of(party: Party, consent_id: UUID) -> Consent | None:
    """Return a consent that is one of this party's, or None."""
    return Consent.objects.filter(of_theirs(party), pk=consent_id).first()


def _shared(
    party: Party, consent: Consent, share: Share, reason: Refusal | None, *, may_go_on: bool
) -> SharedWith:
    ended = {Refusal.REVOKED: consent.revoked_at, Refusal.EXPIRED: consent.ends_at}
    ended_at = ended.get(reason) if reason is not None else None
    terms = terms_of(consent)
    return SharedWith(
        consent_id=consent.id,
        share_id=share.id,
        terms=terms,
        granted_at=consent.granted_at,
        ended_at=ended_at,
        verified_at=share.verified_at,
        waits_for_you=_waits_for(party, consent, share),
        was_declined=share.declined_at is not None,
        was_taken_back=consent.revoked_at is not None and share.declined_at is None,
        is_locked=share.locked_at is not None,
        openings=share.openings,
        last_opened_at=share.last_opened_at,
        is_paused=reason is Refusal.SUSPENDED,
        may_go_on=may_go_on and reason is Refusal.SUSPENDED,
        by=terms.grantor_name if consent.grantor_id != party.account else "",
    )


def _waits_for(party: Party, consent: Consent, share: Share) -> bool:
    """Say whether somebody proved the address and waits; who passed it on lets them in."""
    waits = bool(share.needs_release and share.verified_at and share.released_at is None)
    return waits and (consent.parent_id is None or consent.grantor_id == party.account_id)


def _name(row: AccessRow) -> str:
    if row.consent_id is not None:
        return terms_of(Consent.objects.get(pk=row.consent_id)).recipient.name
    if row.connection_id is not None:
        return name_of_system(row.connection_id)
    return name_of(row.account_id) if row.account_id is not None else ""
