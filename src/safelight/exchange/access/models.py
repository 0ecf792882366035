"""Which small facts decide about access, apart from ownership and consent?"""

from __future__ import annotations

from django.db import models

from safelight.kernel.ids import new_id
from safelight.platform.keys.fields import SealedTextField


class Mode(models.TextChoices):
    """What this instance does at all just now. Values are stored for ever."""

    NORMAL = "normal"
    READ_ONLY = "read_only"
    RECOVERING = "recovering"


class Epoch(models.Model):
    """One number that grows with every change that may end an access.

    A remembered "yes" is good only while the committed number is the one it
    was made under, so a withdrawal is effective from its commit on. The mode
    stands beside it, so that whoever reads the one has read the other.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    mode = models.CharField(max_length=12, choices=Mode.choices, default=Mode.NORMAL)

    class Meta:
        constraints = [
            models.CheckConstraint(name="there_is_one_epoch", condition=models.Q(id=1)),
        ]


class Change(models.Model):
    """Which exam a turn of the epoch was about; no exam stands for all of them.

    Kept for some thousand turns: whoever was away longer forgets everything.
    """

    id = models.BigAutoField(primary_key=True)
    number = models.BigIntegerField(db_index=True)
    study_id = models.UUIDField(null=True)


class ModeChange(models.Model):
    """Once that the instance was given a mode: by whom, and why in their own words."""

    id = models.UUIDField(primary_key=True, default=new_id)
    mode = models.CharField(max_length=12, choices=Mode.choices)
    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=60)
    reason = SealedTextField()


class CareWay(models.TextChoices):
    """By what somebody came to treat a patient."""

    DELIVERY = "delivery"
    LIST = "list"
    ENCOUNTER = "encounter"
    REFERRAL = "referral"


class CareRelation(models.Model):
    """A member of the custodian's care team treats this patient (R04, R09).

    `study_id` narrows it to one exam: bringing in an exam of a patient whom the
    custodian knows already shows nothing of the patient's other exams. What the desk
    enters has a reason, an end, and who entered it; what came by a delivery has none.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField()
    patient_id = models.UUIDField()
    study_id = models.UUIDField(null=True)
    account_id = models.UUIDField(db_index=True)
    way = models.CharField(max_length=12, choices=CareWay.choices, default=CareWay.DELIVERY)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    entered_by = models.UUIDField(null=True)
    reason = SealedTextField(null=True)
    reference = SealedTextField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=12, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="care_has_an_end_but_by_delivery",
                condition=models.Q(way="delivery")
                | models.Q(until__gt=models.F("since"), entered_by__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["patient_id", "account_id", "way"],
                condition=models.Q(ended_at__isnull=True, study_id__isnull=True),
                name="one_live_care_relation",
            ),
            models.UniqueConstraint(
                fields=["study_id", "account_id", "way"],
                condition=models.Q(ended_at__isnull=True, study_id__isnull=False),
                name="one_live_care_relation_for_a_study",
            ),
        ]


class CareReason(models.Model):
    """Why one of the care team opens a patient's exams on one day, in their own words."""

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField()
    patient_id = models.UUIDField(db_index=True)
    account_id = models.UUIDField()
    on = models.DateField()
    given_at = models.DateTimeField()
    code = models.CharField(max_length=16)
    words = SealedTextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient_id", "account_id", "on"], name="a_reason_once_a_day"
            )
        ]


class RecordClaim(models.Model):
    """A code by which one person makes an institution's record of them their own, once.

    `checked` is how the desk knew the person. Of the code only a keyed token is kept.
    `tries_left` counts down wrong days of birth.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField(db_index=True)
    patient_id = models.UUIDField()
    code_token = models.BinaryField(max_length=16, unique=True)
    made_by = models.UUIDField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    checked = SealedTextField()
    tries_left = models.SmallIntegerField()
    used_at = models.DateTimeField(null=True)
    account_id = models.UUIDField(null=True, db_index=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=12, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient_id"],
                condition=models.Q(ended_at__isnull=True),
                name="one_claim_of_a_record_at_a_time",
            )
        ]


class DeathNotice(models.Model):
    """That an institution knows of a person's death: said by one, confirmed by another (E27).

    `evidence` is what they saw. From `second_at` on the account is kept as a memorial;
    `former_state` is what it goes back to if that was an error.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField(db_index=True)
    patient_id = models.UUIDField()
    account_id = models.UUIDField()
    evidence = SealedTextField()
    first_by = models.UUIDField()
    first_at = models.DateTimeField()
    second_by = models.UUIDField(null=True)
    second_at = models.DateTimeField(null=True)
    former_state = models.CharField(max_length=12, default="")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account_id"],
                condition=models.Q(undone_at__isnull=True),
                name="one_notice_of_a_death",
            ),
            models.CheckConstraint(
                name="two_people_note_a_death",
                condition=models.Q(second_by__isnull=True)
                | ~models.Q(second_by=models.F("first_by")),
            ),
        ]


class SensitiveMark(models.Model):
    """That a study holds something of a sensitive class; of which is not readable here.

    `token` is keyed over study and class. A consent that includes the class of
    this study keeps the same token, so the rules compare and learn nothing.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField()
    study_id = models.UUIDField(db_index=True)
    token = models.BinaryField(max_length=16)
    set_by = models.CharField(max_length=60)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study_id", "token"],
                condition=models.Q(ended_at__isnull=True),
                name="a_mark_once_a_study",
            )
        ]


class Gate(models.Model):
    """A duty that opens an account's way to exams once it is done, e.g. accepting the statement.

    Of a duty with versions, `number` is the latest one done and `refused` the latest one
    declined: who declined a later one than they accepted is limited until they accept.
    """

    account_id = models.UUIDField()
    duty = models.CharField(max_length=40)
    open_since = models.DateTimeField()
    number = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account_id", "duty"], name="one_gate_for_each_duty")
        ]


class Binding(models.Model):
    """From when a version of a duty must have been done, or a later one (R01).

    Written from above when a version is published; its moment comes without anybody's act.
    """

    duty = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["duty", "number"], name="a_version_binds_once")
        ]


class AgreementGate(models.Model):
    """From when until when an agreement of one kind with one partner lets connections be open.

    Written from above when two people have verified the agreement, and dropped when it is
    ended before its time. The end itself needs nobody: `until` is compared with the clock.
    """

    partner_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=20)
    agreement_id = models.UUIDField(unique=True)
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_agreement_ends_after_it_begins",
                condition=models.Q(until__gt=models.F("since")),
            )
        ]
