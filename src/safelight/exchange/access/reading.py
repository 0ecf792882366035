"""Whose part of the record of what happened may somebody read?

Those of the instance whose work it is read all of it; the privacy officer of an institution
reads what concerns the institution, and nothing of anybody else's (requirements 6).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Final
from uuid import UUID

from django.db.models import Exists, Func, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Replace, Substr

from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.staff import staff_roles
from safelight.exchange.consent.models import Consent
from safelight.kernel.errors import NotFoundError
from safelight.records.accounts.models import Membership, Role, StaffRole
from safelight.records.accounts.queries import memberships_of
from safelight.records.imaging.models import Vault

READERS: Final = frozenset(
    {StaffRole.PRIVACY_OFFICIAL, StaffRole.SECURITY_OFFICER, StaffRole.AUDITOR}
)
# An external auditor sees who did what to which id. Whose id it is, and what was sealed
# because it names somebody, is not part of an audit.
_NAMING: Final = READERS - {StaffRole.AUDITOR}
_ACCOUNT: Final = "account/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What of the record is somebody's to read: `within` limits its entries; None is all.

    `organizations` are those whose officer this is, empty for those of the instance.
    `may_name` is for those who may ask which id is whose, and open what is sealed.
    """

    within: Q | None
    organizations: frozenset[UUID] = frozenset()
    may_name: bool = False

    @property
    def is_whole(self) -> bool:
        """Say whether every entry is theirs to read."""
        return self.within is None


def reading_of(party: Party) -> Reading:
    """Return what a party may read of the record.

    Raises:
        NotFoundError: nothing but their own history, which is on other pages.
    """
    if roles := staff_roles(party) & READERS:
        return Reading(within=None, may_name=bool(roles & _NAMING))
    if houses := officer_of(party):
        return Reading(within=_concerning(houses), organizations=houses, may_name=True)
    raise NotFoundError


def is_reader(party: Party) -> bool:
    """Say whether some of the record beyond their own is a party's to read."""
    return bool(staff_roles(party) & READERS or officer_of(party))


def officer_of(party: Party) -> frozenset[UUID]:
    """Return the institutions whose privacy officer a party is, fully signed in."""
    if party.kind is not PartyKind.PROVIDER or party.token_scopes is not None:
        return frozenset()
    if not (party.second_factor and party.active and party.statement_accepted):
        return frozenset()
    rows = memberships_of(party.account)
    return frozenset(row.organization.pk for row in rows if row.role == Role.PRIVACY_OFFICER)


def _concerning(houses: frozenset[UUID]) -> Q:
    """Ask for entries of these institutions' vaults, acts of their members, consents to them."""
    own = Vault.objects.filter(organization_id__in=houses).values_list("id", flat=True)
    given = Consent.objects.filter(recipient_organization_id__in=houses)
    consents = [f"consent/{each}" for each in given.values_list("id", flat=True)]
    themselves = Q(actor__in=[f"organization/{each}" for each in houses])
    about = Q(vault_id__in=list(own)) | Q(subject__in=consents)
    return about | themselves | _done_by_members(houses)


def _done_by_members(houses: frozenset[UUID]) -> Q:
    """Ask for what people did while they were members, but not for what is theirs elsewhere.

    What happened to their accounts meanwhile (a sign-in refused, a factor removed) counts too.
    """
    members = Membership.objects.filter(organization_id__in=houses)
    people = set(members.values_list("account_id", flat=True))
    names = [f"{_ACCOUNT}{each}" for each in people]
    done = Q(actor__in=names) & Q(Exists(_in_office(members, "actor")))
    elsewhere = [
        Q(actor=f"{_ACCOUNT}{account_id}", vault_id__in=vaults)
        for account_id, vaults in _other_vaults(people, houses)
    ]
    if elsewhere:
        done &= ~reduce(or_, elsewhere)
    # Kinds "account.…": the range is answered by an index.
    befell = Q(subject__in=names, kind__gte="account.", kind__lt="account/")
    return done | (befell & Q(Exists(_in_office(members, "subject"))))


def _in_office(members: QuerySet[Membership], column: str) -> QuerySet[Membership]:
    """Return the memberships of the one whom an entry's column names, if it was then."""
    # An id is digits alone in one database and has hyphens in the other.
    return members.annotate(who=_digits(Cast("account_id", TextField()))).filter(
        Q(ended_at=None) | Q(ended_at__gt=OuterRef("at")),
        since__lte=OuterRef("at"),
        who=_digits(Substr(OuterRef(column), len(_ACCOUNT) + 1)),
    )


def _digits(name: Func) -> Replace:
    return Replace(name, Value("-"), Value(""), output_field=TextField())


def _other_vaults(
    people: set[UUID], houses: frozenset[UUID]
) -> Iterable[tuple[UUID, tuple[UUID, ...]]]:
    """Return of members with a vault of their own, or another institution, which vaults those are.

    What somebody does there is not done as a member.
    """
    found: dict[UUID, set[UUID]] = {}
    for vault in Vault.objects.filter(account_id__in=people):
        if vault.account_id is not None:
            found.setdefault(vault.account_id, set()).add(vault.pk)
    others = Membership.objects.filter(account_id__in=people).exclude(organization_id__in=houses)
    places = list(others.values_list("account_id", "organization_id"))
    vaults = dict(
        Vault.objects.filter(organization_id__in={place for _, place in places}).values_list(
            "organization_id", "id"
        )
    )
    for account_id, place in places:
        if place in vaults:
            found.setdefault(account_id, set()).add(vaults[place])
    return [(account_id, tuple(each)) for account_id, each in found.items()]
