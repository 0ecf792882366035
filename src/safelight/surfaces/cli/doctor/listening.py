"""What of this instance can be reached, and from where? Nothing but the edge should be."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from safelight.surfaces.cli.doctor.checked import Checked
from safelight.surfaces.cli.standing import Standing, standing_of

_LISTENING = "0A"
_WORD = 8  # hexadecimal digits that /proc writes in the machine's own order


@dataclass(frozen=True, slots=True)
class Port:
    """One listening TCP socket of one of our processes."""

    address: ipaddress.IPv4Address | ipaddress.IPv6Address
    port: int

    def __str__(self) -> str:
        """Say it as HOST:PORT."""
        host = f"[{self.address}]" if self.address.version == 6 else str(self.address)  # noqa: PLR2004
        return f"{host}:{self.port}"


def examine(data: Path) -> Iterator[Checked]:
    """Look at the sockets of the family that serves this folder."""
    standing = standing_of(data)
    if standing is None:
        yield Checked("it is not served now: nothing of it listens", good=True)
        return
    found = ports_of(_family(standing.pid))
    edge = _edge(standing)
    strange = sorted(
        str(each) for each in found if each.port not in edge and not each.address.is_loopback
    )
    yield Checked(
        "nothing but the edge listens: " + ", ".join(sorted(map(str, found))),
        bool(found) and not strange,
        f"end what listens at {', '.join(strange)}" if strange else "no port of it was found",
    )
    is_plain = not standing.tls_cert and not standing.behind_proxy
    yield Checked(
        "what others reach is encrypted",
        not is_plain or all(each.address.is_loopback for each in found if each.port in edge),
        "give serve --tls-cert and --tls-key, or put a proxy before it",
    )


def ports_of(processes: set[int]) -> set[Port]:
    """Return where some processes listen for TCP."""
    inodes = {inode for pid in processes for inode in _sockets(pid)}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in _lines(Path("/proc/self/net") / table):
            _, local, _, state, *rest = line.split()
            if state == _LISTENING and rest[5] in inodes:
                found.add(_port(local))
    return found


def _edge(standing: Standing) -> set[int]:
    plain = standing.redirect_from.rpartition(":")[2]
    return {standing.port} | ({int(plain)} if plain.isdigit() else set())


def _family(parent: int) -> set[int]:
    """Return a process and all that descend from it."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            stat = next(_lines(entry / "stat"), "")
            # The name in brackets may hold anything, blanks and brackets too.
            after = stat.rpartition(")")[2].split()
            if after:
                parents[int(entry.name)] = int(after[1])
    family = {parent}
    while more := {pid for pid, above in parents.items() if above in family} - family:
        family |= more
    return family


def _sockets(pid: int) -> Iterator[str]:
    try:
        for each in Path(f"/proc/{pid}/fd").iterdir():
            kind, _, inode = str(each.readlink()).partition(":")
            if kind == "socket":
                yield inode.strip("[]")
    except OSError:
        return  # it has just ended, or is another's


def _lines(path: Path) -> Iterator[str]:
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return
    yield from lines[1:] if lines and "local_address" in lines[0] else lines


def _port(local: str) -> Port:
    host, _, port = local.partition(":")
    words = [bytes.fromhex(host[at : at + _WORD])[::-1] for at in range(0, len(host), _WORD)]
    return Port(ipaddress.ip_address(b"".join(words)), int(port, 16))
