"""A system that asks whether what it sent is kept (storage commitment, PS3.4 annex J)."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import sleep
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE, build_role, evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import N_EVENT_REPORT

from dicom_peer import CT, EXPLICIT, OURS, SCANNER, Caller

COMMITMENT = "1.2.840.10008.1.20.1"
WELL_KNOWN = "1.2.840.10008.1.20.1.1"
NOT_KEPT, OTHER_CLASS, USED_BEFORE, NO_SUCH_CLASS = 0x0112, 0x0119, 0x0131, 0x0122


@dataclass
class Reports:
    """What was reported to a system. `status` is what it answers."""

    status: int = 0
    heard: list[tuple[int, Dataset]] = field(default_factory=list)
    new: threading.Event = field(default_factory=threading.Event)

    def take(self, event: evt.Event) -> tuple[int, None]:
        """Hear a report."""
        assert isinstance(event.request, N_EVENT_REPORT)
        kind = event.request.EventTypeID or 0
        self.heard.append((kind, event.event_information))
        self.new.set()
        return self.status, None

    def next(self, seconds: float = 10.0) -> tuple[int, Dataset]:
        """Wait for a report and return its event and what it says."""
        assert self.new.wait(seconds), "nothing was reported"
        self.new.clear()
        return self.heard[-1]

    @property
    def handlers(self) -> list[Any]:
        """What an association of a client or a server calls."""
        return [(evt.EVT_N_EVENT_REPORT, self.take)]


def wanted(*named: tuple[str, str], transaction: str = "") -> Dataset:
    """Ask about objects, each by its class and its own UID."""
    asked = Dataset()
    asked.TransactionUID = transaction or generate_uid()
    asked.ReferencedSOPSequence = []
    for sop_class, sop_instance in named:
        one = Dataset()
        one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID = sop_class, sop_instance
        asked.ReferencedSOPSequence.append(one)
    return asked


def ask(
    association: Association, asked: Dataset, *, action: int = 1, instance: str = WELL_KNOWN
) -> int:
    """Send an N-ACTION and return the status."""
    sleep(0.05)  # the library's own thread goes on first, or it takes the answer for its own
    status, _ = association.send_n_action(asked, action, COMMITMENT, instance)
    return int(status.Status)


def a_sender(caller: Caller, reports: Reports) -> Association:
    """Begin an association that sends CT and asks about it."""
    return caller.associate(CT, COMMITMENT, evt_handlers=reports.handlers)


def kept(report: Dataset) -> set[str]:
    """Return which objects a report says are kept."""
    return {each.ReferencedSOPInstanceUID for each in report.get("ReferencedSOPSequence", [])}


def failed(report: Dataset) -> dict[str, int]:
    """Return which objects a report says are not kept, and why."""
    found = report.get("FailedSOPSequence", [])
    return {each.ReferencedSOPInstanceUID: each.FailureReason for each in found}


@contextmanager
def listening(
    reports: Reports, *, with_role: bool = True, titles: Sequence[str] = (SCANNER,)
) -> Iterator[int]:
    """Be a system that is called to hear reports; yields its port."""
    system = AE(titles[0])
    roles = {"scu_role": False, "scp_role": True} if with_role else {}
    system.add_supported_context(COMMITMENT, [EXPLICIT], **roles)
    server = system.start_server(
        ("127.0.0.1", 0), block=False, ae_title=titles[0], evt_handlers=reports.handlers
    )
    assert server is not None
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()


def a_report(asked: Dataset, *, without: int = 0) -> tuple[int, Dataset]:
    """Return the event and the report of who keeps all that was asked about, but so many."""
    said = Dataset()
    said.TransactionUID = asked.TransactionUID
    named = list(asked.ReferencedSOPSequence)
    kept, failed = named[without:], named[:without]
    if kept:
        said.ReferencedSOPSequence = kept
    if failed:
        for each in failed:
            each.FailureReason = NOT_KEPT
        said.FailedSOPSequence = failed
    return (2 if failed else 1), said


def report_over(association: Association, asked: Dataset, *, without: int = 0) -> int:
    """Report in an association, and return the status that is answered."""
    event, said = a_report(asked, without=without)
    status, _ = association.send_n_event_report(said, event, COMMITMENT, WELL_KNOWN)
    return int(status.Status)


def calls_back(
    port: int, title: str, asked: Dataset, *, called: str = OURS, without: int = 0
) -> int:
    """Call, take the part of the one who reports, and return the status that is answered."""
    system = AE(title)
    system.add_requested_context(COMMITMENT, [EXPLICIT])
    association = system.associate(
        "127.0.0.1",
        port,
        ae_title=called,
        ext_neg=[build_role(COMMITMENT, scp_role=True)],
    )
    assert association.is_established
    try:
        return report_over(association, asked, without=without)
    finally:
        association.release()
