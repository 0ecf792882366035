"""How fast is a patient found by C-FIND, over an association that lasts?"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

from pydicom.dataset import Dataset
from pynetdicom.ae import ApplicationEntity
from pynetdicom.association import Association

from bench.connecting import THEIRS
from bench.measuring import latency, middle
from bench.target import Target
from bench.workload import Study

_STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
_TIMES = 30
"""Several rounds of it stay within what one system of ours may search in a minute."""
_PENDING = {0xFF00, 0xFF01}
_ASKED = ("StudyInstanceUID", "StudyDate", "PatientName", "AccessionNumber")


def finding(target: Target, size: int, number: int, *, seed: int, seconds: float) -> float:
    """Return the median of the milliseconds of a search by patient id among so many studies.

    Raises:
        SystemExit: there is no association, or what was searched was not found.
    """
    chosen = random.Random(f"cfind/{number}")  # noqa: S311 (no secret)
    with _association(target) as association:

        def ask(_number: int) -> None:
            _ask(target.name, association, Study("tiny", seed, chosen.randrange(size)))

        return middle(latency(ask, times=_TIMES, seconds=seconds))


@contextmanager
def _association(target: Target) -> Iterator[Association]:
    caller = ApplicationEntity(THEIRS)
    caller.add_requested_context(_STUDY_ROOT_FIND)
    association = caller.associate("127.0.0.1", target.dimse, ae_title=target.title)
    if not association.is_established:
        raise SystemExit(f"{target.name}: no association")
    try:
        yield association
    finally:
        association.release()


def _ask(name: str, association: Association, study: Study) -> None:
    wanted = Dataset()
    wanted.QueryRetrieveLevel = "STUDY"
    wanted.PatientID = study.patient_id
    for keyword in _ASKED:
        setattr(wanted, keyword, "")
    found = {
        str(data.StudyInstanceUID)
        for status, data in association.send_c_find(wanted, _STUDY_ROOT_FIND)
        if status.Status in _PENDING and data is not None
    }
    if study.uid("study") not in found:
        raise SystemExit(f"{name}: a patient was not found by C-FIND")
