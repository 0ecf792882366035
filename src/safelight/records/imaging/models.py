"""What is kept of an exam, and in what form may it lie on a disk?

Every row names its vault and is never joined across vaults. Columns are ids,
keyed tokens, times, places in packs, or sealed bytes; the one clear value from
a header is the study date (invariant I5).
"""

from __future__ import annotations

from django.db import models

from safelight.kernel.ids import new_id
from safelight.platform.keys.fields import SealedTextField


class VaultKind(models.TextChoices):
    """Whose custody a vault is."""

    PERSON = "person"
    ORGANIZATION = "organization"


class Vault(models.Model):
    """One custodian's records under one key."""

    id = models.UUIDField(primary_key=True, default=new_id)
    kind = models.CharField(max_length=12, choices=VaultKind.choices)
    account_id = models.UUIDField(null=True, unique=True)
    organization_id = models.UUIDField(null=True, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="vault_has_one_custodian",
                condition=models.Q(account_id__isnull=True)
                ^ models.Q(organization_id__isnull=True),
            )
        ]


class PatientRecord(models.Model):
    """A patient as one custodian knows them: issuer and MRN, or self-kept.

    `account_id` is the person it is about, once claimed: ownership follows the
    person, custody follows the vault.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField()
    identity_token = models.BinaryField(max_length=16)
    sealed_identity = models.BinaryField()
    account_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vault_id", "identity_token"], name="one_record_for_each_patient"
            )
        ]
        indexes = [models.Index(fields=["account_id", "vault_id"], name="patient_person")]


class StudyState(models.TextChoices):
    """Where a study is in its life."""

    FILED = "filed"
    REMOVED = "removed"
    ERASED = "erased"


class Study(models.Model):
    """One exam in one vault. `sealed_answer` is its QIDO-RS answer, made once.

    `batch_id` is the delivery that brought its first object, where it is known.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField()
    patient_id = models.UUIDField()
    uid_token = models.BinaryField(max_length=16)
    study_on = models.DateField(null=True)
    state = models.CharField(max_length=8, choices=StudyState.choices, default=StudyState.FILED)
    received_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    sealed_answer = models.BinaryField()
    batch_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vault_id", "uid_token"], name="one_study_in_a_vault")
        ]
        indexes = [
            models.Index(fields=["vault_id", "state", "-study_on", "id"], name="study_by_date"),
            models.Index(fields=["patient_id"], name="study_patient"),
            # Puts what consents name in order without a look at the rows.
            models.Index(fields=["id", "state", "study_on", "vault_id"], name="study_in_order"),
        ]


class StudyCopy(models.Model):
    """That a study is a copy of another one that does not say whose it is; never otherwise.

    Written with the study's first object. `profile` names how it was made, e.g. "basic/2026c".
    """

    study_id = models.UUIDField(primary_key=True)
    vault_id = models.UUIDField()
    original_id = models.UUIDField(db_index=True)
    profile = models.CharField(max_length=20)
    made_at = models.DateTimeField()


class SearchToken(models.Model):
    """One keyed word by which a study can be found in its own vault."""

    id = models.BigAutoField(primary_key=True)
    vault_id = models.UUIDField()
    token = models.BinaryField(max_length=16)
    study_on = models.DateField(null=True)
    study_id = models.UUIDField()

    class Meta:
        indexes = [
            models.Index(
                fields=["vault_id", "token", "-study_on", "study_id"], name="token_by_date"
            ),
            models.Index(fields=["study_id"], name="token_study"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["study_id", "token"], name="a_token_once_for_a_study")
        ]


class WordsToAdd(models.Model):
    """That exams filed by an older version still lack the words of their patients' names.

    No row says that none does. `after` is the last study that was given them.
    """

    after = models.UUIDField(null=True)


class Series(models.Model):
    """One series of a study."""

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField()
    study_id = models.UUIDField()
    uid_token = models.BinaryField(max_length=16)
    sealed_answer = models.BinaryField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["study_id", "uid_token"], name="one_series_in_a_study")
        ]
        # A search names a series without its study.
        indexes = [models.Index(fields=["vault_id", "uid_token"], name="series_by_uid")]


class Instance(models.Model):
    """One stored object: where its sealed bytes lie, and its sealed card.

    `arrival` grows with every object taken in, so that "what was there when
    the consent was given" is one comparison. `digest_token` is a keyed token of
    the data set's SHA-256: a bare hash of a known picture would confirm it.
    """

    arrival = models.BigAutoField(primary_key=True)
    id = models.UUIDField(unique=True, default=new_id)
    vault_id = models.UUIDField()
    study_id = models.UUIDField()
    series_id = models.UUIDField()
    uid_token = models.BinaryField(max_length=16)
    digest_token = models.BinaryField(max_length=16)
    pack = models.CharField(max_length=80)
    offset = models.BigIntegerField()
    length = models.BigIntegerField()
    wrapped_key = models.BinaryField()
    sealed_card = models.BinaryField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vault_id", "uid_token"], name="one_instance_in_a_vault"
            )
        ]
        indexes = [
            models.Index(fields=["series_id", "arrival"], name="instance_series"),
            models.Index(fields=["study_id", "series_id"], name="instance_by_study"),
        ]


class RemovedInstance(models.Model):
    """One object that its owner took out of a study that stays; it can be brought back.

    Its row is not among the others, so that nothing which reads those can show it.
    """

    id = models.UUIDField(primary_key=True)
    arrival = models.BigIntegerField()
    vault_id = models.UUIDField()
    study_id = models.UUIDField()
    series_id = models.UUIDField()
    uid_token = models.BinaryField(max_length=16)
    digest_token = models.BinaryField(max_length=16)
    pack = models.CharField(max_length=80)
    offset = models.BigIntegerField()
    length = models.BigIntegerField()
    wrapped_key = models.BinaryField()
    sealed_card = models.BinaryField()
    sealed_model = models.BinaryField()
    received_at = models.DateTimeField()
    removed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["study_id"], name="removed_of_study"),
            models.Index(fields=["vault_id"], name="removed_of_vault"),
            models.Index(fields=["removed_at"], name="removed_when"),
        ]


class InstanceModel(models.Model):
    """The DICOM JSON model of one instance, compressed and sealed at intake."""

    instance_id = models.UUIDField(primary_key=True)
    series_id = models.UUIDField(db_index=True)
    sealed_model = models.BinaryField()


class SeriesMetadata(models.Model):
    """A series' whole metadata answer, made once: gzip, then sealed.

    Valid while the series' highest arrival is still `arrival`.
    """

    series_id = models.UUIDField(primary_key=True)
    arrival = models.BigIntegerField()
    instances = models.IntegerField()
    sealed_answer = models.BinaryField()


class Thumbnail(models.Model):
    """A small picture standing for a series, sealed under the study key."""

    series_id = models.UUIDField(primary_key=True)
    study_id = models.UUIDField(db_index=True)
    sealed_picture = models.BinaryField()


class ReviewState(models.TextChoices):
    """What became of an object that waits for a person's decision."""

    WAITING = "waiting"
    KEPT = "kept"
    FILED = "filed"
    REJECTED = "rejected"
    DISCARDED = "discarded"


WITHOUT_BYTES = (ReviewState.FILED, ReviewState.DISCARDED)
"""What was filed has its bytes among the instances, and what was thrown away nowhere."""


class ReviewItem(models.Model):
    """An object taken in but not filed: other bytes under a known UID, or a name in question.

    One that was rejected keeps its bytes: `decided_as` is why, and it can be taken back.
    One that is `KEPT` is the version of a filed object that is not shown: `study_id` is whose
    key wraps it, and with whose exam it is erased. `decided_words` are the desk's own reason,
    `decided_into` is the patient's record that it went into. `exam_token` is equal for the
    objects of one exam that name one person, and empty where each is decided about alone.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField(db_index=True)
    batch_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=40)
    state = models.CharField(
        max_length=10, choices=ReviewState.choices, default=ReviewState.WAITING
    )
    uid_token = models.BinaryField(max_length=16)
    digest_token = models.BinaryField(max_length=16)
    pack = models.CharField(max_length=80)
    offset = models.BigIntegerField()
    length = models.BigIntegerField()
    wrapped_key = models.BinaryField()
    sealed_card = models.BinaryField()
    received_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    decided_as = models.CharField(max_length=20, default="")
    decided_words = SealedTextField(null=True)
    decided_into = models.UUIDField(null=True)
    exam_token = models.BinaryField(max_length=16, default=bytes)
    study_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["vault_id", "uid_token"], name="review_by_uid"),
            models.Index(fields=["vault_id", "exam_token"], name="review_by_exam"),
            models.Index(fields=["study_id"], name="review_of_study"),
        ]


class ChangeKind(models.TextChoices):
    """What two people of a desk agree on about its records."""

    ONE_PERSON = "one-person"
    MOVE_EXAM = "move-exam"


class RecordChange(models.Model):
    """That two records are one person's, or that an exam lies in another's record.

    One asks and another confirms; either can be undone. `there_id` is null while an exam
    is to go into a record of its own, which is made when it is confirmed.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=10, choices=ChangeKind.choices)
    study_id = models.UUIDField(null=True)
    here_id = models.UUIDField(db_index=True)
    there_id = models.UUIDField(null=True, db_index=True)
    words = SealedTextField()
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField()
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    ended_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_record_is_changed_by_two",
                condition=models.Q(confirmed_by__isnull=True)
                | ~models.Q(confirmed_by=models.F("asked_by")),
            ),
            models.CheckConstraint(
                name="a_record_is_not_joined_to_itself",
                condition=models.Q(there_id__isnull=True) | ~models.Q(there_id=models.F("here_id")),
            ),
            models.CheckConstraint(
                name="a_move_names_its_exam",
                condition=models.Q(kind=ChangeKind.MOVE_EXAM, study_id__isnull=False)
                | models.Q(
                    kind=ChangeKind.ONE_PERSON, study_id__isnull=True, there_id__isnull=False
                ),
            ),
        ]


class Quarantined(models.Model):
    """One stored object that did not read as it was stored; it is not given out meanwhile."""

    object_id = models.UUIDField(primary_key=True)
    vault_id = models.UUIDField()
    study_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=20)
    found_at = models.DateTimeField()


class ScrubRun(models.Model):
    """One reading of everything that is stored, and how far it has come.

    Filed objects come first, by arrival, then those that wait for review, by id.
    """

    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    last_arrival = models.BigIntegerField()
    arrival = models.BigIntegerField(default=0)
    review_id = models.UUIDField(null=True)
    objects_read = models.BigIntegerField(default=0)
    bytes_read = models.BigIntegerField(default=0)
    found_broken = models.BigIntegerField(default=0)
    found_healed = models.BigIntegerField(default=0)
