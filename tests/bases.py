"""Which databases and which store do the tests use? SQLite and a folder, unless told otherwise.

    SAFELIGHT_TEST_BASES=postgres-s3 pytest -m bases

starts a PostgreSQL and an S3 server of the tests' own and runs the marked tests on them.
"""

from __future__ import annotations

import atexit
import os
import secrets
from functools import cache
from pathlib import Path

import pytest

import postgres
import seaweed

# What stores, searches, takes in, gives out, records, keeps keys or does work later.
ON_BOTH = (
    "integration/test_a_loss_undoes_nothing.py",
    "integration/test_agreements_open_connections.py",
    "integration/test_api_signing.py",
    "integration/test_asking_the_patient.py",
    "integration/test_authority_over.py",
    "integration/test_authority_races.py",
    "integration/test_backup_and_restore.py",
    "integration/test_backup_tells_nothing.py",
    "integration/test_bases.py",
    "integration/test_break_glass.py",
    "integration/test_care_entered.py",
    "integration/test_claiming.py",
    "integration/test_coming_of_age.py",
    "integration/test_conflicts.py",
    "integration/test_copy_without_a_name.py",
    "integration/test_deadlines.py",
    "integration/test_deleting.py",
    "integration/test_desk_changes.py",
    "integration/test_desk_files.py",
    "integration/test_dicomweb_round_trip.py",
    "integration/test_dimse_commitment.py",
    "integration/test_elevation.py",
    "integration/test_erasing.py",
    "integration/test_every_object_by_dimse.py",
    "integration/test_handovers.py",
    "integration/test_hours_in_the_database.py",
    "integration/test_inbox_of_a_clinician.py",
    "integration/test_kept_by_the_receiver.py",
    "integration/test_lists_of_what_was_given.py",
    "integration/test_migrations_with_rows.py",
    "integration/test_named_shares.py",
    "integration/test_notice_of_death.py",
    "integration/test_passing_on.py",
    "integration/test_pausing.py",
    "integration/test_qido.py",
    "integration/test_qido_resources.py",
    "integration/test_racing_uploads.py",
    "integration/test_rights_pages.py",
    "integration/test_rights_requests.py",
    "integration/test_share_story.py",
    "integration/test_signed_reports.py",
    "integration/test_signing_keys.py",
    "integration/test_signing_keys_restored.py",
    "integration/test_statement_changes.py",
    "integration/test_stow.py",
    "integration/test_taking_exams_on.py",
    "integration/test_tampered_packs.py",
    "integration/test_telling_partners.py",
    "integration/test_timeline_of_a_patient.py",
    "integration/test_transfers.py",
    "integration/test_transfers_by_dicom.py",
    "integration/test_two_people.py",
    "integration/test_two_people_for_a_great_deal.py",
    "integration/test_wado.py",
    "integration/test_witnessed.py",
    "integration/test_yesterdays_backup.py",
    "promises/test_v37_an_owner_leaves_and_comes_back.py",
    "unit/exchange/receive/",
    "unit/exchange/release/",
    "unit/platform/audit/test_processes.py",
    "unit/platform/audit/test_record.py",
    "unit/platform/audit/test_sequencer.py",
    "unit/platform/audit/test_tampering.py",
    "unit/platform/audit/test_tree.py",
    "unit/platform/database/",
    "unit/platform/jobs/",
    "unit/platform/keys/",
    "unit/records/accounts/test_representatives.py",
    "unit/records/imaging/",
)
_TESTS = Path(__file__).parent

WANTED = os.environ.get("SAFELIGHT_TEST_BASES", "sqlite-folder")
ON_POSTGRES = WANTED == "postgres-s3"
if WANTED not in {"sqlite-folder", "postgres-s3"}:
    raise SystemExit("SAFELIGHT_TEST_BASES is sqlite-folder or postgres-s3")


@cache
def cluster() -> postgres.Cluster:
    """Return this run's PostgreSQL, started at the first call and ended with the run."""
    started = postgres.start()
    atexit.register(started.stop)
    return started


@cache
def objects() -> seaweed.Seaweed:
    """Return this run's S3 server, started at the first call and ended with the run."""
    started = seaweed.start()
    atexit.register(started.stop)
    return started


def fresh(like: dict[str, str] | None = None) -> dict[str, str]:
    """Return the settings of an instance with bases of its own.

    Its databases are empty or `like` another's; no pack lies in its store.
    """
    return on_servers(like) if ON_POSTGRES else {}


def on_servers(like: dict[str, str] | None = None) -> dict[str, str]:
    """Return such settings for PostgreSQL and S3, whichever bases this run is for."""
    name = f"instance_{secrets.token_hex(4)}"
    names = {
        "SAFELIGHT_DATABASE_URL": name,
        "SAFELIGHT_KEYS_DATABASE_URL": f"{name}_keys",
    }
    return {
        setting: cluster().create(database, like=(like or {}).get(setting, ""))
        for setting, database in names.items()
    } | {
        "SAFELIGHT_STORE_URL": objects().url(name),
        "SAFELIGHT_STORE_ACCESS_KEY": seaweed.ACCESS_KEY,
        "SAFELIGHT_STORE_SECRET_KEY": seaweed.SECRET_KEY,
    }


def mark(items: list[pytest.Item]) -> None:
    """Mark the tests that hold on both pairs of bases, and leave out what has no meaning here."""
    if not ON_POSTGRES:
        items[:] = [item for item in items if not list(item.iter_markers("postgres_server"))]
    for item in items:
        if item.path.relative_to(_TESTS).as_posix().startswith(ON_BOTH) and not list(
            item.iter_markers("sqlite_files")
        ):
            item.add_marker(pytest.mark.bases)
