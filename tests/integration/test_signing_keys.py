"""Does all that was signed verify offline when another key signs, and nothing that is forged?"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connections, transaction
from django.test import Client

from safelight.exchange.consent.models import Consent
from safelight.exchange.release.papers import verify_receipt
from safelight.exchange.release.papers.accounting import Extent
from safelight.exchange.release.papers.listing import Form, accounting, written
from safelight.exchange.release.papers.receipt import receipt_of
from safelight.exchange.release.papers.sealing import check_paper, paper_key, paper_keys, sign_paper
from safelight.exchange.release.papers.sheet import Sheet, to_pdf
from safelight.exchange.release.periods import ALWAYS
from safelight.governance.keys import certifying, verify_destruction
from safelight.governance.keys.certifying import certificate, certificate_key
from safelight.governance.keys.rotating import end_past
from safelight.governance.keys.signing_keys import Signs, rotate_signing, signing_now
from safelight.kernel import clock
from safelight.kernel.ids import new_id
from safelight.platform.audit import checkpoints, verify_audit
from safelight.platform.audit.actions import record
from safelight.platform.audit.events import AuditEvent
from safelight.platform.audit.export import export_trail, public_key
from safelight.platform.audit.models import Checkpoint, Entry
from safelight.platform.audit.offline.keys import PublicKey
from safelight.platform.audit.offline.one_file import one_file
from safelight.platform.audit.proving import prove
from safelight.platform.audit.sequencer import sequence_once
from safelight.platform.audit.verify import verify_trail
from safelight.platform.audit.witness import Witness
from safelight.platform.keys.errors import KeyUnknownError
from safelight.platform.keys.models import Kind
from safelight.platform.keys.ring import ring
from safelight.platform.keys.signing import Signer, first_signer, list_of_keys, signer_of_version
from stage import moved_clock
from story import Story, open_share

__all__ = ["moved_clock"]
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "keys"])
Moved = Callable[[timedelta], datetime]


@pytest.fixture(autouse=True)
def a_ring_of_its_own() -> Iterator[None]:
    """Let no key of another test's store be remembered."""
    ring().forget()
    yield
    ring().forget()


def rotate(moved: Moved, *which: Signs) -> None:
    for each in which or tuple(Signs):
        rotate_signing(each, actor="operator", at=clock.now())
    moved(timedelta(seconds=10))


def sequence_all() -> None:
    while sequence_once():
        pass


def alone(
    folder: Path, verifier: ModuleType, data: bytes | str, key: str, *more: str
) -> tuple[int, str]:
    """Check a file as a stranger does: one program, Python, the key, and nothing of ours."""
    (folder / "verify.py").write_text(one_file(verifier))
    (folder / "it").write_bytes(data if isinstance(data, bytes) else data.encode())
    done = subprocess.run(
        [sys.executable, "-I", "-S", "verify.py", "it", "--key", key, *more],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def proof_of_newest() -> bytes:
    newest = Entry.objects.filter(seq__isnull=False).order_by("-seq")
    return prove([newest.filter(seq__lte=Checkpoint.objects.latest("size").size)[0].entry_id])


def test_papers_and_reports_of_before_and_after_verify_with_the_key_of_before(
    story: Story, moved_clock: Moved, tmp_path: Path
) -> None:
    shared = story.share(may_download=True)
    assert story.as_guest(shared, open_share(shared)) == 200
    sequence_all()
    key, papers = public_key(), paper_key()

    def report() -> bytes:
        made = accounting(story.party, Extent.COMPLETE, ALWAYS, at=clock.now())
        return written(made, Form.ZIP)

    consent = Consent.objects.get()
    before = receipt_of(consent), report()
    rotate(moved_clock)
    rotate(moved_clock)
    moved_clock(timedelta(minutes=2))
    with transaction.atomic():
        record(AuditEvent.READ, actor="account/a", at=clock.now())
    sequence_all()
    after = receipt_of(consent), report()
    assert (key, papers) == (public_key(), paper_key())

    for receipt, zipped in (before, after):
        code, said = alone(tmp_path, verify_receipt, receipt, papers)
        assert code == 0, said
        assert "printed_name: Olga Owner" in said
        code, said = alone(tmp_path, verify_audit, zipped, key, "--paper-key", papers)
        assert code == 0, said
        assert check_paper(receipt).said["printed_name"] == "Olga Owner"
    # Whoever was told another key of the line, and whoever was told the whole list, can too.
    third = paper_keys().split("next: ")[2].split("\n")[0]
    (tmp_path / "list").write_text(Client().get("/receipts/key").content.decode())
    assert alone(tmp_path, verify_receipt, after[0], third)[0] == 0
    assert alone(tmp_path, verify_receipt, before[0], "list")[0] == 0
    said = alone(tmp_path, verify_receipt, after[0], papers)[1]
    assert f"as signed by {third.partition('+')[0]}" in said


def test_the_trail_and_its_checkpoints_go_on_under_the_next_key(
    moved_clock: Moved, tmp_path: Path
) -> None:
    kept = []
    for _ in range(3):
        with transaction.atomic():
            record(AuditEvent.READ, actor="account/a", at=clock.now())
        moved_clock(timedelta(seconds=70))
        sequence_all()
        kept.append(Checkpoint.objects.latest("size").note)
        old_proof = proof_of_newest()
        rotate(moved_clock, Signs.AUDIT)
    sequence_all()
    signers = [note.rpartition("\n\n")[2].split(" ")[1] for note in kept]
    assert len(set(signers)) == 3
    assert {note.partition("\n")[0] for note in kept} == {signers[0]}, "it is one trail"
    assert verify_trail(witnesses=kept).is_whole
    trail = b"".join(export_trail("account/officer", at=clock.now()))
    more = []
    for number, note in enumerate(kept):
        (tmp_path / f"note{number}").write_text(note)
        more += ["--witness", f"note{number}"]
    (tmp_path / "keys").write_text(checkpoints.all_keys())
    assert alone(tmp_path, verify_audit, trail, "keys", *more)[0] == 0
    code, said = alone(tmp_path, verify_audit, trail, public_key())
    assert code == 0, said
    assert alone(tmp_path, verify_audit, old_proof, public_key())[0] == 0
    done = Entry.objects.filter(kind="key.rotated", subject="signing/audit")
    assert done.count() == 3
    assert f'"{signers[1]}"' in done.order_by("row")[0].text


def test_an_older_key_signs_no_checkpoint_after_a_newer_one(
    moved_clock: Moved, tmp_path: Path
) -> None:
    with transaction.atomic():
        record(AuditEvent.READ, actor="account/a", at=clock.now())
    sequence_all()
    rotate(moved_clock, Signs.AUDIT)
    with transaction.atomic():
        record(AuditEvent.READ, actor="account/a", at=clock.now())
    moved_clock(timedelta(seconds=70))
    sequence_all()
    # Another host, whose clock is behind, signs with no older key than was used last.
    moved_clock(timedelta(minutes=-10))
    newest = Checkpoint.objects.latest("size").note
    assert checkpoints.signer().name == first_signer(checkpoints.PURPOSE, checkpoints.SORT).name
    assert checkpoints.signer(after=newest).name in newest
    moved_clock(timedelta(minutes=10))
    # A thief of the old key signs an end of their own.
    lines = b"".join(export_trail("account/officer", at=clock.now())).decode().splitlines()
    old = signer_of_version(checkpoints.PURPOSE, checkpoints.SORT, 1)
    forged = [
        line if '"end"' not in line else line.replace(*_signed_by_old(line, old)) for line in lines
    ]
    code, said = alone(tmp_path, verify_audit, "\n".join(forged) + "\n", public_key())
    assert code == 1
    assert "signed by a key that was replaced" in said


def _signed_by_old(line: str, old: Signer) -> tuple[str, str]:
    note = json.loads(line)["note"]
    body = note.rpartition("\n\n")[0] + "\n"
    forged = f"{body}\n{old.line_under(body)}"
    return json.dumps(note, ensure_ascii=False)[1:-1], json.dumps(forged, ensure_ascii=False)[1:-1]


def test_certificates_of_before_and_after_verify(moved_clock: Moved, tmp_path: Path) -> None:
    vault, study = new_id(), new_id()
    ring().create_vault_key(vault)
    ring().create_study_key(vault, study)
    ring().destroy_study_key(study, at=clock.now())
    key = certificate_key()
    before = certificate(Kind.STUDY, study, actor="operator", at=clock.now())
    rotate(moved_clock, Signs.CERTIFICATES)
    after = certificate(Kind.STUDY, study, actor="operator", at=clock.now())
    assert certificate_key() == key
    for note in (before, after):
        code, said = alone(tmp_path, verify_destruction, note, key)
        assert code == 0, said
        assert f"key: study {study}" in said
        assert "signing-keys" not in said
    # What an old key signs with a later date is not believed.
    old = signer_of_version(certifying.PURPOSE, certifying.SORT, 1)
    late = clock.now() + timedelta(days=1)
    body = after.rpartition("\n\n")[0] + "\n"
    issued = body.split("issued: ")[1].split("\n")[0]
    body = body.replace(f"issued: {issued}", f"issued: {late:%Y-%m-%dT%H:%M:%SZ}")
    code, said = alone(tmp_path, verify_destruction, f"{body}\n{old.line_under(body)}", key)
    assert (code, "had been replaced" in said) == (1, True), said


def forged_list(purpose: str, sort: str, *, by_whom: Signer | None = None) -> tuple[str, Signer]:
    """Return a list in which somebody else's key follows, with all but the old key's signature."""
    old = first_signer(purpose, sort)
    private = Ed25519PrivateKey.generate()
    evil = Signer(sort, private, private.public_key().public_bytes_raw(), old.name)
    said = (clock.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = f"{old.name}\nsafelight-key-line/1\nnext: {evil.verifier_key}\nsince: {said}\n"
    by = by_whom or evil
    mine = evil.line_under(body)
    pretended = by.line_under(body).replace(by.name, old.name)
    return f"{old.verifier_key}\n\n{body}\n{pretended}{mine}", evil


def test_a_new_key_that_the_old_one_did_not_endorse_is_refused(
    tmp_path: Path, moved_clock: Moved
) -> None:
    listed, evil = forged_list("consent-signing", "safelight-consents")
    with pytest.raises(ValueError, match="not endorsed"):
        PublicKey.parse(listed)
    with pytest.raises(ValueError, match="not endorsed"):
        PublicKey.parse(paper_key()).joined(listed)
    paper = sign_paper(to_pdf(Sheet(title="Receipt", foot="", blocks=())))
    cut = paper[: paper.rindex(b"%safelight-signature")]
    with_list = cut + b"%keys " + base64.b64encode(listed.encode()) + b"\n"
    signature = f"%safelight-signature {evil.name} {evil.sign(with_list).hex()}\n".encode()
    code, said = alone(tmp_path, verify_receipt, with_list + signature, paper_key())
    assert (code, "not endorsed" in said) == (1, True), said
    # Nor one of another purpose, nor one that another key of this instance endorsed.
    rotate(moved_clock, Signs.PAPERS)
    audit = first_signer(checkpoints.PURPOSE, checkpoints.SORT)
    other, _ = forged_list("consent-signing", "safelight-consents", by_whom=audit)
    with pytest.raises(ValueError, match="not endorsed"):
        PublicKey.parse(other)
    with pytest.raises(ValueError, match="not endorsed"):
        PublicKey.parse(paper_key()).joined(list_of_keys(checkpoints.PURPOSE, checkpoints.SORT))


def test_a_witness_takes_an_endorsed_key_keeps_it_and_refuses_a_fork(
    moved_clock: Moved, tmp_path: Path
) -> None:
    witness = Witness(tmp_path / "witness", PublicKey.parse(public_key()))
    forged, _ = forged_list(checkpoints.PURPOSE, checkpoints.SORT)
    assert witness.add_keys(forged).status == 403
    rotate(moved_clock, Signs.AUDIT)
    with transaction.atomic():
        record(AuditEvent.READ, actor="account/a", at=clock.now())
    sequence_all()
    moved_clock(timedelta(seconds=70))
    sequence_all()
    note = Checkpoint.objects.latest("size").note
    assert witness.add(f"old 0\n\n{note}", at=1).status == 403
    assert witness.add_keys(checkpoints.all_keys()).status == 200
    assert witness.add(f"old 0\n\n{note}", at=1).status == 200
    witness.close()
    again = Witness(tmp_path / "witness", PublicKey.parse(public_key()))
    assert len(again.log.line) == 2
    # Whoever has the old key by now lets another follow it: the first that was told holds.
    old = first_signer(checkpoints.PURPOSE, checkpoints.SORT)
    fork, _ = forged_list(checkpoints.PURPOSE, checkpoints.SORT, by_whom=old)
    PublicKey.parse(fork)
    assert again.add_keys(fork).status == 403
    again.close()


def test_papers_that_are_signed_while_keys_are_replaced_all_verify(moved_clock: Moved) -> None:
    paper = to_pdf(Sheet(title="Receipt", foot="", blocks=()))
    signed: list[bytes] = []
    failed: list[Exception] = []
    ended = threading.Event()

    def go_on() -> None:
        try:
            while not ended.is_set():
                signed.append(sign_paper(paper))
        except Exception as error:  # noqa: BLE001 (told below)
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go_on) for _ in range(4)]
    for each in threads:
        each.start()
    for _ in range(3):
        rotate(moved_clock, Signs.PAPERS)
        threading.Event().wait(0.3)
    ended.set()
    for each in threads:
        each.join()
    assert not failed
    names = {paper[paper.rindex(b"%safelight-signature") :].split()[1] for paper in signed}
    assert len(names) == 4, "each of the four keys signed"
    for some in signed[:: max(1, len(signed) // 200)]:
        check_paper(some)


def test_the_old_private_half_is_destroyed_and_what_it_signed_stays(moved_clock: Moved) -> None:
    rotate(moved_clock, Signs.PAPERS)
    second = sign_paper(to_pdf(Sheet(title="Receipt", foot="", blocks=())))
    rotate(moved_clock, Signs.PAPERS)
    names = {each.signs: each.name for each in signing_now()}
    assert names[Signs.PAPERS] == signer_of_version("consent-signing", "safelight-consents", 3).name
    moved_clock(timedelta(minutes=20))
    assert end_past(actor="system", at=clock.now()) == 1
    with pytest.raises(KeyUnknownError):
        signer_of_version("consent-signing", "safelight-consents", 2)
    check_paper(second)


def test_asked_twice_at_once_it_is_replaced_once() -> None:
    at = clock.now()
    one = rotate_signing(Signs.PAPERS, actor="operator", at=at)
    assert rotate_signing(Signs.PAPERS, actor="operator", at=at).name == one.name
    assert paper_keys().count("next: ") == 1
