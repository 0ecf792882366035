"""What must be looked up to understand what happened?"""

from __future__ import annotations

import ipaddress
from uuid import UUID

from safelight.governance.watch.models import Decoy
from safelight.governance.watch.sightings import Known
from safelight.platform.audit.watching import Happened
from safelight.records.accounts.holds import network_name
from safelight.records.imaging.models import Study


def known_about(happened: list[Happened]) -> Known:
    """Look up what a batch of entries needs, with one question for all their exams."""
    studies = {
        UUID(each.subject.removeprefix("study/"))
        for each in happened
        if each.subject.startswith("study/")
    }
    rows = Study.objects.filter(pk__in=studies).values_list("id", "patient_id")
    patients = {f"study/{study}": f"patient/{patient}" for study, patient in rows}
    return Known(
        network_of=_network,
        patient_of=lambda subject: patients.get(subject, subject),
        decoys=dict(Decoy.objects.values_list("name", "planted_at")),
    )


def _is_address(origin: str) -> bool:
    try:
        ipaddress.ip_address(origin)
    except ValueError:
        return False
    return True


def _network(origin: str) -> str:
    if not _is_address(origin):
        return ""
    return network_name(origin)
