"""What is each kind of entry in the words of the two standards that others read?

DICOM PS3.15 A.5 names events by codes of its own (CID 400 and 401). IHE's Basic Audit Log
Patterns (https://profiles.ihe.net/ITI/BALP/) say which shape a FHIR AuditEvent has. A kind
that neither knows keeps our own code: it is told truly rather than squeezed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Pattern(StrEnum):
    """Which of BALP's shapes an entry takes; `PLAIN` is an AuditEvent without a profile."""

    CREATE = "Create"
    READ = "Read"
    UPDATE = "Update"
    DELETE = "Delete"
    QUERY = "Query"
    SOURCE = "PrivacyDisclosure.Source"
    RECIPIENT = "PrivacyDisclosure.Recipient"
    DECISION = "AuthZconsent"
    PLAIN = "Plain"


@dataclass(frozen=True, slots=True)
class Code:
    """A code of DICOM's list DCM, and what it means."""

    value: str
    meaning: str


ACTIVITY: Final = Code("110100", "Application Activity")
LOG_USED: Final = Code("110101", "Audit Log Used")
TRANSFER_BEGUN: Final = Code("110102", "Begin Transferring DICOM Instances")
ACCESSED: Final = Code("110103", "DICOM Instances Accessed")
TRANSFERRED: Final = Code("110104", "DICOM Instances Transferred")
STUDY_DELETED: Final = Code("110105", "DICOM Study Deleted")
EXPORT: Final = Code("110106", "Export")
IMPORT: Final = Code("110107", "Import")
NETWORK_ENTRY: Final = Code("110108", "Network Entry")
ORDER: Final = Code("110109", "Order Record")
PATIENT: Final = Code("110110", "Patient Record")
QUERY: Final = Code("110112", "Query")
ALERT: Final = Code("110113", "Security Alert")
SIGN_IN: Final = Code("110114", "User Authentication")

_START: Final = Code("110120", "Application Start")
_STOP: Final = Code("110121", "Application Stop")
_LOGIN: Final = Code("110122", "Login")
_LOGOUT: Final = Code("110123", "Logout")
_ATTACHED: Final = Code("110124", "Attach")
_NODE: Final = Code("110126", "Node Authentication")
_EMERGENCY: Final = Code("110127", "Emergency Override Started")
_SECURITY: Final = Code("110129", "Security Configuration")
_SOFTWARE: Final = Code("110131", "Software Configuration")
_RESTRICTED: Final = Code("110132", "Use of Restricted Function")
_OBJECT: Final = Code("110135", "Object Security Attributes Changed")
_ROLES: Final = Code("110136", "Security Roles Changed")
_USER: Final = Code("110137", "User Security Attributes Changed")
_EMERGENCY_OVER: Final = Code("110138", "Emergency Override Stopped")


@dataclass(frozen=True, slots=True)
class Sort:
    """One kind of entry for others: DICOM's event and its type, the action, BALP's shape.

    `event` is None where DICOM has no such event. `action` is C, R, U, D, or E for all else.
    """

    event: Code | None
    type: Code | None = None
    action: str = "E"
    pattern: Pattern = Pattern.PLAIN


_IN: Final = Sort(SIGN_IN, _LOGIN)
_OUT: Final = Sort(SIGN_IN, _LOGOUT)
_USED: Final = Sort(LOG_USED, action="R")
_CHANGED_USER: Final = Sort(ALERT, _USER)
_CHANGED_ROLE: Final = Sort(ALERT, _ROLES)
_CHANGED_OBJECT: Final = Sort(ALERT, _OBJECT)
_CHANGED_SECURITY: Final = Sort(ALERT, _SECURITY)
_CHANGED_STUDY: Final = Sort(ACCESSED, action="U", pattern=Pattern.UPDATE)
_GONE: Final = Sort(STUDY_DELETED, action="D", pattern=Pattern.DELETE)
_REFUSED: Final = Sort(ALERT, _RESTRICTED, pattern=Pattern.DECISION)
_LET: Final = Sort(SIGN_IN, _LOGIN, pattern=Pattern.DECISION)
_MADE: Final = Sort(None, action="C", pattern=Pattern.CREATE)
_WRITTEN: Final = Sort(PATIENT, action="C", pattern=Pattern.CREATE)
_ASKED: Final = Sort(QUERY, pattern=Pattern.QUERY)

SORTS: Final[dict[str, Sort]] = {
    "instance.started": Sort(ACTIVITY, _START),
    "instance.stopped": Sort(ACTIVITY, _STOP),
    "study.looked-at": Sort(ACCESSED, action="R", pattern=Pattern.READ),
    "study.downloaded": Sort(TRANSFER_BEGUN, pattern=Pattern.SOURCE),
    "study.download-ended": Sort(TRANSFERRED, action="R"),
    "transfer.begun": Sort(TRANSFER_BEGUN, pattern=Pattern.SOURCE),
    "transfer.sent": Sort(TRANSFERRED, action="R"),
    "transfer.failed": Sort(TRANSFERRED, action="R"),
    "transfer.withdrawn": Sort(TRANSFERRED, action="R"),
    "transfer.stopped": Sort(TRANSFERRED, action="R"),
    "transfer.listed": _ASKED,
    "studies.listed": _ASKED,
    "access.denied": _REFUSED,
    "study.not-passed-on": _REFUSED,
    "share.let-in": _LET,
    "share.recipient-verified": _IN,
    "share.code-wrong": _IN,
    "share.secret-shown": _IN,
    "share.begun": _IN,
    "release.published": Sort(EXPORT, action="R", pattern=Pattern.SOURCE),
    "study.shared": _CHANGED_OBJECT,
    "study.passed-on": _CHANGED_OBJECT,
    "share.withdrawn": _CHANGED_OBJECT,
    "copy.made": Sort(ACCESSED, action="C", pattern=Pattern.CREATE),
    "consent.granted": _MADE,
    "consent.revoked": _CHANGED_OBJECT,
    "consent.suspended": _CHANGED_OBJECT,
    "consent.resumed": _CHANGED_OBJECT,
    "consent.exported": Sort(EXPORT, action="R", pattern=Pattern.READ),
    "consent.receipt-taken": Sort(EXPORT, action="R", pattern=Pattern.READ),
    "accounting.made": _USED,
    "activity.read": _USED,
    "upload-request.made": Sort(ORDER, action="C", pattern=Pattern.CREATE),
    "parcel.received": Sort(IMPORT, action="C", pattern=Pattern.RECIPIENT),
    "intake.taken": Sort(IMPORT, action="C", pattern=Pattern.RECIPIENT),
    "study.filed": Sort(ACCESSED, action="C", pattern=Pattern.CREATE),
    "patient.created": _WRITTEN,
    "study.removed": _CHANGED_STUDY,
    "study.restored": _CHANGED_STUDY,
    "series.removed": _CHANGED_STUDY,
    "instance.removed": _CHANGED_STUDY,
    "parts.restored": _CHANGED_STUDY,
    "study.erased": _GONE,
    "parts.erased": _GONE,
    "access.record-claimed": Sort(PATIENT, action="U", pattern=Pattern.UPDATE),
    "access.record-unlinked": Sort(PATIENT, action="U", pattern=Pattern.UPDATE),
    "account.signed-in": _IN,
    "account.sign-in-refused": _IN,
    "account.code-refused": _IN,
    "account.signed-out": _OUT,
    "account.session-ended": _OUT,
    "account.sessions-ended": _OUT,
    "account.created": _CHANGED_USER,
    "account.password-changed": _CHANGED_USER,
    "account.factor-added": _CHANGED_USER,
    "account.factor-removed": _CHANGED_USER,
    "account.recovery-codes-made": _CHANGED_USER,
    "account.token-created": _CHANGED_USER,
    "account.token-revoked": _CHANGED_USER,
    "account.suspended": _CHANGED_USER,
    "account.reinstated": _CHANGED_USER,
    "account.membership-ended": _CHANGED_ROLE,
    "staff.appointed": _CHANGED_ROLE,
    "staff.dismissed": _CHANGED_ROLE,
    "elevation.began": Sort(ALERT, _EMERGENCY),
    "elevation.ended": Sort(ALERT, _EMERGENCY_OVER),
    "break-glass.opened": Sort(ALERT, _EMERGENCY),
    "break-glass.ended": Sort(ALERT, _EMERGENCY_OVER),
    "key.rotated": _CHANGED_SECURITY,
    "key.exported": _CHANGED_SECURITY,
    "mode.changed": Sort(ALERT, _SOFTWARE),
    "alert.raised": Sort(ALERT),
    "incident.opened": Sort(ALERT),
    "database.touched-from-outside": Sort(ALERT, _NODE),
    "audit.read": _USED,
    "connection.admitted": Sort(NETWORK_ENTRY, _ATTACHED),
    "connection.refused": Sort(ALERT, _NODE),
    "connection.opened": _CHANGED_SECURITY,
    "connection.suspended": _CHANGED_SECURITY,
    "connection.closed": _CHANGED_SECURITY,
    "connection.changed": _CHANGED_SECURITY,
    "agreement.verified": _CHANGED_SECURITY,
    "agreement.ended": _CHANGED_SECURITY,
    "audit.person-sought": _USED,
    "audit.detail_opened": _USED,
    "audit.exported": _USED,
    "audit.verified": _USED,
}
_OTHER: Final = Sort(None)


def sort_of(kind: str) -> Sort:
    """Return what a kind is for others; of one that no standard knows, that it is none."""
    return SORTS.get(kind, _OTHER)
