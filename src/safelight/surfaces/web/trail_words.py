"""What does each code in the record mean, in words, and which belong together?"""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CHECKPOINT: Final = "checkpoint.signed"

HAPPENINGS: Final[dict[Promise, dict[str, Promise]]] = {
    _("Looking and copying"): {
        "study.looked-at": _("Looked at an exam"),
        "study.downloaded": _("Began to download an exam"),
        "study.download-ended": _("A download ended"),
        "studies.listed": _("Listed exams"),
        "activity.read": _("Read who looked"),
        "accounting.made": _("Had a list of disclosures made"),
        "access.denied": _("Was refused an exam"),
    },
    _("Sharing"): {
        "study.shared": _("Shared an exam"),
        "study.passed-on": _("Passed an exam on, as was agreed"),
        "study.not-passed-on": _("Tried to pass an exam on, and was refused"),
        "release.published": _("Published an exam"),
        "share.secret-shown": _("Opened a share's link"),
        "share.code-sent": _("Had a code sent for a share"),
        "share.code-wrong": _("Gave a wrong proof for a share"),
        "share.locked": _("A share locked itself"),
        "share.recipient-verified": _("Proved to be the recipient"),
        "share.let-in": _("Let a recipient in"),
        "share.opening-notices-chosen": _("Chose how to be told of openings"),
        "share.invited-again": _("Sent an invitation again"),
        "share.declined": _("Did not want what was shared"),
        "share.misdirected": _("Said that a share is for somebody else"),
        "share.withdrawn": _("Took a share back"),
    },
    _("Consent"): {
        "consent.presented": _("Was shown a consent"),
        "consent.refused": _("A consent was not accepted"),
        "consent.granted": _("Gave consent"),
        "consent.revoked": _("Took consent back"),
        "consent.suspended": _("A consent was paused"),
        "consent.resumed": _("A consent that was paused goes on"),
        "consent.asked-for": _("Asked the patient for a consent"),
        "consent.asking-viewed": _("Began to answer a request for a consent"),
        "consent.asking-declined": _("Declined a request for a consent"),
        "consent.asking-withdrawn": _("Withdrew a request for a consent"),
        "consent.receipt-taken": _("Took the receipt of a consent"),
        "consent.exported": _("Took a consent as FHIR"),
        "authorization.asked": _("Was asked to prove who it is"),
        "authorization.given": _("Proved who it is"),
        "authorization.refused": _("Did not prove who it is"),
        "authorization.used": _("Used that proof"),
    },
    _("Acting for somebody"): {
        "access.helper-invited": _("Invited somebody to help"),
        "access.representative-asked": _("Asked to act for somebody"),
        "access.evidence-added": _("Added evidence about acting for somebody"),
        "access.evidence-read": _("Read evidence about acting for somebody"),
        "access.representative-checked": _("Was the first to verify who acts for somebody"),
        "access.representative-began": _("Somebody can act for another from now on"),
        "access.representative-refused": _("Did not verify who acts for somebody"),
        "access.representative-disputed": _("Disputed who acts for somebody"),
        "access.dispute-settled": _("Settled a dispute about acting for somebody"),
        "access.representative-blocked": _("Closed everything to somebody who acted for another"),
        "access.representative-ended": _("Acting for somebody ended"),
    },
    _("Exams in and out"): {
        "intake.started": _("Began to add images"),
        "intake.taken": _("Added images"),
        "intake.known": _("Sent images that were here already"),
        "intake.refused": _("Sent something that was refused"),
        "intake.finished": _("Finished adding images"),
        "vault.opened": _("A vault was opened"),
        "patient.created": _("A patient was written down"),
        "study.filed": _("An exam was filed"),
        "study.removed": _("Removed an exam"),
        "study.restored": _("Brought an exam back"),
        "study.erased": _("An exam was erased"),
        "series.removed": _("Removed a series of an exam"),
        "instance.removed": _("Removed an image of an exam"),
        "parts.restored": _("Brought back what was removed of an exam"),
        "parts.erased": _("What was removed of an exam was erased"),
    },
    _("Accounts"): {
        "account.registered": _("Asked for an account"),
        "account.registered-again": _("Asked for an account that there is"),
        "account.created": _("An account was made"),
        "account.forgotten": _("An unproved account was forgotten"),
        "account.address-verified": _("Proved an e-mail address"),
        "account.signed-in": _("Signed in"),
        "account.sign-in-refused": _("Could not sign in"),
        "account.code-refused": _("Gave a wrong code"),
        "account.signed-out": _("Signed out"),
        "account.session-ended": _("Ended a session"),
        "account.sessions-ended": _("Ended all other sessions"),
        "account.reset-asked": _("Asked for a new password"),
        "account.password-changed": _("Changed the password"),
        "account.factor-added": _("Added a second factor"),
        "account.factor-removed": _("Removed a second factor"),
        "account.recovery-codes-made": _("Made recovery codes"),
        "account.token-created": _("Made a token for a program"),
        "account.token-revoked": _("Revoked a token"),
        "statement.accepted": _("Accepted the privacy statement"),
    },
    _("The record itself"): {
        "audit.read": _("Read the record"),
        "audit.person-sought": _("Looked for a person in the record"),
        "audit.detail_opened": _("Opened an entry's sealed part"),
        "audit.exported": _("Exported the record"),
        CHECKPOINT: _("A checkpoint was signed"),
    },
    _("The machine"): {
        "notice.sent": _("A message was sent"),
        "notice.bounced": _("A message could not be delivered"),
        "job.died": _("Background work failed for good"),
        "job.requeued": _("Failed work was tried again"),
        "job.discarded": _("Failed work was given up"),
        "object.quarantined": _("A damaged picture was set aside"),
        "object.cleared": _("A picture that was set aside is sound again"),
        "pack.missing": _("A pack of pictures is missing"),
        "key.missing": _("A key is missing"),
        "storage.scrubbed": _("What is stored was read again"),
        "storage.swept": _("Left-overs were swept away"),
        "storage.compacted": _("Stored packs were made smaller"),
    },
}
_WORDS: Final = {kind: words for group in HAPPENINGS.values() for kind, words in group.items()}


def words_of(kind: str) -> str:
    """Say what a code means; one without words stands for itself."""
    return str(_WORDS.get(kind, kind))
