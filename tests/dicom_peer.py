"""Systems that speak DICOM to us: a served port, a connection that lets them in, and clients."""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from time import monotonic, sleep
from typing import Any
from uuid import UUID

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import AE, build_role, evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_STORE

from acting import hospital_id
from safelight.kernel import clock
from safelight.records.partners.actions import add_connection, open_connection
from safelight.records.partners.wishes import ConnectionWish
from safelight.surfaces.dimse.server import BACKLOG, Server

OURS = "SAFELIGHT"
SCANNER = "CT1"
VERIFICATION = "1.2.840.10008.1.1"
FIND_STUDY = "1.2.840.10008.5.1.4.1.2.2.1"
FIND_PATIENT = "1.2.840.10008.5.1.4.1.2.1.1"
GET_STUDY = "1.2.840.10008.5.1.4.1.2.2.3"
MOVE_STUDY = "1.2.840.10008.5.1.4.1.2.2.2"
EXPLICIT = "1.2.840.10008.1.2.1"
CT = "1.2.840.10008.5.1.4.1.1.2"


def connect(
    calling: str = SCANNER,
    *,
    organization: UUID | None = None,
    **wish: Any,  # noqa: ANN401 (fields of a wish)
) -> UUID:
    """Open a connection of the hospital's own: plain, on this machine, sending and asking."""
    said: dict[str, Any] = {
        "they_send": True,
        "they_ask": True,
        "is_plain": "client_certificate" not in wish,
        "networks": "127.0.0.1",
    }
    asked = ConnectionWish(name="A scanner", called=OURS, calling=calling, **(said | wish))
    at = clock.now()
    row = add_connection(organization or UUID(hospital_id()), None, asked, by="account/one", at=at)
    open_connection(row.pk, by="account/two", at=at)
    return UUID(str(row.pk))


@contextmanager
def served() -> Iterator[int]:
    """Answer DICOM at a free port of this machine."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(BACKLOG)
        server = Server([listening])
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            server.stop()
            thread.join()
            gc.collect()  # what a client left open is let go while its test is asked


@dataclass(frozen=True)
class Caller:
    """A client of somebody else's making, at a port of ours."""

    port: int
    calling: str = SCANNER
    called: str = OURS

    def associate(
        self,
        *classes: str,
        syntaxes: Sequence[str] = (EXPLICIT,),
        **more: Any,  # noqa: ANN401
    ) -> Association:
        """Ask for an association about these SOP classes."""
        client = AE(self.calling)
        for each in classes or (VERIFICATION,):
            client.add_requested_context(each, list(syntaxes))
        return client.associate("127.0.0.1", self.port, ae_title=self.called, **more)

    def collecting(
        self, taken: list[bytes], *classes: str, objects: dict[str, list[str]]
    ) -> Association:
        """Ask for an association in which objects of these classes come back."""

        def take(event: evt.Event) -> int:
            taken.append(event.encoded_dataset(include_meta=False))
            return 0

        client = AE(self.calling)
        for each in classes:
            client.add_requested_context(each)
        for each, syntaxes in objects.items():
            for syntax in syntaxes:
                client.add_requested_context(each, syntax)
        return client.associate(
            "127.0.0.1",
            self.port,
            ae_title=self.called,
            ext_neg=[build_role(each, scp_role=True) for each in objects],
            evt_handlers=[(evt.EVT_C_STORE, take)],
        )


def send_as_it_is(association: Association, data: bytes, *, announced: str = "") -> int:
    """Send a file's data set, byte for byte, and return the status: a client decodes nothing."""
    made = dcmread(BytesIO(data), stop_before_pixels=True)
    syntax, uid = made.file_meta.TransferSyntaxUID, announced or made.SOPInstanceUID
    return send_data_set(association, made.SOPClassUID, uid, syntax, data_set_of(data))


def send_data_set(
    association: Association, sop_class: str, sop_instance: str, syntax: str, data: bytes
) -> int:
    """Send such a data set, whatever it holds, by the context that was agreed for its syntax."""
    context = next(
        each
        for each in association.accepted_contexts
        if each.abstract_syntax == sop_class and each.transfer_syntax[0] == syntax
    )
    request = C_STORE()
    request.MessageID = 7
    request.AffectedSOPClassUID = UID(sop_class)
    request.AffectedSOPInstanceUID = UID(sop_instance)
    request.Priority = 2
    request.DataSet = BytesIO(data)
    association._reactor_checkpoint.clear()  # as its own send_c_store does
    while not association._is_paused:
        sleep(0.0001)
    association.dimse.send_msg(request, context.context_id or 0)
    _, answer = association.dimse.get_msg(block=True)
    association._reactor_checkpoint.set()
    assert isinstance(answer, C_STORE)
    assert answer.Status is not None
    return int(answer.Status)


def data_set_of(data: bytes) -> bytes:
    """Return what follows a file's meta group; all of it where it has none."""
    if data[128:132] != b"DICM":
        return data
    return data[144 + int.from_bytes(data[140:144], "little") :]


def identifier(level: str, **keys: str) -> Dataset:
    asked = Dataset()
    asked.QueryRetrieveLevel = level
    for keyword, value in keys.items():
        setattr(asked, keyword, value)
    return asked


def found(association: Association, asked: Dataset, model: str = FIND_STUDY) -> list[Dataset]:
    """Search, and return the matches; the search ends well."""
    answers = list(association.send_c_find(asked, model))
    assert answers[-1][0].Status == 0, answers[-1]
    assert {status.Status for status, _ in answers[:-1]} <= {0xFF00, 0xFF01}
    return [match for _, match in answers[:-1] if match is not None]


def rejection_of(association: Association) -> tuple[int | None, int | None, int | None]:
    """Return with what an association was rejected: result, source, reason."""
    assert association.is_rejected
    said = association.acceptor.primitive
    assert said is not None
    return said.result, said.result_source, said.diagnostic


def soon(what: Any, seconds: float = 5.0) -> None:  # noqa: ANN401 (a question)
    until = monotonic() + seconds
    while not what():
        assert monotonic() < until
        sleep(0.02)
