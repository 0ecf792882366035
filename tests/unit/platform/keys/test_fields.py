"""What does the database hold of a sealed column, and which questions may be asked of it?"""

from __future__ import annotations

import pytest
from django.core.exceptions import FieldError
from django.db import IntegrityError, connections, models
from django.test.utils import isolate_apps

from safelight.platform.keys.errors import SealBrokenError
from safelight.platform.keys.fields import (
    SameSealedField,
    SealedBytesField,
    SealedTextField,
    normalise,
)

pytestmark = pytest.mark.django_db(databases=["keys"])

TABLE = "keys_person"


@pytest.fixture
def person() -> type[models.Model]:
    with isolate_apps("safelight.platform.keys"):

        class Person(models.Model):
            name = SealedTextField(null=True)
            photo = SealedBytesField(null=True)
            email = SameSealedField(max_length=400, unique=True, null=True)

            class Meta:
                app_label = "keys"
                db_table = TABLE

    is_sqlite = connections["keys"].vendor == "sqlite"
    key, blob = ("integer", "BLOB") if is_sqlite else ("serial", "bytea")
    with connections["keys"].cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {TABLE} (id {key} PRIMARY KEY,"
            f" name {blob}, photo {blob}, email varchar(400) UNIQUE)"
        )
    return Person


def rows() -> list[tuple[object, ...]]:
    with connections["keys"].cursor() as cursor:
        cursor.execute(f"SELECT name, photo, email FROM {TABLE} ORDER BY id")  # noqa: S608 (ours)
        return list(cursor.fetchall())


def test_values_come_back_and_lie_unreadable(person: type[models.Model]) -> None:
    everyone = person._default_manager
    everyone.create(name="Jäne Doe", photo=b"\x00pixels", email=" Jane@Example.ORG ")
    everyone.create(name=None, photo=None, email=None)

    first, second = everyone.order_by("pk").values_list("name", "photo", "email")
    assert first == ("Jäne Doe", b"\x00pixels", "jane@example.org")
    assert second == (None, None, None)
    raw = repr(rows()[0]).lower()
    for clear in ("doe", "pixels", "jane", "example"):
        assert clear not in raw


def test_an_address_is_found_however_it_is_written(person: type[models.Model]) -> None:
    everyone = person._default_manager
    kept = everyone.create(email="jane@example.org")
    everyone.create(email="john@example.org")

    for written in ("jane@example.org", "JANE@example.org ", "ｊane@example.org"):  # noqa: RUF001
        assert everyone.get(email=written) == kept
        assert everyone.get(email__iexact=written) == kept
        assert everyone.get(email__in=[written]) == kept
    assert not everyone.filter(email="jan@example.org").exists()


def test_an_address_is_kept_once(person: type[models.Model]) -> None:
    person._default_manager.create(email="jane@example.org")

    with pytest.raises(IntegrityError):
        person._default_manager.create(email="Jane@Example.org")


@pytest.mark.parametrize(
    "asked",
    [
        {"name": "Jane"},
        {"name__contains": "J"},
        {"photo": b"x"},
        {"email__startswith": "jane"},
        {"email__contains": "jane"},
        {"email__gt": "a"},
        {"email__regex": "j"},
        {"name__length": 3},
    ],
)
def test_a_question_that_seals_cannot_answer_is_refused(
    asked: dict[str, object], person: type[models.Model]
) -> None:
    with pytest.raises(FieldError):
        person._default_manager.filter(**asked).exists()


def test_absence_can_be_asked_for(person: type[models.Model]) -> None:
    person._default_manager.create(name="Jane", email=None)

    assert person._default_manager.filter(name__isnull=False, email__isnull=True).count() == 1


def test_a_value_moved_to_another_column_does_not_open(person: type[models.Model]) -> None:
    person._default_manager.create(name="Jane", photo=b"x")
    with connections["keys"].cursor() as cursor:
        cursor.execute(f"UPDATE {TABLE} SET name = photo")  # noqa: S608 (ours)

    with pytest.raises(SealBrokenError):
        person._default_manager.get()


def test_bulk_writing_and_updating_seal_as_well(person: type[models.Model]) -> None:
    everyone = person._default_manager
    everyone.bulk_create([person(name="a", email="a@x.org"), person(name="b", email="b@x.org")])
    everyone.filter(email="a@x.org").update(name="changed", email="C@x.org")
    changed = everyone.get(email="c@x.org")
    setattr(changed, "photo", b"p")  # noqa: B010 (a field made in this test)
    everyone.bulk_update([changed], ["photo"])

    assert everyone.values_list("name", "photo").get(email="c@x.org") == ("changed", b"p")
    assert "changed" not in repr(rows())


@pytest.mark.parametrize(
    ("written", "form"),
    [(" A@B.org\n", "a@b.org"), ("STRASSE", "strasse"), ("Straße", "strasse"), ("ﬁ", "fi")],
)
def test_texts_that_look_equal_have_one_form(written: str, form: str) -> None:
    assert normalise(written) == form
    assert normalise(form) == form
