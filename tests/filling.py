"""Senders on a disk that somebody else fills, again and again."""

from __future__ import annotations

import os
import random
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from cast import multipart
from ledger import address, study_of
from objects import a_file, uid
from server import Server

STORED, FAILED, REASON = "00081199", "00081198", "00081197"
OUT_OF_RESOURCES = 0xA700
SIDE = 1024
SENDERS = 3
RECOVERS_WITHIN = 30.0  # seconds


def _fill(ballast: Path, left: int) -> None:
    """Take what room there is but for so many bytes, though others take some at the same time."""
    size = 0
    with ballast.open("wb") as file:
        for _ in range(1000):
            room = os.statvfs(ballast.parent)
            more = min(room.f_bavail * room.f_frsize - left, 1 << 20)
            if more <= 0:
                return
            with suppress(OSError):
                os.posix_fallocate(file.fileno(), size, more)
                size += more
    raise AssertionError("there is always room again")


@dataclass
class Filling:
    """Senders on a disk that somebody else fills, and what was acknowledged to them."""

    server: Server
    kept: dict[str, bytes] = field(default_factory=dict)
    refused: int = 0
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def again(self, run: int, left: int) -> None:
        """Let so many bytes be left, store until there is no room, and let there be room again."""
        ballast = self.server.data.parent / "ballast"
        _fill(ballast, left)
        threads = [threading.Thread(target=self._send, args=(run, n)) for n in range(SENDERS)]
        before = dict(self.kept)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not self.faults, self.faults
        # Where there is no room for the record either, a look is refused, not left out of it.
        for instance in list(before)[-3:]:
            self._look(instance, may_refuse=left == 0)
        ballast.unlink()
        began = time.monotonic()
        while not self._stored(run, SENDERS, 1):
            assert time.monotonic() - began < RECOVERS_WITHIN, "not well again by itself"
        for instance in set(self.kept) - set(before):
            self._look(instance)

    def look_at_all(self) -> None:
        """Everything acknowledged is there, and nothing that was refused."""
        for instance in self.kept:
            self._look(instance)
        for study in {study_of(instance) for instance in self.kept}:
            found = orjson.loads(self.server.get(f"/dicomweb/studies/{study}/instances").body)
            listed = {each["00080018"]["Value"][0] for each in found}
            assert listed == {each for each in self.kept if study_of(each) == study}

    def _send(self, run: int, sender: int) -> None:
        chance = random.Random(f"{run} {sender}")  # noqa: S311 (repeatable, guards nothing)
        for number in range(1, 60):
            try:
                if not self._stored(run, sender, number, is_large=chance.random() < 0.7):
                    return
            except Exception as error:  # noqa: BLE001 (a thread's; the test says it)
                self.faults.append(repr(error))
                return
        self.faults.append("the disk was never full")

    def _stored(self, run: int, sender: int, number: int, *, is_large: bool = True) -> bool:
        pixels = (
            {"Rows": SIDE, "Columns": SIDE, "PixelData": os.urandom(SIDE * SIDE * 2)}
            if is_large
            else {}
        )
        data = a_file(number, study=run, series=sender + 1, **pixels)
        body, headers = multipart(data)
        answer = self.server.request("POST", "/dicomweb/studies", body, headers)
        with self.lock:
            if answer.status == 200:
                self.kept[uid(run, sender + 1, number)] = data
                return True
            assert answer.status == 507, (answer.status, answer.body)
            self.refused += 1
            said = orjson.loads(answer.body)
            assert STORED not in said
            if FAILED in said:
                assert said[FAILED]["Value"][0][REASON]["Value"] == [OUT_OF_RESOURCES]
            return False

    def _look(self, instance: str, *, may_refuse: bool = False) -> None:
        got = self.server.get(address(instance), accept="application/dicom")
        if may_refuse and got.status in {503, 507}:
            return
        assert (got.status, got.body == self.kept[instance]) == (200, True), (instance, got.status)
