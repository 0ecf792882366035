"""Is every change of what lies in the store found, named to the object, and never served?

A thousand random ones in pieces of a hundred; the first piece runs always. Expected is what
a comparison of the bytes says, found is what a scrub puts into quarantine and on record.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

import numpy as np
import pytest
from starlette.testclient import TestClient

import bases
from archived import Archive, Shelf
from cast import Person
from figures import figure
from objects import uid
from safelight.kernel import clock
from safelight.platform.audit.models import Entry
from safelight.platform.storage.packs import Place
from safelight.records.accounts import allowances
from safelight.records.accounts.models import Attempts
from safelight.records.imaging.erasing import erase_study
from safelight.records.imaging.models import Instance, Quarantined, Study
from safelight.records.imaging.store import reader, writer
from safelight.records.imaging.upkeep.scrub import Scrub
from safelight.records.imaging.upkeep.sweep import pack_subject
from tampering_packs import HARMS, OF_CHUNKS, OF_SMALL, Harm, Harmed, Target, chunks_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
A_PIECE = 100
WIDE = 384  # pixels: 288 KiB, which nothing makes smaller


@pytest.fixture
def archive(web: TestClient, owner: Person, stranger: Person) -> Iterator[Archive]:
    shelf = Shelf()
    writer().close()
    for name in shelf.names():
        shelf.write(name, None)
    made = Archive(web, (owner, stranger), shelf)
    noise = np.random.default_rng(5).integers(0, 65536, WIDE * WIDE, dtype="<u2").tobytes()
    for number, person in enumerate(made.people, start=1):
        # An exam that is erased and sent again: its old records are well sealed, and dead.
        made.send(person, 10 * number, (1, 2, 3))
        writer().close()
        before = shelf.read()
        for row in Instance.objects.filter(pack__in=before):
            if made.at.get(row.id, "").startswith(f"/dicomweb/studies/{uid(10 * number)}/"):
                made.dead.append(before[row.pack][row.offset : row.offset + row.length])
        study = Study.objects.order_by("received_at").last()
        assert study is not None
        assert erase_study(study, at=clock.now())
        made.send(person, 10 * number, (1, 2, 3))
        if not bases.ON_POSTGRES:
            made.older |= {name: shelf.read()[name] for name in _last(made)}
        made.send(person, 10 * number + 1, (1,), Rows=WIDE, Columns=WIDE, PixelData=noise)
        made.send(person, 10 * number + 2, (1, 2))
        writer().close()
        made.send(person, 10 * number + 3, (1, 2, 3))
        made.send(person, 10 * number + 4, (1,), Rows=WIDE, Columns=WIDE, PixelData=noise[::-1])
        writer().close()
    made.sound = shelf.read()
    if bases.ON_POSTGRES:
        # An object of a bucket is put once; an older one is what it was begun with.
        made.older = {name: content[: len(content) // 2] for name, content in made.sound.items()}
    named = {row.pack for row in made.rows()}
    made.sound = {name: content for name, content in made.sound.items() if name in named}
    made.older = {name: content for name, content in made.older.items() if name in named}
    made.at = {row.id: made.at[row.id] for row in made.rows()}
    yield made
    for name in shelf.names():
        shelf.write(name, None)


def _last(archive: Archive) -> set[str]:
    return {archive.rows()[-1].pack}


def scrub() -> dict[UUID, str]:
    """Read everything again, and say what is in quarantine and why."""
    list(Scrub.resume(at=clock.now(), anew=True).go_on())
    return dict(Quarantined.objects.values_list("object_id", "reason"))


def a_target(archive: Archive, harm: Harm, dice: random.Random) -> Target:
    """Choose a record of the kind that a harm needs."""
    places = tuple(Place(row.pack, row.offset, row.length) for row in archive.rows())
    lengths = Counter(len(each) for each in archive.dead)
    fit = [
        place
        for place in places
        if (harm not in OF_CHUNKS or chunks_of(place.length) > 3)
        and (harm not in OF_SMALL or place.length in lengths)
    ]
    return Target(
        dice, archive.sound, places, dice.choice(fit), archive.older, tuple(archive.dead),
        archive.whose,
    )  # fmt: skip


@pytest.mark.parametrize(
    "piece", [0, *(pytest.param(piece, marks=pytest.mark.long) for piece in range(1, 10))]
)
def test_each_of_a_hundred_changes_is_found_named_and_not_served(
    archive: Archive, piece: int
) -> None:
    dice = random.Random(20_261_124 + piece)  # noqa: S311 (which harm comes next is no secret)
    assert scrub() == {}
    assert all(archive.is_served_whole(each) for each in archive.at)
    done: Counter[str] = Counter()
    missed, misplaced, served = [], [], []
    for number in range(A_PIECE):
        harm = HARMS[number % len(HARMS)] if number < len(HARMS) else dice.choice(HARMS)
        harmed = harm(a_target(archive, harm, dice))
        expected = archive.damaged(harmed)
        assert expected, f"{harm.__name__} changed nothing"
        done[harm.__name__] += 1
        Attempts.objects.all().delete()
        allowances.forget()
        archive.harm(harmed)
        for name in harmed:  # as after a restart; what is open already still reads as it was
            reader().forget(name)
        asked = dice.sample(sorted(expected), min(2, len(expected)))
        served += [harm.__name__ for each in asked if archive.is_altered_served(each)]
        found = scrub()
        if not found:
            missed.append(harm.__name__)
        elif found != expected:
            misplaced.append((harm.__name__, expected, found))
        served += [harm.__name__ for each in asked if archive.is_altered_served(each)]
        archive.heal(harmed)
        for name in harmed:
            reader().forget(name)
        assert scrub() == {}, harm.__name__
    assert (missed, misplaced, served) == ([], [], [])
    assert len(done) == len(set(HARMS))
    store = "s3" if bases.ON_POSTGRES else "folder"
    for counted in ("made", "found", "located"):
        figure(f"tampers.{counted}.packs_{store}.{piece}", A_PIECE, "tampers")


def test_an_object_and_a_pack_are_named_on_record(archive: Archive) -> None:
    first, *_, last = archive.rows()
    broken = bytearray(archive.sound[first.pack])
    broken[first.offset + 200] ^= 4
    archive.harm({first.pack: bytes(broken), last.pack: None})

    found = scrub()

    assert found[first.id] == "broken"
    assert found[last.id] == "pack-missing"
    subjects = set(Entry.objects.filter(outcome="failed").values_list("kind", "subject"))
    assert ("object.quarantined", f"object/{first.id}") in subjects
    assert ("pack.missing", pack_subject(last.pack)) in subjects


def test_bytes_after_the_last_record_are_noise_and_change_nothing(archive: Archive) -> None:
    grown: Harmed = {name: whole + b"\x89SLR" * 99 for name, whole in archive.sound.items()}
    archive.harm(grown)
    assert archive.damaged(grown) == {}
    assert scrub() == {}
    assert not any(archive.is_altered_served(each) for each in archive.at)
