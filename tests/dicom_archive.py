"""A foreign DICOM system that takes objects by C-STORE, and answers as a test says."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset
from pynetdicom import AE, ALL_TRANSFER_SYNTAXES, AllStoragePresentationContexts, evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE

from commitment_asked import COMMITMENT
from dicom_peer import VERIFICATION

TITLE = "RIVER"
PLAIN = ("1.2.840.10008.1.2.1", "1.2.840.10008.1.2")
EVERY = tuple(ALL_TRANSFER_SYNTAXES)
# How an archive answers the n-th object: with a status, or None to hang up.
Speech = Callable[[int], int | None]


@dataclass(frozen=True)
class Came:
    """One object as it came: its data set, and who is said to have asked for it."""

    uid: str
    transfer_syntax: str
    data_set: bytes
    originator: str


@dataclass
class DicomArchive:
    """What stands at a port of this machine, and what came there."""

    port: int = 0
    says: Speech = lambda _: 0
    came: list[Came] = field(default_factory=list)
    asked: int = 0
    calling: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    asked_about: list[Dataset] = field(default_factory=list)
    reports: Callable[[evt.Event], None] | None = None
    talks: list[Association] = field(default_factory=list)

    def act(self, event: evt.Event) -> tuple[int, None]:
        """Hear what it is asked to keep; `reports` says when and what it answers."""
        self.asked_about.append(event.action_information)
        if self.reports is not None:
            threading.Thread(target=self.reports, args=(event,)).start()
        return 0, None

    @property
    def kept_uids(self) -> list[str]:
        return [each.uid for each in self.came]

    def accepted(self, event: evt.Event) -> None:
        self.talks.append(event.assoc)
        self.calling.append(str(event.assoc.requestor.ae_title).strip())

    def take(self, event: evt.Event) -> int:
        self.asked += 1
        request = event.request
        assert isinstance(request, C_STORE)
        status = self.says(self.asked)
        if status is None:
            event.assoc.abort()
            return 0xA700
        if status == 0 or (status >= 0xB000 and status < 0xC000):
            self.came.append(
                Came(
                    str(request.AffectedSOPInstanceUID),
                    str(event.context.transfer_syntax),
                    event.encoded_dataset(include_meta=False),
                    str(request.MoveOriginatorApplicationEntityTitle or "").strip(),
                )
            )
        return status


@contextmanager
def a_dicom_archive(
    pair: tuple[Path, Path] | None = None,
    *,
    syntaxes: Sequence[str] = (),
    more: Sequence[str] = (),
    only: Sequence[str] = (),
    commits: bool = False,
) -> Iterator[DicomArchive]:
    """Listen; `pair` are certificate and key. It takes every transfer syntax, or these alone.

    `more` are SOP classes that it takes although nobody knows them, `only` all that it takes.
    `commits`: it may be asked whether it keeps them.
    """
    archive = DicomArchive()
    entity = AE(TITLE)
    entity.maximum_pdu_size = 16382
    known = only or [str(each.abstract_syntax) for each in AllStoragePresentationContexts]
    taken = dict.fromkeys(known, syntaxes or EVERY)
    for abstract, held in (taken | dict.fromkeys(more, EVERY)).items():
        entity.add_supported_context(abstract, list(held))
    entity.add_supported_context(VERIFICATION, list(PLAIN))
    if commits:
        entity.add_supported_context(COMMITMENT, list(PLAIN))
    context = None
    if pair is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*pair)
    handlers: list[Any] = [
        (evt.EVT_C_STORE, archive.take),
        (evt.EVT_N_ACTION, archive.act),
        (evt.EVT_ACCEPTED, archive.accepted),
        (evt.EVT_RELEASED, lambda _: archive.ends.append("released")),
        (evt.EVT_ABORTED, lambda _: archive.ends.append("aborted")),
    ]
    server = entity.start_server(
        ("127.0.0.1", 0), block=False, ssl_context=context, evt_handlers=handlers
    )
    assert server is not None
    assert server.socket is not None
    archive.port = int(server.socket.getsockname()[1])
    try:
        yield archive
    finally:
        server.shutdown()
        # What the library throws where a talk was hung up belongs to this test, not to the next.
        for talk in archive.talks:
            talk.join(10)
