"""What can a decoder do that has been taken over? Compute, and nothing else."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from safelight.platform.cage.errors import CageError, CageReason
from safelight.platform.cage.limits import MIB, Limits, frame_seconds
from safelight.platform.cage.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
START = (
    f"import sys; sys.path.append({str(HERE)!r});"
    "from safelight.platform.cage.nursery import main; main('hostile_work')"
)
COMMAND = (sys.executable, "-I", "-B", "-c", START)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    made = Pool(size=2, limits=Limits(memory=512 * MIB, processor=2), command=COMMAND)
    yield made
    made.close()


def ask(pool: Pool, job: str, *, within: float = 20.0, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401
    return pool.run({"job": job, **arguments}, b"", most=1024, seconds=within)[0]


def lost(pool: Pool, job: str, *, within: float = 20.0, **arguments: Any) -> CageError:  # noqa: ANN401
    with pytest.raises(CageError) as caught:
        ask(pool, job, within=within, **arguments)
    return caught.value


def test_a_server_on_this_very_machine_cannot_be_reached(pool: Pool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert ask(pool, "connect", port=server.getsockname()[1])["errno"] != 0
        server.settimeout(0.2)
        with pytest.raises(TimeoutError):
            server.accept()


def test_no_file_can_be_read_or_written(pool: Pool, tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("secret")
    secret.chmod(0o444)

    assert ask(pool, "read", path=str(secret))["errno"] != 0
    assert ask(pool, "read", path="/etc/hostname")["errno"] != 0
    assert ask(pool, "write", path="/tmp/caught")["errno"] != 0  # noqa: S108 - it must fail
    assert ask(pool, "datagram")["errno"] != 0


def test_no_program_can_be_started_and_no_process_touched(pool: Pool) -> None:
    assert ask(pool, "execute")["errno"] != 0
    assert ask(pool, "fork")["errno"] != 0
    assert ask(pool, "signal", process=os.getpid())["errno"] != 0


def test_the_environment_holds_no_secrets(monkeypatch: pytest.MonkeyPatch, pool: Pool) -> None:
    assert "SAFELIGHT_ROOT_KEY_FILE" in os.environ

    assert not [name for name in ask(pool, "look-around")["environment"] if "SAFELIGHT" in name]


def test_walls_are_named_for_the_doctor(pool: Pool) -> None:
    assert set(pool.walls()) & {"own-network-namespace", "system-call-filter"}


def test_hoarded_memory_costs_the_job_alone(pool: Pool) -> None:
    error = lost(pool, "hoard")

    assert (error.reason, error.detail) == (CageReason.TOO_LARGE, "memory")
    assert ask(pool, "sleep", lasting=0) == {}


def test_an_endless_loop_ends_at_the_processor_limit() -> None:
    pool = Pool(size=1, limits=Limits(processor=1), command=COMMAND)
    try:
        error = lost(pool, "spin", within=60)
    finally:
        pool.close()

    assert (error.reason, error.detail) == (CageReason.TIMED_OUT, "processor")


def test_a_job_may_be_given_less_of_the_processor() -> None:
    pool = Pool(size=1, limits=Limits(processor=100), command=COMMAND)
    try:
        error = lost(pool, "spin", processor=1, within=60)
    finally:
        pool.close()

    assert (error.reason, error.detail) == (CageReason.TIMED_OUT, "processor")
    assert frame_seconds(0) < frame_seconds(512 << 20)
    assert frame_seconds(40 << 20) < 10


def test_a_job_that_hangs_ends_at_the_clock(pool: Pool) -> None:
    began = time.monotonic()
    error = lost(pool, "sleep", lasting=60, within=2)

    assert (error.reason, error.detail) == (CageReason.TIMED_OUT, "clock")
    assert time.monotonic() - began < 20


def test_a_crash_costs_the_job_alone_and_others_go_on(pool: Pool) -> None:
    def crash() -> None:
        assert lost(pool, "crash").reason is CageReason.CRASHED

    crashing = [threading.Thread(target=crash) for _ in range(4)]
    for thread in crashing:
        thread.start()
    answers = [ask(pool, "datagram", within=60)["errno"] for _ in range(8)]
    for thread in crashing:
        thread.join()

    assert len(answers) == 8


def test_an_answer_larger_than_promised_is_not_read(pool: Pool) -> None:
    assert lost(pool, "flood", length=1025).reason is CageReason.TOO_LARGE
    assert pool.run({"job": "flood", "length": 1024}, b"", most=1024, seconds=20)[1] == b"x" * 1024


def test_what_native_code_prints_does_not_disturb_the_answer(pool: Pool) -> None:
    assert pool.run({"job": "chatter"}, b"payload", most=7, seconds=20)[1] == b"payload"


def test_an_errors_own_words_stay_in_the_cage(pool: Pool) -> None:
    error = lost(pool, "confess")

    assert (error.reason, error.detail) == (CageReason.REFUSED, "undecodable")
    assert "patient" not in str(error)
    assert lost(pool, "no such job").reason is CageReason.REFUSED


def test_a_child_is_replaced_after_its_share_of_jobs() -> None:
    pool = Pool(size=1, jobs_per_child=5, command=COMMAND)
    try:
        for _ in range(40):
            ask(pool, "datagram")
            time.sleep(0.05)
        assert pool.tally["recycled"] >= 1
        assert pool.tally["lost"] == 0
    finally:
        pool.close()


def test_a_pool_whose_children_cannot_start_says_so() -> None:
    pool = Pool(size=1, command=(sys.executable, "-c", "raise SystemExit(1)"))
    try:
        error = lost(pool, "datagram")
    finally:
        pool.close()

    assert (error.reason, error.detail) == (CageReason.CRASHED, "cannot-start")


def test_a_closed_pool_takes_no_job_and_leaves_no_child() -> None:
    pool = Pool(size=1, command=COMMAND)
    pool.walls()
    children = [child.pid for child in pool._all]
    pool.close()

    assert lost(pool, "datagram").reason is CageReason.BUSY
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


def test_when_every_child_is_busy_the_wait_has_an_end() -> None:
    pool = Pool(size=1, command=COMMAND)
    try:
        pool.walls()
        long = threading.Thread(target=ask, args=(pool, "sleep"), kwargs={"lasting": 3})
        long.start()
        time.sleep(0.5)
        error = lost(pool, "datagram", within=0.5)
        long.join()
    finally:
        pool.close()

    assert (error.reason, error.detail) == (CageReason.BUSY, "queue")
