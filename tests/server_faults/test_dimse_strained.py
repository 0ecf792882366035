"""Thousands of rude callers, objects larger than memory may be, and several processes."""

from __future__ import annotations

import socket
import struct
from contextlib import ExitStack, suppress
from io import BytesIO
from time import perf_counter, sleep
from typing import Any

import pytest
from pynetdicom import AE, build_role, evt
from pynetdicom.dimse_primitives import C_STORE

from dicom_peer import (
    CT,
    EXPLICIT,
    GET_STUDY,
    OURS,
    SCANNER,
    Caller,
    data_set_of,
    identifier,
    send_data_set,
)
from dimse_server import callers_of, calling, memory
from figures import figure
from objects import a_file, uid
from server import Server

pytestmark = [
    pytest.mark.server,
    pytest.mark.filterwarnings("ignore:unclosed <s"),
]
MIB = 1 << 20
IN_TIME = 5.0  # seconds; a busy machine needs them
ABORT = struct.pack(">BxIBBBB", 7, 4, 0, 0, 2, 0)
RUDE = [
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\0" * 64,
    struct.pack(">BxI", 1, 0xFFFFFFFF) + b"x" * 64,
    struct.pack(">BxI", 1, 68) + b"\xff" * 68,
    struct.pack(">BxI", 1, 4000) + b"\0" * 100,  # half an association
    struct.pack(">BxI", 4, 12) + b"\0" * 12,
    struct.pack(">BxI", 4, 12) + struct.pack(">IBB", 0xFFFFFFF0, 1, 3) + b"\0" * 6,
    struct.pack(">BxI", 5, 4) + b"\0" * 4,
    struct.pack(">BxI", 9, 4) + b"\0" * 4,
    ABORT,
    b"\x16\x03\x01\x02\x00\x01\x00",
    b"",
]


def greets(caller: Caller) -> float:
    began = perf_counter()
    association = caller.associate()
    assert association.is_established
    assert association.send_c_echo().Status == 0
    took = perf_counter() - began
    association.release()
    return took


def is_rude(port: int, number: int) -> None:
    """Come, say something that is none of DICOM or half of it, and go, now or a little later."""
    said = RUDE[number % len(RUDE)]
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as rude:
        if number % 7 == 0:
            for at in range(min(len(said), 8)):  # by drips
                rude.sendall(said[at : at + 1])
                sleep(0.001)
        else:
            rude.sendall(said)
        if number % 3 == 0:
            rude.shutdown(socket.SHUT_WR)
            while rude.recv(4096):
                pass


def strained(server: Server, count: int) -> tuple[float, int]:
    """Let so many rude ones come beside 200 idle ones; return the worst wait and the growth."""
    caller = Caller(calling(server))
    waits = []
    with ExitStack() as held:
        for _ in range(200):
            held.enter_context(socket.create_connection(("127.0.0.1", caller.port)))
        for number in range(400):
            is_rude(caller.port, number)
        waits.append(greets(caller))
        before = memory(server)
        for number in range(count):
            is_rude(caller.port, number)
            if number % (count // 10) == 0:
                waits.append(greets(caller))
        waits.append(greets(caller))
        grown = memory(server) - before
    figure(f"dimse.rude-callers-{count}.worst-wait", round(max(waits) * 1000), "ms")
    figure(f"dimse.rude-callers-{count}.grown", grown // 1024, "KiB")
    return max(waits), grown


def test_a_thousand_rude_callers_stop_nobody_and_cost_no_memory(server: Server) -> None:
    worst, grown = strained(server, 1_000)
    assert worst < IN_TIME
    assert grown < 16 * MIB


@pytest.mark.long
def test_ten_thousand_rude_callers_stop_nobody_and_cost_no_memory(server: Server) -> None:
    worst, grown = strained(server, 10_000)
    assert worst < IN_TIME
    assert grown < 16 * MIB


def through(server: Server, size: int) -> tuple[int, int]:
    """Send one object of so many bytes and get it back; return what each cost at the peak."""
    port = calling(server)
    came: list[bytes] = []

    def take(event: evt.Event) -> int:
        assert isinstance(event.request, C_STORE)
        assert isinstance(event.request.DataSet, BytesIO)
        came.append(event.request.DataSet.getvalue())
        return 0

    client = AE(SCANNER)
    client.add_requested_context(GET_STUDY)
    client.add_requested_context(CT, [EXPLICIT])
    client.dimse_timeout = client.network_timeout = 300
    association = client.associate(
        "127.0.0.1",
        port,
        ae_title=OURS,
        ext_neg=[build_role(CT, scu_role=True, scp_role=True)],
        evt_handlers=[(evt.EVT_C_STORE, take)],
    )

    def put_and_get(number: int, **more: Any) -> tuple[int, int]:  # noqa: ANN401 (elements)
        data = data_set_of(a_file(number, **more))
        before = memory(server, "VmHWM")
        assert send_data_set(association, CT, uid(1, 1, number), EXPLICIT, data) == 0
        between = memory(server, "VmHWM")
        asked = identifier(
            "IMAGE",
            StudyInstanceUID=uid(1),
            SeriesInstanceUID=uid(1, 1),
            SOPInstanceUID=uid(1, 1, number),
        )
        answers = [each.Status for each, _ in association.send_c_get(asked, GET_STUDY)]
        assert answers[-1] == 0
        assert came.pop() == data
        return between - before, memory(server, "VmHWM") - between

    put_and_get(1)
    rows = cols = 1024
    frames = size // (rows * cols * 2)
    pixels = bytes(range(256)) * (rows * cols * 2 * frames // 256)
    got = put_and_get(2, Rows=rows, Columns=cols, NumberOfFrames=frames, PixelData=pixels)
    association.release()
    figure(f"dimse.object-of-{size // MIB}.received", got[0] // MIB, "MiB")
    figure(f"dimse.object-of-{size // MIB}.returned", got[1] // MIB, "MiB")
    return got


def test_a_large_object_goes_in_and_out_without_being_held(server: Server) -> None:
    received, returned = through(server, 128 * MIB)
    assert received < 64 * MIB
    assert returned < 64 * MIB


@pytest.mark.long
def test_half_a_gigabyte_goes_in_and_out_without_being_held(server: Server) -> None:
    received, returned = through(server, 500 * MIB)
    assert received < 64 * MIB
    assert returned < 64 * MIB


def test_several_processes_share_the_callers(server: Server) -> None:
    caller = Caller(calling(server, processes=2))
    many = [caller.associate(CT) for _ in range(8)]
    assert all(each.is_established for each in many)
    taken = callers_of(server, caller.port)
    assert sorted(taken.values()) == [4, 4]
    for number, each in enumerate(many, start=1):
        data = data_set_of(a_file(number))
        assert send_data_set(each, CT, uid(1, 1, number), EXPLICIT, data) == 0
    for each in many:
        each.release()
