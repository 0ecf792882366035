"""How are connections, agreements and what a test found said to the desk?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from cryptography import x509
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from safelight.exchange.access.gates import missing_kind, refusal_of
from safelight.exchange.release.people import name_of
from safelight.governance.agreements.recording import AgreementState
from safelight.platform.peers.causes import Cause
from safelight.records.partners.certificates import fingerprint, in_words
from safelight.records.partners.kinds import AgreementKind, ConnectionKind, ConnectionState
from safelight.records.partners.models import Connection

KINDS: Final = {
    ConnectionKind.DIMSE: _("DICOM"),
    ConnectionKind.DICOMWEB: _("DICOMweb"),
    ConnectionKind.SAFELIGHT: _("Another Safelight"),
}
AGREEMENTS: Final[dict[str, Promise]] = {
    AgreementKind.BAA: _("Business associate agreement"),
    AgreementKind.SUBCONTRACTOR_BAA: _("Subcontractor's business associate agreement"),
    AgreementKind.DATA_USE: _("Data use agreement"),
    AgreementKind.PROCESSING: _("Data processing agreement"),
    AgreementKind.STANDARD_CLAUSES: _("Standard contractual clauses"),
    AgreementKind.PARTICIPATION: _("Participation agreement"),
    AgreementKind.QUALIFIED_SERVICE: _("Qualified service organization agreement"),
    AgreementKind.CONFIDENTIALITY: _("Confidentiality agreement"),
}
STATES: Final = {
    ConnectionState.DRAFT: (_("Waits for a second person"), "clock"),
    ConnectionState.OPEN: (_("Open"), "check"),
    ConnectionState.SUSPENDED: (_("Suspended"), "pause"),
    ConnectionState.CLOSED: (_("Closed for good"), "x"),
}
STANDS: Final = {
    AgreementState.WAITING: (_("Waits to be verified"), "clock"),
    AgreementState.COMING: (_("Begins later"), "clock"),
    AgreementState.IN_FORCE: (_("In force"), "check"),
    AgreementState.EXPIRING: (_("In force, and ends soon"), "triangle-alert"),
    AgreementState.EXPIRED: (_("Over"), "x"),
    AgreementState.ENDED: (_("Ended before its time"), "x"),
}
CAUSES: Final = {
    Cause.ANSWERED: (_("It answered."), _("Nothing to do: it works.")),
    Cause.NAME_UNKNOWN: (_("Nobody knows the host's name."), _("Check how the host is spelled.")),
    Cause.ADDRESS_FORBIDDEN: (
        _("It leads to an address that this server may not connect to."),
        _("Ask whoever runs this server to allow that network (peer_segments)."),
    ),
    Cause.REFUSED: (
        _("The machine is there, but nothing listens on this port."),
        _("Ask them whether their server runs, and on which port."),
    ),
    Cause.TIMED_OUT: (
        _("Nothing came back in time."),
        _("Look at the firewalls between, theirs and yours."),
    ),
    Cause.UNREACHABLE: (
        _("No way leads there."),
        _("Check the address, and the network between."),
    ),
    Cause.OTHER_CERTIFICATE: (
        _("It showed another certificate than the one entered here."),
        _("Telephone them and compare it before you enter a new one."),
    ),
    Cause.NO_TLS: (_("It does not speak TLS there."), _("Ask them for the port with TLS.")),
    Cause.CALLED_TITLE_REFUSED: (
        _("It does not know its own title as you entered it."),
        _("Compare their title letter by letter."),
    ),
    Cause.CALLING_TITLE_REFUSED: (
        _("It does not know our title."),
        _("Ask them to enter our title on their side."),
    ),
    Cause.ASSOCIATION_REFUSED: (
        _("It refused the association and did not say why."),
        _("Ask them to look into their log."),
    ),
    Cause.NO_ECHO: (
        _("It let us in and did not answer the echo."),
        _("Ask them to look into their log."),
    ),
}
_SOON: Final = timedelta(days=30)
_FIELDS: Final = (
    ("client_certificate", _("Shown by it as a client")),
    ("next_client_certificate", _("The next one it will show as a client")),
    ("server_certificate", _("Shown by it as a server")),
    ("next_server_certificate", _("The next one it will show as a server")),
)


def standing_in_words(row: Connection, *, at: datetime) -> tuple[Promise, str, Promise | None]:
    """Return where a connection stands, its icon, and the agreement that it wants now."""
    words, icon = STATES[ConnectionState(row.state)]
    if row.state != ConnectionState.OPEN:
        return words, icon, None
    if (refusal := refusal_of(row.pk, at=at)) and (kind := missing_kind(refusal)):
        return _("Nothing goes through"), "triangle-alert", AGREEMENTS[kind]
    return words, icon, None


def needs_in_words(row: Connection) -> list[Promise]:
    """Return the agreements that a connection needs."""
    return [AGREEMENTS[kind] for kind in row.needs.split()]


def certificates(row: Connection, *, at: datetime) -> list[dict[str, object]]:
    """Return the certificates of a connection: fingerprint and days."""
    found = []
    for field, label in _FIELDS:
        if not (pem := getattr(row, field)):
            continue
        read = x509.load_pem_x509_certificate(pem.encode())
        since, until = read.not_valid_before_utc, read.not_valid_after_utc
        found.append(
            {
                "label": label,
                "sha256": in_words(fingerprint(pem)),
                "since": since.astimezone(UTC),
                "until": until.astimezone(UTC),
                "is_over": until <= at,
                "ends_soon": at < until <= at + _SOON,
            }
        )
    return found


def name_in_words(actor: str) -> str:
    """Return the name of who did something, by what the record calls them."""
    kind, _sign, key = actor.partition("/")
    return name_of(UUID(key)) if kind == "account" else str(_("An operator of this server"))
