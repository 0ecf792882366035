"""Whichever write or sync fails, nothing acknowledged is lost, and storing goes on.

strace lets the n-th call of a living server fail, or of an import; a call that failed
did nothing. Afterwards the same server, or the next import, works, and what was
acknowledged is there.
"""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest

from archives import archive, noise
from cast import multipart
from forked import Nursery
from killing import STORED, Killing
from ledger import address, study_of
from objects import a_file, uid
from server import EMAIL, Server, copied

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]

CALLS = "pwritev,pwritev2,pwrite64,fdatasync,fsync,ftruncate,fallocate"
FILES = 6
A_GROUP = 2
LARGE = {1: 600, 2: 1500}  # numbers, and sides in pixels; the first is in a zip
IN_MEMORY = 64 << 10  # of what is in a zip; more waits in a spool
FULL_PIECES = 10
TRIES = 24  # each thread of the server has an n-th call of its own


@pytest.fixture(scope="module")
def nursery(template: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    made = Nursery.open(copied(template, tmp_path_factory.mktemp("nth")))
    yield made
    made.close()


@pytest.fixture(scope="module")
def killing(nursery: Nursery) -> Killing:
    return Killing(nursery, nursery.server.data.parent / "work", 0)


def failing(error: str, when: str) -> list[str]:
    return [
        "-o",
        "/dev/null",
        "-e",
        f"trace={CALLS}",
        "-e",
        f"inject={CALLS}:error={error}:when={when}",
    ]


def folder_of(killing: Killing) -> Path:
    """Make a folder of new files to import."""
    killing.kills += 1
    run = killing.kills
    folder = killing.work / f"run-{run}"
    folder.mkdir(parents=True)
    files = {uid(run, 1, each): a_file(each, study=run) for each in range(1, FILES + 1)}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    killing.ledger.send(files)
    return folder


def full_folder_of(killing: Killing) -> Path:
    """Make a folder with all that an import meets: also large objects, and one inside a zip.

    A large object has a pack to itself; in a zip it waits in a spool first.
    """
    folder = folder_of(killing)
    run = killing.kills
    large = {uid(run, 2, each): large_file(each, side, study=run) for each, side in LARGE.items()}
    (packed, data), *others = sorted(large.items())
    for name, file in others:
        (folder / name).write_bytes(file)
    (folder / "archive.zip").write_bytes(archive((packed, data), good=False))
    killing.ledger.send(large)
    return folder


def large_file(number: int, side: int, *, study: int) -> bytes:
    pixels = noise(number, side * side * 2)
    return a_file(number, study=study, series=2, Rows=side, Columns=side, PixelData=pixels)


def calls_of_an_import(killing: Killing, made: Callable[[Killing], Path]) -> int:
    """Count the calls that an import makes where none fails."""
    log = killing.work.with_name("calls")
    killing.nursery.order(
        "import", account=EMAIL, folder=str(made(killing)), group=A_GROUP, in_memory=IN_MEMORY,
        watch=["-o", str(log), "-e", f"trace={CALLS}"],
    )  # fmt: skip
    return sum(") = " in line for line in log.read_text().splitlines())


def fail_imports(
    killing: Killing, first: int, step: int, made: Callable[[Killing], Path] = folder_of
) -> int:
    """Let one call of an import fail, another in the next import: each `step`-th from `first`.

    What an import had acknowledged when it failed reads well before it is resumed.
    """
    calls = calls_of_an_import(killing, made)
    assert calls > 30
    tried = failed = 0
    for error in ("EIO", "ENOSPC"):
        for nth in range(first, calls + 1, step):
            tried += 1
            options = {
                "account": EMAIL,
                "folder": str(made(killing)),
                "group": A_GROUP,
                "in_memory": IN_MEMORY,
            }
            said = killing.nursery.order("import", watch=failing(error, str(nth)), **options)
            expect_sound(killing, said["kept"], (error, nth))
            again = killing.nursery.order("import", **options)
            assert not again["fault"], (error, nth, again)
            run = uid(killing.kills)
            assert set(again["kept"]) == {
                name for name in killing.ledger.sent if study_of(name) == run
            }, (error, nth)
            assert set(said["kept"]) <= set(again["kept"])
            killing.ledger.keep(again["kept"])
            failed += bool(said["fault"])
    assert failed > tried / 2, (failed, tried)
    return tried


def expect_sound(killing: Killing, kept: list[str], when: tuple[str, int]) -> None:
    if not kept:
        return
    told = killing.nursery.order("look", uids=kept)
    for name, found in told["objects"].items():
        assert [row["reads"] for vault in found for row in vault["filed"]] == ["sound"], (
            when, name, found,
        )  # fmt: skip


def test_an_import_survives_any_write_that_fails(killing: Killing) -> None:
    assert fail_imports(killing, 7, 25) >= 6
    look_at_all(killing)


@pytest.mark.long
@pytest.mark.parametrize("piece", range(1, 7))
def test_an_import_survives_every_write_that_fails(killing: Killing, piece: int) -> None:
    tried = fail_imports(killing, piece, 6)
    print(f"{tried} imports in each of which one call failed, 0 lost")  # noqa: T201
    look_at_all(killing)


@pytest.mark.long
@pytest.mark.parametrize("piece", range(1, FULL_PIECES + 1))
def test_a_full_import_survives_every_write_that_fails(killing: Killing, piece: int) -> None:
    tried = fail_imports(killing, piece, FULL_PIECES, full_folder_of)
    print(f"{tried} full imports in each of which one call failed, 0 lost")  # noqa: T201
    look_at_all(killing)


def fetched(nursery: Nursery, run: int, number: int) -> bytes:
    """Fetch an object; where the look cannot be recorded it is refused, and asked for again."""
    for _ in range(TRIES):
        got = nursery.server.get(address(uid(run, 1, number)), accept="application/dicom")
        if got.status == 200:
            return got.body
        assert got.status in {500, 503, 507}, got.status
    raise AssertionError("it did not recover")


def fail_a_server(killing: Killing, error: str, nth: int) -> int:
    """Let the n-th call of each thread of a server fail; return how many requests it refused."""
    nursery, refused = killing.nursery, 0
    killing.kills += 1
    run = killing.kills
    nursery.serve(watch=failing(error, str(nth)))
    for number in range(1, FILES + 1):
        data = a_file(number, study=run)
        killing.ledger.send({uid(run, 1, number): data})
        body, headers = multipart(data)
        for _ in range(TRIES):
            try:
                answer = nursery.server.request("POST", "/dicomweb/studies", body, headers)
            except (OSError, http.client.HTTPException) as error_of_ours:
                raise AssertionError("the server went away") from error_of_ours
            said = orjson.loads(answer.body)
            if answer.status == 200:
                killing.ledger.keep(
                    [each["00081155"]["Value"][0] for each in said[STORED]["Value"]]
                )
                break
            assert answer.status in {500, 503, 507}, (answer.status, said)
            assert said.get("detail") or said.get("00081198"), said
            refused += 1
        else:
            raise AssertionError(f"it did not recover: {error} {nth}")
    for number in range(1, FILES + 1):
        assert fetched(nursery, run, number) == killing.ledger.sent[uid(run, 1, number)]
    nursery.kill()
    return refused


def test_a_server_survives_any_write_that_fails(killing: Killing) -> None:
    faults = [("EIO", 1), ("EIO", 3), ("EIO", 9), ("EIO", 20), ("ENOSPC", 1), ("ENOSPC", 6)]
    assert sum(fail_a_server(killing, error, nth) for error, nth in faults)
    look_at_all(killing)


@pytest.mark.long
@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
def test_a_server_survives_every_write_that_fails(killing: Killing, error: str) -> None:
    refused = sum(fail_a_server(killing, error, nth) for nth in range(1, 51))
    print(f"50 servers with failing calls, {refused} requests refused, 0 lost")  # noqa: T201
    look_at_all(killing)


def look_at_all(killing: Killing) -> None:
    """See that a server that starts now has everything, and that all of it is whole."""
    killing.nursery.serve()
    for instance in killing.ledger.expected():
        killing._expect_one(instance)
    killing.nursery.kill()
    said = killing.nursery.order("check", before=killing.left_alone())
    assert said["problems"] == [], said
