"""What does an instance hold, to its last byte, and what of the objects that are asked for?

Run inside the instance, by a process that nursery.py forks.
"""

# ruff: noqa: PLC0415 (the program is set up by whoever imports this)

from __future__ import annotations

import time
from typing import Any


def check(*, before: float) -> dict[str, Any]:
    """Look at both databases to their last page, and at everything that is stored.

    Packs last written before that moment count as left alone.
    """
    from django.db import connections

    from safelight.kernel import clock
    from safelight.records.imaging.models import Quarantined
    from safelight.records.imaging.upkeep.scrub import Scrub
    from safelight.records.imaging.upkeep.sweep import sweep

    problems: list[str] = []
    for alias in ("default", "keys"):
        with connections[alias].cursor() as cursor:
            if connections[alias].vendor == "sqlite":
                cursor.execute("PRAGMA integrity_check")
                problems += [row[0] for row in cursor.fetchall() if row[0] != "ok"]
    objects = sum(1 for _ in Scrub.resume(at=clock.now(), anew=True).go_on())
    problems += [f"{row.object_id} {row.reason}" for row in Quarantined.objects.all()]
    problems += list(sweep(at=clock.now(), idle_for=time.time() - before).missing)
    return {"problems": problems, "objects": objects}


def look(uids: list[str]) -> dict[str, Any]:
    """Say everything that is known of some objects, by SOP Instance UID, and which packs lie."""
    from safelight.records.imaging.models import Vault
    from safelight.records.imaging.store import store

    packs = dict(store().idle(idle_for=-3600))
    return {
        "objects": {uid: [_known(vault.id, uid) for vault in Vault.objects.all()] for uid in uids},
        "packs nobody writes": packs,
    }


def _known(vault_id: Any, instance_uid: str) -> dict[str, Any]:  # noqa: ANN401 (an id)
    from safelight.records.imaging.models import Instance, Quarantined, ReviewItem
    from safelight.records.imaging.tokens import uid_token

    token = uid_token(vault_id, instance_uid)
    return {
        "filed": [_filed(row) for row in Instance.objects.filter(uid_token=token)],
        "waiting": [
            [str(row.pk), row.reason, row.state]
            for row in ReviewItem.objects.filter(uid_token=token)
        ],
        "in quarantine": [[str(row.object_id), row.reason] for row in Quarantined.objects.all()],
    }


def _filed(row: Any) -> dict[str, Any]:  # noqa: ANN401 (a row, whose class is not known yet)
    from safelight.records.imaging.models import Study
    from safelight.records.imaging.store import store
    from safelight.records.imaging.upkeep.checking import check as reads

    return {
        "id": str(row.id),
        "received": str(row.received_at),
        "place": [row.pack, row.offset, row.length],
        "size of its pack": store().size_of(row.pack),
        "study": [[str(study.id), study.state] for study in Study.objects.filter(pk=row.study_id)],
        "reads": reads(row).value,
    }
