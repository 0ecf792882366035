"""Can anything that is at hand open what was kept of the other exam of lived.py?

What is kept is what a thief may have kept: the rows as they were before the erasure, and
where the bytes lie. What is at hand is every key that the root key still opens.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from starlette.testclient import TestClient

from safelight.governance.keys.certifying import (
    certificate_key,
    certificate_verifier,
    own_certificate,
)
from safelight.kernel import clock
from safelight.kernel.errors import ExpectedError
from safelight.platform.keys import store as key_store
from safelight.platform.keys.cipher import derive, unseal
from safelight.platform.keys.errors import SealBrokenError
from safelight.platform.keys.models import Kind, WrappedKey
from safelight.platform.keys.names import name_of_secret
from safelight.platform.keys.ring import ring
from safelight.platform.storage.errors import PackMissingError
from safelight.records.imaging.answers import open_answer
from safelight.records.imaging.cards import open_card
from safelight.records.imaging.models import Instance, Study
from safelight.records.imaging.store import store, wrapped_name


def keep_rows(_web: TestClient, study: str) -> dict[str, Any]:
    """Keep what the rows of all exams but `study` say, as an old dump would."""
    row = Study.objects.exclude(pk=UUID(study)).get()
    keys = WrappedKey.objects.using("keys").filter(kind=Kind.STUDY, subject_id=row.pk)
    return {
        "other_study": str(row.pk),
        "wrapped": [bytes(each).hex() for each in keys.values_list("wrapped", flat=True)],
        "answer": bytes(row.sealed_answer).hex(),
        "objects": [
            {
                "id": str(each.id),
                "key": bytes(each.wrapped_key).hex(),
                "card": bytes(each.sealed_card).hex(),
                "place": [each.pack, each.offset, each.length],
            }
            for each in Instance.objects.filter(study_id=row.pk)
        ],
    }


def try_all(_web: TestClient, kept: str) -> dict[str, Any]:
    """Try every key that the root key opens on everything that was kept."""
    said = json.loads(kept)
    identity = UUID(said["other_study"])
    opened = {"answers": 0, "cards": 0, "objects": 0}
    keys = list(_keys())
    for key in keys:
        answer = bytes.fromhex(said["answer"])
        opened["answers"] += _opens(open_answer, "study", identity, answer, study_key=key)
        for each in said["objects"]:
            card, name = bytes.fromhex(each["card"]), UUID(each["id"])
            opened["cards"] += _opens(open_card, card, study_key=key, instance_id=name)
            wrapped = bytes.fromhex(each["key"])
            opened["objects"] += _opens(unseal, key, wrapped, bound_to=wrapped_name(name))
    try:
        ring().study_key(identity)
        own = "opens"
    except ExpectedError as error:
        own = error.code
    return {"keys": len(keys), "study_key": own, "bytes": _bytes_of(said), **opened}


def certify(_web: TestClient, account: str, other_study: str) -> dict[str, Any]:
    """Certify to the owner that the other exam's key is destroyed, with what checks it."""
    from cast import Person, party_of_person  # noqa: PLC0415 (after Django)
    from safelight.records.accounts.models import Account  # noqa: PLC0415 (the same)

    owner = party_of_person(Person(Account.objects.get(pk=account), ""))
    return {
        "note": own_certificate(owner, UUID(other_study), at=clock.now()),
        "key": certificate_key(),
        "verifier": certificate_verifier(),
    }


def _keys() -> Iterator[bytes]:
    """Yield the root key, the instance's secret and every key below them, in all versions."""
    root = settings.SAFELIGHT_ROOT_KEY.current()
    row = key_store.instance()
    assert row is not None
    secret = unseal(root.material, bytes(row.wrapped_secret), bound_to=name_of_secret(root.id))
    yield from (root.material, secret)
    for each in WrappedKey.objects.using("keys").all():
        wrapped = key_store.Wrapped(
            each.vault_id, each.root_id, bytes(each.wrapped), each.version, each.above
        )
        key = ring().open_row(Kind(each.kind), each.subject_id, wrapped)
        yield from (key, derive(key, "field"))


def _opens(how: Any, *what: Any, **named: Any) -> int:  # noqa: ANN401 (any way of opening)
    try:
        how(*what, **named)
    except SealBrokenError:
        return 0
    return 1


def _bytes_of(said: dict[str, Any]) -> int:
    """Say how many sealed bytes of it lie in the store."""
    try:
        return sum(len(store().raw(*each["place"])) for each in said["objects"])
    except PackMissingError:
        return 0
