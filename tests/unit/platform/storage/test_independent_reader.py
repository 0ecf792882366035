"""Can someone with the keys and the document, but without Safelight, read what it wrote?"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import random
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connections

from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.platform.keys.cipher import derive, seal, seal_same, token, unseal, unseal_same
from safelight.platform.keys.ring import KeyRing
from safelight.platform.keys.root import RootKey, create_root_key
from safelight.platform.storage.layout import Layout, pack_object
from safelight.platform.storage.packs import PackWriter
from safelight.platform.storage.record import RecordReader, new_object_key, seal_record

REPOSITORY = Path(__file__).parents[4]
VECTORS = REPOSITORY / "docs" / "reference" / "vectors" / "sealed-format.json"
READER = REPOSITORY / "tools" / "read_sealed.py"


def loaded(path: Path) -> ModuleType:
    """Load a script that is not part of any package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def reader() -> ModuleType:
    return loaded(READER)


@pytest.fixture(scope="module")
def vectors() -> dict[str, list[dict[str, Any]]]:
    read: dict[str, list[dict[str, Any]]] = json.loads(VECTORS.read_text())
    return read


def plaintext(row: dict[str, Any]) -> bytes:
    return bytes((5 + number) % 251 for number in range(row["plaintext_length"]))


def test_the_reader_knows_nothing_of_the_product() -> None:
    assert "safelight." not in READER.read_text()
    assert "import safelight" not in READER.read_text()


def test_the_vectors_are_those_that_the_product_makes() -> None:
    made = loaded(REPOSITORY / "tools" / "make_sealed_vectors.py")

    assert made.text() == VECTORS.read_text()


def test_the_product_opens_every_vector(vectors: dict[str, list[dict[str, Any]]]) -> None:
    for row in vectors["hierarchy"]:
        above, wrapped = bytes.fromhex(row["above"]), bytes.fromhex(row["wrapped"])
        assert unseal(above, wrapped, bound_to=row["bound_to"]).hex() == row["key"]
    for row in vectors["seal"]:
        key, sealed = bytes.fromhex(row["key"]), bytes.fromhex(row["sealed"])
        assert unseal(key, sealed, bound_to=row["bound_to"]).hex() == row["plaintext"]
    for row in vectors["seal_same"]:
        key, sealed = bytes.fromhex(row["key"]), bytes.fromhex(row["sealed"])
        assert unseal_same(key, sealed, bound_to=row["bound_to"]).hex() == row["plaintext"]
        assert seal_same(key, bytes.fromhex(row["plaintext"]), bound_to=row["bound_to"]) == sealed
    for row in vectors["token"]:
        assert token(bytes.fromhex(row["key"]), bytes.fromhex(row["value"])).hex() == row["token"]
    for row in vectors["derive"]:
        made = derive(bytes.fromhex(row["key"]), row["purpose"], row["length"])
        assert made.hex() == row["derived"]
    for row in vectors["layout"]:
        layout = Layout.from_bytes(bytes.fromhex(row["compact"]))
        assert [[s.length, s.stored, s.codec.name] for s in layout.segments] == row["segments"]


def test_the_reader_opens_every_vector(
    reader: ModuleType, vectors: dict[str, list[dict[str, Any]]]
) -> None:
    for row in vectors["hierarchy"]:
        opened = reader.unseal(
            bytes.fromhex(row["above"]), bytes.fromhex(row["wrapped"]), row["bound_to"]
        )
        assert opened.hex() == row["key"]
    for row in vectors["seal_same"]:
        opened = reader.unseal_same(
            bytes.fromhex(row["key"]), bytes.fromhex(row["sealed"]), row["bound_to"]
        )
        assert opened.hex() == row["plaintext"]
    for row in vectors["derive"]:
        made = reader.derive(bytes.fromhex(row["key"]), row["purpose"], row["length"])
        assert made.hex() == row["derived"]
    for row in vectors["layout"]:
        codecs = {"RAW": reader.RAW, "ZSTD": reader.ZSTD, "ZSTD_SPLIT": reader.ZSTD_SPLIT}
        assert reader.read_layout(bytes.fromhex(row["compact"])) == [
            (length, stored, codecs[codec]) for length, stored, codec in row["segments"]
        ]


def test_the_record_vectors_are_opened_by_both(
    reader: ModuleType, vectors: dict[str, list[dict[str, Any]]]
) -> None:
    for row in vectors["record"]:
        key, object_id = bytes.fromhex(row["key"]), UUID(row["object_id"])
        salt, bits = bytes.fromhex(row["salt"]), row["chunk_bits"]
        pieces = [plaintext(row)]
        record = b"".join(seal_record(key, object_id, pieces, chunk_bits=bits, salt=salt))
        assert len(record) == row["record_length"]
        assert hashlib.sha256(record).hexdigest() == row["record_sha256"]
        assert record.hex() == row.get("record", record.hex())
        assert reader.open_record(record, key, object_id) == plaintext(row)


def test_both_refuse_the_same_damage(reader: ModuleType) -> None:
    chance = random.Random(3)  # noqa: S311 (which damage is tried)
    key, object_id = new_object_key(), new_id()
    record = b"".join(seal_record(key, object_id, [bytes(40_000)], chunk_bits=14))
    for _ in range(300):
        damaged = bytearray(record)
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        cut = bytes(damaged[: chance.choice([len(damaged), chance.randrange(len(damaged))])])
        with pytest.raises(reader.RefusedError):
            reader.open_record(cut, key, object_id)


class Image:
    """A small native image as a source."""

    def __init__(self) -> None:
        pixels = b"".join((1000 + n % 97).to_bytes(2, "little") for n in range(60_000))
        self.content = b"header" + pixels + b"trailer"
        self.frames = [(6, len(pixels))]
        self.size = len(self.content)

    def read(self, offset: int, length: int) -> bytes:
        """Return some bytes."""
        return self.content[offset : offset + length]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", str(READER), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        timeout=60,
    )


@pytest.mark.django_db(databases=["default", "keys"], transaction=True)
def test_an_object_is_read_from_the_disk_alone_until_its_key_is_destroyed(tmp_path: Path) -> None:
    assert connections["keys"].vendor == "sqlite"
    root_file, out = tmp_path / "root.key", tmp_path / "object.bin"
    root: RootKey = create_root_key(root_file)
    connections["keys"].ensure_connection()
    keys = KeyRing(root)
    vault_id, study_id, object_id = new_id(), new_id(), new_id()
    keys.create_vault_key(vault_id)
    study_key = keys.create_study_key(vault_id, study_id)
    object_key, image = new_object_key(), Image()
    packing = pack_object(image, image.frames, sample_bytes=2)
    writer = PackWriter(tmp_path, reserve=0)
    writer.append(object_id=new_id(), key=new_object_key(), pieces=[b"another object"])
    place = writer.append(object_id=object_id, key=object_key, pieces=packing)
    writer.sync()
    writer.close()
    assert packing.layout.stored_size < image.size / 2
    where = [tmp_path / place.pack, "--offset", place.offset, "--length", place.length]
    where += ["--object-id", object_id, "--layout", packing.layout.to_bytes().hex(), "--out", out]
    wrapped = keys.wrap(study_key, object_key, bound_to=f"object|{object_id}")
    key_store = settings.DATABASES["keys"]["NAME"]
    chain = ["--root-key-file", root_file, "--key-store", key_store]
    chain += ["--study-key-id", study_id, "--wrapped-key", wrapped.hex()]

    assert run(*where, "--object-key", object_key.hex()).returncode == 0
    assert out.read_bytes() == image.content
    out.unlink()
    done = run(*where, *chain)
    assert done.returncode == 0, done.stderr
    assert out.read_bytes() == image.content
    out.unlink()

    keys.destroy_study_key(study_id, at=clock.now())
    refused = run(*where, *chain)
    assert refused.returncode == 1
    assert "destroyed" in refused.stderr
    assert not out.exists()


@pytest.mark.parametrize("bound_to", ["t|c", ""])
def test_the_reader_opens_fresh_seals(bound_to: str, reader: ModuleType) -> None:
    key = bytes(32)

    assert reader.unseal(key, seal(key, b"value", bound_to=bound_to), bound_to) == b"value"
    with pytest.raises(reader.RefusedError):
        reader.unseal(key, seal(key, b"value", bound_to=bound_to), "elsewhere")


def test_the_product_reads_what_the_reader_reads(reader: ModuleType) -> None:
    key, object_id, image = new_object_key(), new_id(), Image()
    packing = pack_object(image, image.frames, sample_bytes=2)
    stored = b"".join(seal_record(key, object_id, packing))
    record = RecordReader(lambda at, n: stored[at : at + n], len(stored), key, object_id)

    plain = reader.open_record(stored, key, object_id)
    assert plain == record.read(0, record.size)
    segments = reader.read_layout(packing.layout.to_bytes())
    assert reader.restore(plain, segments) == image.content
    with pytest.raises(reader.RefusedError):
        reader.restore(plain + b"x", segments)
