"""Senders, a server that is killed under them, and a ledger of what was acknowledged."""

from __future__ import annotations

import http.client
import json
import os
import random
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import orjson

from cast import multipart
from objects import a_file, uid
from server import EMAIL, Answer, Server, free_port

STORED = "00081199"
SENDERS = 4
BUSY = 503
TRIES = 5
PATIENCE = 5.0  # seconds that a kill waits for an acknowledgement
AN_HOUR = 3700
LOOKED_AT_AGAIN = 6  # old objects that are fetched anew after each kill


@dataclass
class Nursery:
    """The warmed process and the server it has forked, if any."""

    server: Server
    process: subprocess.Popen[str]

    @classmethod
    def open(cls, server: Server) -> Self:
        server.port = free_port()
        process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("nursery.py")), str(server.data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=server._environment(),
        )
        made = cls(server, process)
        try:
            assert "ready" in made._answer()
        except BaseException:
            made.close()
            raise
        return made

    def order(self, do: str, **what: Any) -> dict[str, Any]:  # noqa: ANN401 (plain JSON)
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do} | what) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def serve(self, **what: Any) -> None:  # noqa: ANN401 (plain JSON)
        said = self.order("serve", port=self.server.port, **what)
        assert said == {"trail": ""}, said

    def kill(self) -> None:
        assert "dead" in self.order("kill")

    def close(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=30)

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        said: dict[str, Any] = json.loads(self.process.stdout.readline())
        return said


@dataclass
class Ledger:
    """What was sent, and what of it was acknowledged; by SOP Instance UID."""

    sent: dict[str, bytes] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)  # studies that may be gone, whole or in part
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, files: dict[str, bytes]) -> None:
        with self.lock:
            self.sent |= files

    def keep(self, instances: list[str]) -> None:
        with self.lock:
            self.kept |= set(instances)

    def expected(self) -> set[str]:
        return {each for each in self.kept if study_of(each) not in self.erased}


@dataclass
class Killing:
    """Kills of one data folder, one after another, each checked before the next."""

    nursery: Nursery
    work: Path
    seed: int
    ledger: Ledger = field(default_factory=Ledger)
    kills: int = 0
    seconds: float = 0.0
    by_kind: dict[str, int] = field(default_factory=dict)

    def go_on(self, kills: int) -> None:
        """Kill so many times; everything is checked at the end once more."""
        began = time.monotonic()
        chance = random.Random(self.seed)  # noqa: S311 (repeatable, guards nothing)
        fresh: set[str] = set()
        for number in range(1, kills + 1):
            kind = chance.choices(["store", "upkeep", "import"], [6, 3, 2])[0]
            before = set(self.ledger.kept)
            if kind == "import":
                self._kill_an_import(number, chance, fresh)
            else:
                self._kill_a_server(number, chance, fresh, upkeep=kind == "upkeep")
            assert not self.ledger.faults, self.ledger.faults
            fresh = self.ledger.kept - before
            self.kills += 1
            self.by_kind[kind] = self.by_kind.get(kind, 0) + 1
        self._last_look()
        self.seconds = time.monotonic() - began

    def _kill_a_server(
        self, run: int, chance: random.Random, fresh: set[str], *, upkeep: bool
    ) -> None:
        more: dict[str, Any] = {}
        if upkeep:
            self._let_an_hour_pass()
            more = {"upkeep": chance.randrange(1, 1 << 30), "erase": self._choose_to_erase(chance)}
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
            if answer.status not in {200, 202}:
                self.ledger.faults.append(f"{answer.status} {answer.body!r}")
                return
            said = orjson.loads(answer.body)[STORED]["Value"]
            self.ledger.keep([each["00081155"]["Value"][0] for each in said])

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
        assert got.status == 200, (instance, got.status, got.body)
        assert got.body == self.ledger.sent[instance], instance

    def _expect_nothing_half_done(self, study: str) -> None:
        """Whatever is listed was sent, and can be fetched whole; nothing kept is unlisted."""
        found = self._patiently(f"/dicomweb/studies/{study}/instances?limit=1000", "*/*")
        assert found.status in {200, 204}, (study, found.status, found.body)
        listed = {each["00080018"]["Value"][0] for each in orjson.loads(found.body or b"[]")}
        kept = {each for each in self.ledger.expected() if study_of(each) == study}
        assert kept <= listed <= set(self.ledger.sent), kept - listed
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

    def _let_an_hour_pass(self) -> None:
        """Let all packs count as left alone: nobody is at them, the server is dead."""
        then = time.time() - AN_HOUR
        for pack in self.nursery.server.data.glob("packs/*/*/*.pack"):
            os.utime(pack, (then, then))

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
        self._let_an_hour_pass()
        said = self.nursery.order("check")
        assert said.get("problems") == [], said
        assert said["objects"] >= len(self.ledger.expected())


def made(run: int, series: int, number: int, chance: random.Random) -> bytes:
    """Return an object: mostly small, now and then large enough to have a pack to itself."""
    side = chance.choices([16, 256, 1500], [40, 8, 1])[0]
    if side == 16:
        return a_file(number, study=run, series=series)
    pixels = chance.randbytes(side * side * 2)
    return a_file(number, study=run, series=series, Rows=side, Columns=side, PixelData=pixels)


def study_of(instance: str) -> str:
    return instance.rpartition(".")[0].rpartition(".")[0]


def address(instance: str) -> str:
    series = instance.rpartition(".")[0]
    return f"/dicomweb/studies/{study_of(instance)}/series/{series}/instances/{instance}"
