"""What can go wrong on the way out?"""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from safelight.exchange.access.powers.errors import TwoPeopleError
from safelight.exchange.consent.onward import OnwardRefusal
from safelight.kernel.errors import ExpectedError, StateConflictError


class ShareRevokedError(ExpectedError):
    """The person who shared this has taken it back."""

    code = "share_revoked"
    status = HTTPStatus.GONE


class ShareExpiredError(ExpectedError):
    """This share has reached its end."""

    code = "share_expired"
    status = HTTPStatus.GONE


class ShareNotStartedError(ExpectedError):
    """This share has not begun yet."""

    code = "share_not_started"
    status = HTTPStatus.CONFLICT


class ShareLockedError(ExpectedError):
    """This share is locked after too many wrong tries. The person who shared it was told."""

    code = "share_locked"
    status = HTTPStatus.FORBIDDEN


class WrongProofError(ExpectedError):
    """That is not the right code."""

    code = "wrong_code"
    status = HTTPStatus.FORBIDDEN

    def __init__(self, tries_left: int, *, is_code_right: bool) -> None:
        super().__init__()
        self.tries_left = tries_left
        self.is_code_right = is_code_right


class ManifestChangedError(ExpectedError):
    """The exam has changed since you chose. Look at the choice again."""

    code = "manifest_changed"
    status = HTTPStatus.CONFLICT


class TermsNotFitError(ExpectedError):
    """Something in the share still needs your attention."""

    code = "invalid:terms"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__()
        self.faults = faults


class FurtherReleaseError(ExpectedError):
    """The consent under which you see this does not let you do that. You can ask for another."""

    code = OnwardRefusal.NOT_CONTEMPLATED.value
    status = HTTPStatus.FORBIDDEN

    def __init__(self, refusal: OnwardRefusal, study_id: UUID) -> None:
        super().__init__()
        self.refusal = refusal
        self.study_id = study_id
        if refusal not in {OnwardRefusal.OTHER_RECIPIENT, OnwardRefusal.OTHER_CLASS}:
            self.code = refusal.value


class UnboundedAudienceError(ExpectedError):
    """The public is nobody in particular, so nothing is made public here."""

    code = "identifiable_to_unbounded_audience"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class ShareDeclinedError(ExpectedError):
    """Whoever it was sent to did not want it, or said that it was not for them."""

    code = "share_declined"
    status = HTTPStatus.GONE


class ShareUsedUpError(ExpectedError):
    """This link was opened as many times as was agreed."""

    code = "share_used_up"
    status = HTTPStatus.GONE


class SharePausedError(ExpectedError):
    """This share is paused. The person who shared it can take it up again."""

    code = "share_paused"
    status = HTTPStatus.LOCKED


class TooManyCodesError(ExpectedError):
    """We sent five codes within the hour, and send no more. The newest works for ten minutes."""

    code = "too_many_codes"
    status = HTTPStatus.TOO_MANY_REQUESTS


class LookOnlyError(ExpectedError):
    """This was shared to be looked at. A copy was not agreed to."""

    code = "look_only"
    status = HTTPStatus.FORBIDDEN


class NoSuchFrameError(ExpectedError):
    """There is no such picture in this object."""

    code = "not_found"
    status = HTTPStatus.NOT_FOUND


class NoPixelsError(ExpectedError):
    """This object is a document, not a picture."""

    code = "no_pixels"
    status = HTTPStatus.NOT_ACCEPTABLE


class NotShowableError(ExpectedError):
    """These pixels are stored as they came, but they cannot be decoded here."""

    code = "not_showable"
    status = HTTPStatus.NOT_ACCEPTABLE


class OutsideError(ExpectedError):
    """This part lies outside the picture."""

    code = "outside"
    status = HTTPStatus.BAD_REQUEST


class TooLargeForDiscError(ExpectedError):
    """One picture of this exam is larger than a file on a disc can be. Take it as a folder."""

    code = "too_large_for_disc"
    status = HTTPStatus.CONFLICT


class WeakPassphraseError(ExpectedError):
    """This passphrase is not the one that was made for this copy. Open the page again."""

    code = "weak_passphrase"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class TooBroadError(ExpectedError):
    """This search would have to open too many studies. Say more of what you look for."""

    code = "too_broad"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class BudgetSpentError(ExpectedError):
    """So many exams were taken along that we ask whether it is you: sign in again."""

    code = "stepup_required"
    status = HTTPStatus.FORBIDDEN


class TooManyAtOnceError(TwoPeopleError):
    """Two people must agree to so many exams of others. One who runs this place asks."""


class RemovalsFrozenError(StateConflictError):
    """Nothing can be removed just now. Whoever runs this place knows why."""
