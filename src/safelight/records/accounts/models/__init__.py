"""Who is here: people, organisations, sessions, tokens, and what they approved."""

from safelight.records.accounts.models.account import Account, Kind, State
from safelight.records.accounts.models.authorization import Authorization, Challenge
from safelight.records.accounts.models.group import Group, GroupMember
from safelight.records.accounts.models.hold import Hold, HoldKind
from safelight.records.accounts.models.organization import (
    Membership,
    Organization,
    Registry,
    Role,
)
from safelight.records.accounts.models.proof import AddressProof, Purpose
from safelight.records.accounts.models.representative import (
    Evidence,
    Representative,
    RepresentativeKind,
    RepresentativeState,
)
from safelight.records.accounts.models.session import KnownDevice, Session
from safelight.records.accounts.models.staff import Staff, StaffRole
from safelight.records.accounts.models.throttle import Attempts
from safelight.records.accounts.models.token import ApiToken

__all__ = [
    "Account",
    "AddressProof",
    "ApiToken",
    "Attempts",
    "Authorization",
    "Challenge",
    "Evidence",
    "Group",
    "GroupMember",
    "Hold",
    "HoldKind",
    "Kind",
    "KnownDevice",
    "Membership",
    "Organization",
    "Purpose",
    "Registry",
    "Representative",
    "RepresentativeKind",
    "RepresentativeState",
    "Role",
    "Session",
    "Staff",
    "StaffRole",
    "State",
]
