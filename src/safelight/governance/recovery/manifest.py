"""What belongs to one backup, and how does anybody see that none of it was changed?

A manifest names every sealed object with its size and SHA-256, the root over all of them
(RFC 6962), and how long the record of what happened was at that moment; the instance signs
it. It holds ids and digests only, so that the host can read it that cannot open the rest.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from safelight.governance.recovery.errors import BackupBrokenError
from safelight.governance.recovery.places import Place, read_whole
from safelight.platform.audit.merkle import Frontier, leaf_hash
from safelight.platform.audit.offline.keys import PublicKey
from safelight.platform.keys.signing import Signer, is_signed, list_of_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION: Final = 1
PURPOSE: Final = "backup-signing"
SORT: Final = "safelight-backup"
_STAMP: Final = "%Y%m%dT%H%M%S%fZ"
_ID: Final = re.compile(r"\d{8}T\d{12}Z")
_NAME: Final = re.compile(r"(packs|uploads)/[0-9a-z/.]+")


@dataclass(frozen=True, slots=True)
class Part:
    """One sealed object: it holds the bytes [start, end) of what it is a part of."""

    name: str
    start: int
    end: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One backup. `files` are packs and waiting uploads, each in parts, in order.

    `signers` is the list of the keys that sign manifests, where there is more than one.
    """

    id: str
    kind: str
    version: str
    recipient: str
    signer: str
    root_id: str
    vendor: str
    objects: list[Part]
    files: dict[str, list[Part]] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    keys_id: str = ""
    audit_size: int = 0
    audit_note: str = ""
    signers: str = ""

    @property
    def made_at(self) -> datetime:
        """The moment that it shows."""
        return moment_of(self.id)

    def parts(self) -> Iterator[Part]:
        """Yield every sealed object, in the order of the root."""
        yield from self.objects
        for name in sorted(self.files):
            yield from self.files[name]

    @property
    def size(self) -> int:
        """How many sealed bytes there are."""
        return sum(part.size for part in self.parts())

    def root(self) -> str:
        """Return the root over all parts."""
        tree = Frontier()
        for part in self.parts():
            tree.append(leaf_hash(f"{part.name}\n{part.size}\n{part.sha256}".encode()))
        return tree.root().hex()

    def signed(self, by: Signer) -> bytes:
        """Write it down, signed."""
        said = {"v": VERSION, "root": self.root(), **asdict(self)}
        if not self.signers:
            del said["signers"]
        body = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
        return body + b"\n" + by.sign(body).hex().encode() + b"\n"


def id_at(at: datetime) -> str:
    """Name a backup after its moment."""
    return at.astimezone(UTC).strftime(_STAMP)


def moment_of(identity: str) -> datetime:
    """Read a moment from a name. Raises BackupBrokenError."""
    if _ID.fullmatch(identity) is None:
        raise BackupBrokenError
    return datetime.strptime(identity, _STAMP).replace(tzinfo=UTC)


def place_of(kind: str, identity: str) -> str:
    """Return the name under which a manifest lies."""
    return f"manifests/{kind}-{identity}.json"


def ids_in(place: Place, kind: str) -> list[str]:
    """Name the backups that lie in a place, the oldest first."""
    begins, ends = f"manifests/{kind}-", ".json"
    found = (
        name.removeprefix(begins).removesuffix(ends)
        for name, _ in place.listed("manifests")
        if name.startswith(begins) and name.endswith(ends)
    )
    return sorted(each for each in found if _ID.fullmatch(each))


def known_signers() -> PublicKey:
    """Return the keys that this instance signs backups with, to check with."""
    return PublicKey.parse(list_of_keys(PURPOSE, SORT), is_signed)


def read_manifest(place: Place, kind: str, identity: str, *, signer: PublicKey | None) -> Manifest:
    """Read a manifest and check it; `signer` is a key of those it must be signed with.

    Without one it is only checked against the key that it names itself.

    Raises:
        BackupBrokenError: it is missing, was changed, or is of another form.
    """
    body, _, rest = read_whole(place, place_of(kind, identity)).partition(b"\n")
    try:
        said: dict[str, Any] = orjson.loads(body)
        signature = bytes.fromhex(rest.decode().strip())
        public = bytes.fromhex(said["signer"])
        is_ours = signer is None or _is_by(signer, public, said)
        if not is_ours or not is_signed(public, body, signature) or said.pop("v") != VERSION:
            raise BackupBrokenError(f"manifest {identity} is not signed by this instance")
        root = said.pop("root")
        said["objects"] = [Part(**part) for part in said["objects"]]
        said["files"] = {
            name: [Part(**part) for part in parts] for name, parts in said["files"].items()
        }
        manifest = Manifest(**said)
    except (ValueError, KeyError, TypeError, UnicodeDecodeError):
        raise BackupBrokenError(f"manifest {identity} cannot be read") from None
    is_itself = (manifest.id, manifest.kind) == (identity, kind)
    if not is_itself or manifest.root() != root or not _is_sane(manifest):
        raise BackupBrokenError(f"manifest {identity} was changed")
    return manifest


def _is_by(signer: PublicKey, public: bytes, said: dict[str, Any]) -> bool:
    """Say whether a key is of the line, and was not replaced yet at the manifest's moment."""
    known = signer.joined(said["signers"]) if said.get("signers") else signer
    at = moment_of(said["id"]).isoformat()
    return any(key.public == public and not key.is_over(at) for key in known.line)


def _is_sane(manifest: Manifest) -> bool:
    """Say whether files have names of ours, and parts that follow one another."""
    for name, parts in manifest.files.items():
        if _NAME.fullmatch(name) is None or ".." in name:
            return False
        if [part.start for part in parts] != [0, *(part.end for part in parts[:-1])]:
            return False
    return True
