"""Callers that are rude, slow or lie: they end by themselves, and others are served meanwhile."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from io import BytesIO
from time import perf_counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom import dcmread

from cast import Person
from dicom_peer import CT, VERIFICATION, Caller, connect, rejection_of, served
from objects import a_file
from safelight.platform.peers.dimse import commands, negotiation
from safelight.platform.peers.dimse.conversation import _fragments_of
from safelight.platform.peers.dimse.faults import ProtocolError
from safelight.platform.peers.dimse.line import LARGEST_PDU
from safelight.records.imaging.models import Instance
from safelight.surfaces.dimse import association as rules

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
    pytest.mark.filterwarnings(
        "ignore:unclosed <s"
    ),  # a client that was hung up on leaves its socket
]
SOON = 3.0  # seconds; a busy machine needs them
GARBAGE = [
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\0" * 64,
    struct.pack(">BxI", 1, 0xFFFFFFFF) + b"x" * 64,
    struct.pack(">BxI", 1, 68) + b"\xff" * 68,
    struct.pack(">BxI", 4, 12) + b"\0" * 12,
    struct.pack(">BxI", 5, 4) + b"\0" * 4,
    struct.pack(">BxI", 9, 4) + b"\0" * 4,
    b"\x16\x03\x01\x02\x00\x01\x00",
    b"",
]


@pytest.fixture
def caller(clinician: Person) -> Iterator[Caller]:
    """Let in a scanner of the clinician's hospital."""
    connect()
    with served() as port:
        yield Caller(port)


def greets(caller: Caller) -> float:
    """Let a well-behaved caller be answered, and say how long it took."""
    began = perf_counter()
    association = caller.associate()
    assert association.is_established
    assert association.send_c_echo().Status == 0
    took = perf_counter() - began
    association.release()
    return took


def test_garbage_ends_and_others_are_served(caller: Caller) -> None:
    for number in range(90):
        with socket.create_connection(("127.0.0.1", caller.port)) as rude:
            rude.sendall(GARBAGE[number % len(GARBAGE)])
            if number % 2:
                rude.settimeout(10)
                with suppress(OSError):  # hung up on already
                    rude.shutdown(socket.SHUT_WR)
                    while rude.recv(4096):
                        pass
    assert greets(caller) < SOON


def test_two_hundred_idle_connections_stop_nobody(caller: Caller) -> None:
    with ExitStack() as held:
        for _ in range(200):
            held.enter_context(socket.create_connection(("127.0.0.1", caller.port)))
        assert max(greets(caller) for _ in range(3)) < SOON


def test_more_idle_ones_than_there_is_room_for_give_way(caller: Caller) -> None:
    with ExitStack() as held:
        idle = [
            held.enter_context(socket.create_connection(("127.0.0.1", caller.port)))
            for _ in range(300)
        ]
        assert greets(caller) < SOON
        idle[0].settimeout(5)
        assert idle[0].recv(1) == b""  # the oldest went


def test_a_pdu_longer_than_agreed_ends_the_association(caller: Caller) -> None:
    association = caller.associate(CT)
    raw = association.dul.socket
    assert raw is not None
    assert association.acceptor.maximum_length == LARGEST_PDU
    raw.send(struct.pack(">BxI", 4, LARGEST_PDU + 1))
    association.join(5)
    assert association.is_aborted
    assert greets(caller) < SOON


def test_one_connection_has_ten_associations_at_most(caller: Caller) -> None:
    many = [caller.associate() for _ in range(rules.MOST_OF_ONE)]
    assert all(each.is_established for each in many)
    assert rejection_of(caller.associate()) == (2, 3, 2)
    many[0].release()
    many[0] = caller.associate()
    assert many[0].is_established
    for each in many:
        each.release()


def test_one_that_hangs_up_in_the_middle_leaves_nothing(caller: Caller) -> None:
    association = caller.associate(CT, VERIFICATION)
    made = dcmread(BytesIO(a_file(1)))
    raw = association.dul.socket
    assert raw is not None
    command = commands.written(
        {
            commands.FIELD: commands.C_STORE,
            commands.MESSAGE_ID: 1,
            commands.PRIORITY: 0,
            commands.DATA_SET_TYPE: 1,
            commands.AFFECTED_CLASS: str(made.SOPClassUID),
            commands.AFFECTED_INSTANCE: str(made.SOPInstanceUID),
        }
    )
    raw.send(struct.pack(">BxIIBB", 4, len(command) + 6, len(command) + 2, 1, 3) + command)
    raw.send(struct.pack(">BxIIBB", 4, 1006, 1002, 1, 0) + b"\0" * 1000)
    association.abort()
    assert greets(caller) < SOON
    assert Instance.objects.count() == 0


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_forged_bytes_are_faults_and_nothing_else(data: bytes) -> None:
    for read in (
        lambda: commands.read(data),
        lambda: negotiation.read_proposal(memoryview(data)),
        lambda: list(_fragments_of(memoryview(data))),
    ):
        with suppress(ProtocolError):
            read()
