"""Senders, a server that is killed under them, and looks at what it kept."""

from __future__ import annotations

import http.client
import json
import random
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from cast import multipart
from figures import figure
from forked import Nursery
from ledger import Ledger, LostError, address, study_of
from objects import a_file, uid
from server import EMAIL, Answer

STORED = "00081199"
SENDERS = 4
BUSY = 503
TRIES = 5
PATIENCE = 5.0  # seconds that a kill waits for an acknowledgement
A_PIECE = 50  # kills of one of the pieces that make a thousand; well below ten minutes
PIECES = range(1, 21)
REPORTS = Path(__file__).resolve().parent.parent / ".setup" / "kills"
LOOKED_AT_AGAIN = 6  # old objects that are fetched anew after each kill


@dataclass
class Killing:
    """Kills of one instance, one after another, each checked before the next."""

    nursery: Nursery
    work: Path
    seed: int
    ledger: Ledger = field(default_factory=Ledger)
    kills: int = 0
    looks: int = 0  # objects fetched and compared
    seconds: float = 0.0
    reports: Path = REPORTS
    by_kind: dict[str, int] = field(default_factory=dict)
    bug: str = ""  # what is built into the servers on purpose (misbuilt.py)

    def go_on(self, kills: int) -> None:
        """Kill so many times; everything is checked at the end once more."""
        began = time.monotonic()
        chance = random.Random(self.seed)  # noqa: S311 (repeatable, guards nothing)
        fresh: set[str] = set()
        for number in range(1, kills + 1):
            kind = chance.choices(["store", "upkeep", "import"], [6, 3, 2])[0]
            before = set(self.ledger.kept)
            with self._reported(f"kill {number}, of {kind}"):
                if kind == "import":
                    self._kill_an_import(number, chance, fresh)
                else:
                    self._kill_a_server(number, chance, fresh, upkeep=kind == "upkeep")
                assert not self.ledger.faults, self.ledger.faults
            fresh = self.ledger.kept - before
            self.kills += 1
            self.by_kind[kind] = self.by_kind.get(kind, 0) + 1
        with self._reported("the last look"):
            self._last_look()
        self.seconds = time.monotonic() - began

    @contextmanager
    def _reported(self, what: str) -> Iterator[None]:
        """Write down all that is known of what goes wrong inside, in a file that stays."""
        try:
            yield
        except Exception as error:
            path = self.reports / f"{time.strftime('%Y%m%d-%H%M%S')}-{self.seed}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._report(what))
            raise AssertionError(f"{what}: {error}. All that is known: {path}") from error

    def _report(self, what: str) -> str:
        error = sys.exception()
        instances = error.instances if isinstance(error, LostError) else set()
        folder = self.nursery.server.data
        try:
            known = self.nursery.order("look", uids=sorted(instances)[:20])
        except (OSError, ValueError, AssertionError) as silent:
            known = {"not told": repr(silent)}
        files = sorted(each for each in folder.rglob("*") if each.is_file())
        parts = {
            "what": f"{what}, seed {self.seed}, {datetime.now(UTC)}, {folder}",
            "error": traceback.format_exc(),
            "faults": "\n".join(self.ledger.faults),
            "ledger": f"{len(self.ledger.sent)} sent, {len(self.ledger.kept)} acknowledged, "
            f"{sorted(self.ledger.erased)} erased or about to be",
            "known": json.dumps(known, indent=1),
            "files": "\n".join(
                f"{each.stat().st_size:>12} {each.stat().st_mtime:.3f} {each.relative_to(folder)}"
                for each in files
            ),
            "said": self.nursery.said(),
        }
        return "\n\n".join(f"== {name}\n{text}" for name, text in parts.items())

    def _kill_a_server(
        self, run: int, chance: random.Random, fresh: set[str], *, upkeep: bool
    ) -> None:
        more: dict[str, Any] = {"bug": self.bug}
        if upkeep:
            more |= {
                "upkeep": chance.randrange(1, 1 << 30),
                "erase": self._choose_to_erase(chance),
                "before": self.left_alone(),
            }
        self.nursery.serve(**more)
        self._expect(fresh, chance)
        threads = [
            threading.Thread(target=self._send, args=(run, number, chance.random()))
            for number in range(SENDERS)
        ]
        for thread in threads:
            thread.start()
        self._wait_for(chance.randrange(12), chance.uniform(0.0, 0.05))
        self.nursery.kill()
        for thread in threads:
            thread.join()

    def _wait_for(self, more: int, moment: float) -> None:
        """Wait until so many more objects are acknowledged, at most a while, and then a moment."""
        wanted, deadline = len(self.ledger.kept) + more, time.monotonic() + PATIENCE
        while len(self.ledger.kept) < wanted and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(moment)

    def _kill_an_import(self, run: int, chance: random.Random, fresh: set[str]) -> None:
        """Kill an import, then see that what it had acknowledged is there."""
        self.nursery.serve()
        self._expect(fresh, chance)
        self.nursery.kill()
        folder = self.work / f"import-{run}"
        folder.mkdir(parents=True)
        files = {
            uid(run, 9, number): a_file(number, study=run, series=9) for number in range(1, 25)
        }
        for name, data in files.items():
            (folder / name).write_bytes(data)
        self.ledger.send(files)
        said = self.nursery.order(
            "import", account=EMAIL, folder=str(folder), group=5,
            kill_after=chance.randrange(5), moment=chance.uniform(0.0, 0.1),
        )  # fmt: skip
        self.ledger.keep(said["kept"])

    def _send(self, run: int, sender: int, seed: float) -> None:
        chance = random.Random(seed)  # noqa: S311 (repeatable, guards nothing)
        number = 0
        while True:
            files: dict[str, bytes] = {}
            for _ in range(chance.choice([1, 1, 2, 5])):
                number += 1
                files[uid(run, sender + 1, number)] = made(run, sender + 1, number, chance)
            self.ledger.send(files)
            body, headers = multipart(*files.values())
            try:
                answer = self.nursery.server.request("POST", "/dicomweb/studies", body, headers)
            except (OSError, http.client.HTTPException):
                return
            if answer.status == BUSY:
                continue  # an honest answer: it was not acknowledged
            try:
                assert answer.status in {200, 202}
                said = orjson.loads(answer.body)[STORED]["Value"]
                self.ledger.keep([each["00081155"]["Value"][0] for each in said])
            except (AssertionError, ValueError, LookupError) as error:
                told = f"{answer.status} {answer.headers} {answer.body!r}"
                self.ledger.faults.append(f"{error!r}: {list(files)} were answered {told}")
                return

    def _expect(self, fresh: set[str], chance: random.Random) -> None:
        """Fetch what was acknowledged last, some of the rest, and all that is half done."""
        kept = sorted(self.ledger.expected())
        some = chance.sample(kept, min(len(kept), LOOKED_AT_AGAIN))
        for instance in fresh | set(some):
            if study_of(instance) not in self.ledger.erased:
                self._expect_one(instance)
        for study in {study_of(instance) for instance in fresh} - self.ledger.erased:
            self._expect_nothing_half_done(study)

    def _expect_one(self, instance: str) -> None:
        got = self._patiently(address(instance), "application/dicom")
        if got.status != 200:
            raise LostError({instance}, got)
        if got.body != self.ledger.sent[instance]:
            raise LostError({instance})
        self.looks += 1

    def _expect_nothing_half_done(self, study: str) -> None:
        """Whatever is listed was sent, and can be fetched whole; nothing kept is unlisted."""
        found = self._patiently(f"/dicomweb/studies/{study}/instances?limit=1000", "*/*")
        if found.status not in {200, 204}:
            raise LostError({study}, found)
        listed = {each["00080018"]["Value"][0] for each in orjson.loads(found.body or b"[]")}
        kept = {each for each in self.ledger.expected() if study_of(each) == study}
        if wrong := (kept - listed) | (listed - set(self.ledger.sent)):
            raise LostError(wrong, found)
        for instance in listed - kept:
            self._expect_one(instance)

    def _patiently(self, path: str, accept: str) -> Answer:
        """Ask, and ask again where the server is too busy to put the look on record."""
        for _ in range(TRIES):
            got = self.nursery.server.get(path, accept=accept)
            if got.status != BUSY:
                break
        return got

    def _choose_to_erase(self, chance: random.Random) -> list[str]:
        studies = sorted({study_of(each) for each in self.ledger.expected()})
        chosen = chance.sample(studies, 1) if len(studies) > 3 else []
        self.ledger.erased |= set(chosen)
        return chosen

    def left_alone(self) -> float:
        """Return a moment after all that was written, and before all that will be: none writes now.

        A bucket tells times in whole seconds; there the next one is waited for.
        """
        if not self.nursery.server.env:
            return time.time()
        time.sleep(1 - time.time() % 1)
        return time.time() // 1 - 0.5

    def _last_look(self) -> None:
        for folder in sorted(self.work.glob("import-*")):
            said = self.nursery.order("import", account=EMAIL, folder=str(folder), group=64)
            assert not said["fault"], said
            study = folder.name.removeprefix("import-")
            self.ledger.erased.discard(uid(int(study)))
            self.ledger.keep(said["kept"])
            assert len(set(said["kept"])) == len(list(folder.iterdir())), folder
        self.nursery.serve()
        for instance in self.ledger.expected():
            self._expect_one(instance)
        for study in {study_of(each) for each in self.ledger.expected()}:
            self._expect_nothing_half_done(study)
        self.nursery.kill()
        said = self.nursery.order("check", before=self.left_alone())
        assert said.get("problems") == [], said
        assert said["objects"] >= len(self.ledger.expected())


def made(run: int, series: int, number: int, chance: random.Random) -> bytes:
    """Return an object: mostly small, now and then large enough to have a pack to itself."""
    side = chance.choices([16, 256, 1500], [40, 8, 1])[0]
    if side == 16:
        return a_file(number, study=run, series=series)
    pixels = chance.randbytes(side * side * 2)
    return a_file(number, study=run, series=series, Rows=side, Columns=side, PixelData=pixels)


def kill_often(killing: Killing, times: int) -> None:
    """Kill so many times, and say the figures."""
    killing.go_on(times)
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(killing.by_kind.items()))
    print(  # noqa: T201 (the figures to report)
        f"{killing.kills} kills ({kinds}), {len(killing.ledger.kept)} acknowledged, 0 lost,"
        f" {killing.looks} fetched and compared, {killing.seconds / killing.kills:.2f} s each"
    )
    assert killing.kills == times
    assert len(killing.ledger.kept) > times
    # `go_on` has looked for every one of them and raised, had one been lost.
    figure(f"kills.made.{times}-{killing.seed}", killing.kills, "kills")
    figure(f"kills.lost.{times}-{killing.seed}", 0, "objects")
