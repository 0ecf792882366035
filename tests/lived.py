"""What happens in an instance of its own, apart from the tests' database: one step a call.

    SAFELIGHT_DATA=... SAFELIGHT_ROOT_KEY_FILE=... python tests/lived.py begin

prints what came of the step as JSON. So a test can live through a backup, a revocation, an
erasure and a restore, with real rows and real bytes.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from typing import Any
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safelight.config.settings")
django.setup()

from starlette.testclient import TestClient  # noqa: E402 (Django must be set up first)

import contesting  # noqa: E402 (the same)
import opening  # noqa: E402 (the same)
from cast import make_person, party_of_person  # noqa: E402 (the same)
from powers import a_wish, admin, approved, security_officer  # noqa: E402 (the same)
from safelight.exchange.access.mode import mode_now  # noqa: E402 (the same)
from safelight.exchange.consent.models import Consent  # noqa: E402 (the same)
from safelight.exchange.release.remove import erase_due, remove_by_uid  # noqa: E402 (the same)
from safelight.exchange.release.sharing.withdraw import withdraw  # noqa: E402 (the same)
from safelight.governance.recovery import journal  # noqa: E402 (the same)
from safelight.governance.recovery.opening import deed_of_opening  # noqa: E402 (the same)
from safelight.kernel import clock  # noqa: E402 (the same)
from safelight.platform.audit.sequencer import sequence_once  # noqa: E402 (the same)
from safelight.platform.keys.models import Kind, WrappedKey  # noqa: E402 (the same)
from safelight.records.accounts.models import Account  # noqa: E402 (the same)
from safelight.records.accounts.models import Kind as AccountKind  # noqa: E402 (the same)
from safelight.records.imaging.models import Instance, SearchToken, Study  # noqa: E402 (the same)
from safelight.surfaces.dicomweb.app import app  # noqa: E402 (the same)
from story import another_ct, begin_story, open_share, store  # noqa: E402 (the same)

OTHER = "1.2.826.0.1.3680043.8.498.77"


def begin(web: TestClient) -> dict[str, Any]:
    """Let an owner have two exams and share one of them with a doctor, who opens it."""
    owner = make_person("Olga Owner", AccountKind.INDIVIDUAL)
    story = begin_story(web, owner)
    shared = story.share()
    cookie = open_share(shared)
    looked = story.as_guest(shared, cookie)
    other = another_ct(
        StudyInstanceUID=f"{OTHER}.1", SeriesInstanceUID=f"{OTHER}.2", SOPInstanceUID=f"{OTHER}.3"
    )
    store(web, owner, other)
    in_order()
    return {
        "consent": str(shared.consent_id),
        "share": str(shared.share_id),
        "study": str(story.study_id),
        "cookie": cookie,
        "token": owner.token,
        "account": str(owner.account.pk),
        "guest_address": f"/dicomweb/shares/{_text(shared.share_id)}{story.address}/frames/1",
        "address": f"/dicomweb{story.address}",
        "other": f"/dicomweb/studies/{OTHER}.1/series/{OTHER}.2/instances/{OTHER}.3",
        "looked": looked,
    }


def revoke(_web: TestClient, consent: str, account: str) -> dict[str, Any]:
    """Let the owner take the share back."""
    withdraw(_party(account), UUID(consent), at=clock.now())
    in_order()
    return {}


def erase(_web: TestClient, account: str) -> dict[str, Any]:
    """Let the owner remove the other exam, and a week pass, after which it is erased."""
    remove_by_uid(_party(account), f"{OTHER}.1", at=clock.now())
    in_order()
    return a_week_passes(_web)


def a_week_passes(_web: TestClient) -> dict[str, Any]:
    """Let the time to bring back what was removed be over, and the worker erase it."""
    clock.allow_moving()
    clock.move(timedelta(days=8))
    erase_due(at=clock.now())
    in_order()
    return {}


def look(
    web: TestClient, *, guest_address: str, address: str, other: str, cookie: str, token: str
) -> dict[str, Any]:
    """Say what a guest and the owner get, and what is left of the other exam."""
    own = {"Authorization": f"Bearer {token}"}
    studies = Study.objects.exclude(sealed_answer=b"")
    return {
        "mode": mode_now().value,
        "guest": web.get(guest_address, headers={"Cookie": f"__Host-guest={cookie}"}).status_code,
        "owner": web.get(address, headers=own).status_code,
        "other": web.get(other, headers=own).status_code,
        "live_consents": Consent.objects.filter(revoked_at__isnull=True).count(),
        "paused_consents": Consent.objects.filter(suspended_at__isnull=False).count(),
        "studies": studies.count(),
        "study_keys": WrappedKey.objects.using("keys").filter(kind=Kind.STUDY).count(),
        "instances": Instance.objects.count(),
        "tokens_without_study": SearchToken.objects.exclude(
            study_id__in=studies.values("id")
        ).count(),
    }


def agree(_web: TestClient, backup: str) -> dict[str, Any]:
    """Let two of the staff agree to open what was put back without its journal."""
    wish = a_wish(deed_of_opening(backup))
    approved(admin(), security_officer(), wish)
    in_order()
    return {}


def in_order() -> None:
    """Do what the worker does each moment: give entries their place, write the journal."""
    while sequence_once():
        pass
    if journal.is_kept():
        journal.write_on(at=clock.now())


def _party(account: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 (a Party)
    from cast import Person  # noqa: PLC0415 (after Django)

    return party_of_person(Person(Account.objects.get(pk=account), ""))


def _text(identity: UUID) -> str:
    from safelight.kernel.ids import to_text  # noqa: PLC0415 (after Django)

    return to_text(identity)


STEPS = {
    "a_week_passes": a_week_passes,
    "agree": agree,
    "begin": begin,
    "certify": opening.certify,
    "erase": erase,
    "happen": contesting.happen,
    "keep_rows": opening.keep_rows,
    "look": look,
    "revoke": revoke,
    "rewrite": contesting.rewrite,
    "try_all": opening.try_all,
    "witnessed": contesting.witnessed,
}

if __name__ == "__main__":
    with TestClient(app, base_url="http://localhost:8000") as client:
        said = STEPS[sys.argv[1]](client, **json.loads(sys.argv[2] if len(sys.argv) > 2 else "{}"))  # type: ignore[operator]
    print(json.dumps(said))  # noqa: T201 (the answer)
