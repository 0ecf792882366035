"""What may lie on a disk after the power fails, given the calls that a program made?

Calls are recorded by strace and replayed in memory. What was synced is there: a write
whose call had returned before an fsync or fdatasync of the same file began, once that
has returned; a new file once its folder was synced as well. Of everything else nothing,
all, a first part, any part or any torn part may be there, in sectors of 512 bytes.
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path

CALLS = (
    "openat,mkdir,unlink,unlinkat,rename,pwrite64,pwritev,pwritev2,ftruncate,fallocate,"
    "fdatasync,fsync,write,writev,sendto,sendmsg"
)
SECTOR = 512
LONGEST = 1 << 22  # bytes of one write; strace cuts off what is longer, and the model would notice

# Where it listens: written anew at each start, and promised to nobody.
_NOTES = ("/serving.json", "/serving.json.new")
_LINE = re.compile(r"(\d+) +(.*)")
_RESUMED = re.compile(r"<\.\.\. \w+ resumed>")
_CALL = re.compile(r"(\w+)\((.*)\)\s+= (-?\d+)")
_TARGET = re.compile(r"\d+<([^>]*)>")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


class Luck(Enum):
    """What becomes of what was not synced."""

    NOTHING = auto()
    ALL = auto()
    FIRST_PART = auto()
    ANY_PART = auto()
    TORN = auto()


@dataclass(frozen=True)
class Change:
    """One write, truncation or creation, begun and returned at these lines of the record."""

    began: int
    ended: int
    path: str
    offset: int = 0
    data: bytes | None = None
    size: int | None = None


@dataclass(frozen=True)
class Sync:
    """One sync of a file or folder."""

    began: int
    ended: int
    path: str


@dataclass
class Recording:
    """The calls of a program on the files below one folder, and what it said to others."""

    changes: list[Change] = field(default_factory=list)
    syncs: list[Sync] = field(default_factory=list)
    made: list[Change] = field(default_factory=list)
    gone: list[Change] = field(default_factory=list)
    said: list[tuple[int, bytes]] = field(default_factory=list)
    end: int = 0

    def is_kept(self, change: Change, at: int) -> bool:
        """Whether a change must be there if the power fails at line `at`."""
        return any(
            sync.path == change.path and change.ended < sync.began and sync.ended < at
            for sync in self.syncs
        )

    def is_named(self, made: Change, at: int) -> bool:
        """Whether a new file's or folder's name must be there at line `at`."""
        folder = made.path.rpartition("/")[0]
        named = any(
            sync.path == folder and made.ended < sync.began and sync.ended < at
            for sync in self.syncs
        )
        above = next((each for each in self.made if each.path == folder), None)
        return named and (above is None or self.is_named(above, at))


def options(record: Path) -> list[str]:
    """Return what strace must be told to record everything that counts."""
    return ["-y", "-xx", "-s", str(LONGEST), "-e", f"trace={CALLS}", "-e", "signal=none",
            "-o", str(record)]  # fmt: skip


def read_record(record: Path, folder: Path) -> Recording:
    """Read what strace wrote about one program's doings below `folder`."""
    found = Recording()
    begun: dict[str, tuple[int, str]] = {}
    with record.open() as lines:
        for at, line in enumerate(lines):
            found.end = at + 1
            match = _LINE.match(line)
            if match is None:
                continue
            who, text = match.groups()
            began = at
            if text.endswith("<unfinished ...>"):
                begun[who] = at, text.removesuffix("<unfinished ...>")
                continue
            if (resumed := _RESUMED.match(text)) is not None:
                began, start = begun.pop(who, (at, ""))
                text = start + text[resumed.end() :]
            _note(found, text, began, at, str(folder))
    for began, text in begun.values():
        # It was under way when the recording ended: it may have been done.
        _note(found, text.rstrip() + ") = 1073741824", began, 1 << 60, str(folder))
    return found


def _note(found: Recording, text: str, began: int, ended: int, folder: str) -> None:
    match = _CALL.match(text)
    if match is None or int(match[3]) < 0:
        return
    name, arguments, result = match[1], match[2], int(match[3])
    if name in {"openat", "mkdir", "unlink", "unlinkat", "rename"}:
        _note_name(found, name, arguments, Change(began, ended, _first(arguments)), folder)
        return
    target = _TARGET.match(arguments)
    path = _path(target[1]) if target else ""
    if path.endswith(_NOTES):
        return
    if not path.startswith(folder):
        if name in {"write", "writev", "sendto", "sendmsg"}:
            found.said.append((began, _written(arguments)))
    elif name in {"fsync", "fdatasync"}:
        found.syncs.append(Sync(began, ended, path))
    elif name == "ftruncate":
        found.changes.append(Change(began, ended, path, size=_last(arguments)))
    elif name in {"pwrite64", "pwritev", "pwritev2"}:
        if name == "pwritev2":
            arguments = arguments.rpartition(",")[0]  # its flags
        data = _written(arguments)[:result]
        assert len(data) == result or ended > found.end, "a write was not recorded whole"
        found.changes.append(Change(began, ended, path, _last(arguments), data))
    else:
        raise AssertionError(f"the model does not know what {name} does to {path}")


def _note_name(found: Recording, name: str, arguments: str, change: Change, folder: str) -> None:
    if not change.path.startswith(folder) or change.path.endswith(_NOTES):
        return
    if name == "mkdir" or "O_CREAT" in arguments:
        found.made.append(change)
    elif name.startswith("unlink"):
        found.gone.append(change)
    elif name == "rename":
        raise AssertionError("the model knows no renames; the product makes none")


def _first(arguments: str) -> str:
    found = _STRING.search(arguments)
    return _bytes(found[1]).decode() if found else ""


def _path(text: str) -> str:
    return _bytes(text).decode() if text.startswith("\\x") else text


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _written(arguments: str) -> bytes:
    return b"".join(_bytes(each) for each in _STRING.findall(arguments))


def _last(arguments: str) -> int:
    return int(arguments.rstrip().rpartition(",")[2])


@dataclass
class Disk:
    """A disk as it was before the recording, and what the power may leave of it."""

    before: Path
    folder: Path
    recording: Recording

    def fail(self, at: int, luck: Luck, chance: random.Random) -> None:
        """Put into the folder what may be left when the power fails at line `at`."""
        shutil.rmtree(self.folder)
        shutil.copytree(self.before, self.folder)
        record = self.recording
        absent = self._absent(at, luck, chance)
        by_path: dict[str, list[Change]] = {}
        for change in record.changes:
            if change.began < at:
                by_path.setdefault(change.path, []).append(change)
        for made in record.made:
            if made.began < at and made.path.endswith(".pack"):
                by_path.setdefault(made.path, [])
        for name, changes in by_path.items():
            path = Path(name)
            if name.endswith("-shm") or name in absent:
                continue
            if any(gone.path == name and gone.ended < at for gone in record.gone):
                continue
            old = path.read_bytes() if path.exists() else b""
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_left(old, list(self._chosen(changes, at, luck, chance)), chance))
        for each in self.folder.glob("*-shm"):
            each.unlink()  # memory, not disk

    def _absent(self, at: int, luck: Luck, chance: random.Random) -> set[str]:
        """Choose which new files have no name yet: none that must have one."""
        unnamed = {
            made.path
            for made in self.recording.made
            if made.began < at and not self.recording.is_named(made, at)
            and not (self.before / Path(made.path).relative_to(self.folder)).exists()
        }  # fmt: skip
        if luck is Luck.NOTHING:
            return unnamed
        return {path for path in unnamed if luck is not Luck.ALL and chance.random() < 0.5}

    def _chosen(
        self, changes: list[Change], at: int, luck: Luck, chance: random.Random
    ) -> Iterator[tuple[Change, bool]]:
        """Yield the changes of one file that are there, in order, and whether one is torn."""
        loose = [change for change in changes if not self.recording.is_kept(change, at)]
        first = chance.randrange(len(loose) + 1) if luck is Luck.FIRST_PART else 0

        def is_there(number: int) -> bool:
            if luck is Luck.FIRST_PART:
                return number < first
            if luck is Luck.ANY_PART:
                return chance.random() < 0.5
            return luck is not Luck.NOTHING

        chosen = {id(each) for number, each in enumerate(loose) if is_there(number)}
        tearable = {id(each) for each in loose}
        for change in changes:
            if id(change) not in tearable:
                yield change, False
            elif id(change) in chosen:
                yield change, luck is Luck.TORN


def _left(old: bytes, changes: list[tuple[Change, bool]], chance: random.Random) -> bytes:
    content = bytearray(old)
    for change, is_torn in changes:
        if change.size is not None:
            if not is_torn or chance.random() < 0.5:
                content = content[: change.size].ljust(change.size, b"\0")
            continue
        data = change.data or b""
        for start, stop in _sectors(change.offset, len(data)):
            if is_torn and chance.random() < 0.5:
                continue
            end = change.offset + stop
            if len(content) < end:
                content.extend(bytes(end - len(content)))
            content[change.offset + start : end] = data[start:stop]
    return bytes(content)


def _sectors(offset: int, length: int) -> Iterator[tuple[int, int]]:
    """Cut a write at `offset` where sectors of the disk begin."""
    start = 0
    while start < length:
        stop = min(length, start + SECTOR - (offset + start) % SECTOR)
        yield start, stop
        start = stop
