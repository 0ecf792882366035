"""Has the recipient proved to be the one the consent names?

The code proves the mailbox; the second check keeps a mistyped mailbox out. Five
wrong tries lock the share and the owner is told.
"""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn
from uuid import UUID

from django.db import transaction
from django.db.models import F

from safelight.exchange.access.actions import admit_account
from safelight.exchange.access.decision import Action
from safelight.exchange.access.facts import Party, PartyKind
from safelight.exchange.access.link_secrets import equal, hash_of_short
from safelight.exchange.access.rules import standing_refusal
from safelight.exchange.consent.models import Consent
from safelight.exchange.release.errors import ShareLockedError, ShareUsedUpError, WrongProofError
from safelight.exchange.release.events import ReleaseEvent
from safelight.exchange.release.models import GuestEntry, Share, ShareCode
from safelight.exchange.release.people import address_of_account, giver_of, tell_giver
from safelight.exchange.release.sharing.entries import require_live
from safelight.exchange.release.sharing.signing import recipient_token
from safelight.exchange.release.sharing.withdraw import EndedBy, end_consent
from safelight.kernel.errors import NotFoundError
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import Outcome


def prove(entry: GuestEntry, *, code: str, passphrase: str, at: datetime) -> Share:
    """Prove the address with the code sent to it, and pass the second check.

    Returns the share as it is then; it may still wait for its owner.

    Raises:
        WrongProofError: something did not match; it says how many tries are left.
        ShareLockedError: that was the last try.
    """
    share = entry.share
    require_live(share, at=at)
    _take_a_try(share)
    sent = _matching_code(share, code, at)
    if sent is None or not _passphrase_fits(share, passphrase):
        _wrong(share, at, is_code_right=sent is not None)
    with transaction.atomic():
        if not ShareCode.objects.filter(pk=sent.pk, used_at__isnull=True).update(used_at=at):
            raise NotFoundError
        _take_a_use(share)
        GuestEntry.objects.filter(pk=entry.pk).update(proved_at=at, seen_at=at)
        _verified(share, at)
    share.refresh_from_db()
    return share


def accept_as_account(party: Party, entry: GuestEntry, *, passphrase: str, at: datetime) -> Share:
    """Bind the share to a signed-in account that has proved the same address before.

    Where the owner still has to let them in, it stays with this browser.

    Raises:
        NotFoundError: the account's address is not the one the consent names.
        WrongProofError: the passphrase is wrong.
    """
    share = entry.share
    consent = require_live(share, at=at)
    if party.account_id is None or not is_named(party, consent):
        raise NotFoundError
    _take_a_try(share)
    if not _passphrase_fits(share, passphrase):
        _wrong(share, at, is_code_right=True)
    with transaction.atomic():
        _take_a_use(share)
        _verified(share, at)
        if not share.needs_release or share.released_at is not None:
            admit_account(consent.id, party.account_id)
        GuestEntry.objects.filter(pk=entry.pk).update(proved_at=at, seen_at=at)
    share.refresh_from_db()
    return share


def is_named(party: Party, consent: Consent) -> bool:
    """Say whether a fully signed-in account's own address is the one a consent names."""
    if party.account_id is None or party.kind is PartyKind.GUEST or not party.second_factor:
        return False
    return equal(
        recipient_token(address_of_account(party.account_id)), bytes(consent.recipient_token)
    )


def is_named_in(party: Party, share_id: UUID) -> bool:
    """Say whether a fully signed-in account's own address is the one a share was made for."""
    share = Share.objects.filter(pk=share_id).first()
    return share is not None and is_named(party, Consent.objects.get(pk=share.consent_id))


def let_in(party: Party, share_id: UUID, *, at: datetime) -> None:
    """Let in the recipient who has proved the address; only the giver can (R06).

    Where somebody acted for another, that is also the other, and alone once they act no more.

    Raises:
        NotFoundError: there is no such share of this party, nobody has proved the
            address, or the party is not fully signed in.
        ShareRevokedError and its kin: it has ended, so there is nothing to come in to.
    """
    if standing_refusal(party, Action.SHARE) is not None:
        raise NotFoundError
    share = Share.objects.filter(pk=share_id, verified_at__isnull=False).first()
    if share is None or not _may_let_in(party, Consent.objects.get(pk=share.consent_id)):
        raise NotFoundError
    require_live(share, at=at)
    with transaction.atomic():
        changed = Share.objects.filter(pk=share.pk, released_at__isnull=True)
        if changed.update(released_at=at):
            _note(ReleaseEvent.SHARE_RELEASED, share, party.name, at)


def _may_let_in(party: Party, consent: Consent) -> bool:
    is_about_them = consent.parent_id is None and consent.subject_account_id == party.account
    return is_about_them or giver_of(consent) == party.account


def wrong_person(entry: GuestEntry, *, at: datetime) -> None:
    """Close a share whose recipient says it is not meant for them; the owner is told."""
    _close(entry.share, EndedBy.MISDIRECTED, ReleaseEvent.SHARE_MISDIRECTED, at=at)


def turn_down(entry: GuestEntry, *, at: datetime) -> None:
    """Close a share whose recipient does not want to look; the owner is told."""
    _close(entry.share, EndedBy.RECIPIENT, ReleaseEvent.SHARE_DECLINED, at=at)


def _close(share: Share, by: EndedBy, event: ReleaseEvent, *, at: datetime) -> None:
    told = "share-misdirected" if by is EndedBy.MISDIRECTED else "share-declined"
    with transaction.atomic():
        if Share.objects.filter(pk=share.pk, declined_at__isnull=True).update(declined_at=at):
            recipient = Party(kind=PartyKind.GUEST, consent_id=share.consent_id, share_id=share.id)
            end_consent(recipient, Consent.objects.get(pk=share.consent_id), by, at=at)
            _note(event, share, f"share/{share.id}", at)
            tell_giver(share.consent_id, told, at=at)


def _matching_code(share: Share, code: str, at: datetime) -> ShareCode | None:
    given = hash_of_short(share.id, "".join(letter for letter in code if letter.isdigit()))
    live = ShareCode.objects.filter(share=share, used_at__isnull=True, expires_at__gt=at)
    return next((sent for sent in live if equal(given, bytes(sent.code_hash))), None)


def _passphrase_fits(share: Share, passphrase: str) -> bool:
    if not share.passphrase_hash:
        return True
    return equal(hash_of_short(share.id, passphrase), bytes.fromhex(share.passphrase_hash))


def _take_a_try(share: Share) -> None:
    """Pay for a try before it is judged, so that many at once cost as much as one by one.

    Raises:
        ShareLockedError: there is no try left.
    """
    left = Share.objects.filter(pk=share.pk, tries_left__gt=0)
    if not left.update(tries_left=F("tries_left") - 1):
        raise ShareLockedError
    share.refresh_from_db()


def _take_a_use(share: Share) -> None:
    """Count one more browser in, where the giver set a number; of many at once, so many get in.

    Raises:
        ShareUsedUpError: the link has been used as often as was agreed.
    """
    if share.uses_left is None:
        return
    left = Share.objects.filter(pk=share.pk, uses_left__gt=0)
    if not left.update(uses_left=F("uses_left") - 1):
        raise ShareUsedUpError


def _wrong(share: Share, at: datetime, *, is_code_right: bool) -> NoReturn:
    """Put a wrong try on record; the last one locks the share and the owner is told."""
    with transaction.atomic():
        _note(ReleaseEvent.SHARE_CODE_WRONG, share, f"share/{share.id}", at, Outcome.DENIED)
        if share.tries_left == 0 and share.locked_at is None:
            Share.objects.filter(pk=share.pk).update(locked_at=at)
            _note(ReleaseEvent.SHARE_LOCKED, share, f"share/{share.id}", at)
            tell_giver(share.consent_id, "share-locked", at=at)
    if share.tries_left == 0:
        raise ShareLockedError
    raise WrongProofError(share.tries_left, is_code_right=is_code_right)


def _verified(share: Share, at: datetime) -> None:
    Share.objects.filter(pk=share.pk).update(tries_left=5)
    if Share.objects.filter(pk=share.pk, verified_at__isnull=True).update(verified_at=at):
        template = "share-waiting" if share.needs_release else "share-verified"
        tell_giver(share.consent_id, template, at=at)
    _note(ReleaseEvent.SHARE_VERIFIED, share, f"share/{share.id}", at)


def _note(
    event: ReleaseEvent, share: Share, actor: str, at: datetime, outcome: Outcome = Outcome.OK
) -> None:
    record(
        event,
        actor=actor,
        subject=f"share/{share.id}",
        vault_id=share.vault_id,
        consent_id=share.consent_id,
        outcome=outcome,
        at=at,
    )
