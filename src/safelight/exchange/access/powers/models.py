"""What is kept of an act that needed two people, and of an access that has only hours?

Reason, ticket and words are sealed; the rest is ids, codes and times. What the database
itself refuses is told by `triggers.py`.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from safelight.exchange.access.powers.kinds import AccessWay, ApprovalKind, Cause, Verdict
from safelight.kernel.ids import new_id
from safelight.platform.keys.fields import SealedTextField


class Approval(models.Model):
    """One request for one act, decided by somebody else, used once.

    `digest` is of the act alone (`deeds.py`); `signed_digest` also covers who asks, why
    and on which ticket: the one who asks and the one who approves both sign that.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    kind = models.CharField(max_length=24, choices=ApprovalKind.choices)
    subject = models.CharField(max_length=100)
    deed = SealedTextField()
    digest = models.BinaryField(max_length=32)
    signed_digest = models.BinaryField(max_length=32)
    cause = models.CharField(max_length=16, choices=Cause.choices)
    reason = SealedTextField()
    ticket = SealedTextField()
    asked_by_id = models.UUIDField(db_index=True)
    asked_at = models.DateTimeField()
    asked_authorization_id = models.UUIDField(unique=True)
    lapses_at = models.DateTimeField(db_index=True)
    approved_by_id = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_authorization_id = models.UUIDField(null=True, unique=True)
    use_by = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    used_by = models.CharField(max_length=60, default="")
    refused_by_id = models.UUIDField(null=True)
    refused_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    lapse_noted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="nobody_approves_their_own_request",
                condition=Q(approved_by_id__isnull=True) | ~Q(approved_by_id=F("asked_by_id")),
            ),
            models.CheckConstraint(
                name="an_approval_is_signed_and_bounded",
                condition=Q(approved_at__isnull=True)
                | Q(
                    approved_by_id__isnull=False,
                    approved_authorization_id__isnull=False,
                    use_by__isnull=False,
                    use_by__gt=F("approved_at"),
                ),
            ),
            models.CheckConstraint(
                name="only_what_was_approved_is_used",
                condition=Q(used_at__isnull=True)
                | Q(
                    approved_at__isnull=False,
                    approved_at__lte=F("used_at"),
                    use_by__gt=F("used_at"),
                    refused_at__isnull=True,
                    cancelled_at__isnull=True,
                ),
            ),
        ]


class TimedAccess(models.Model):
    """An access for at most four hours to one exam, or one patient's exams, and its review.

    An elevation rests on an approval; an emergency on the clinician's own signature of
    `signed_digest`. `notice_due_at` is when the owner is told at the latest, `owner_told_at`
    when they were; `held_by_id` is the second person who put that off.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    way = models.CharField(max_length=12, choices=AccessWay.choices)
    account_id = models.UUIDField(db_index=True)
    vault_id = models.UUIDField(db_index=True)
    patient_id = models.UUIDField(null=True, db_index=True)
    study_id = models.UUIDField(null=True, db_index=True)
    approval_id = models.UUIDField(null=True, unique=True)
    authorization_id = models.UUIDField(null=True, unique=True)
    signed_digest = models.BinaryField(max_length=32)
    cause = models.CharField(max_length=20)
    reason = SealedTextField()
    ticket = SealedTextField(null=True)
    began_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=12, default="")
    notice_due_at = models.DateTimeField()
    owner_told_at = models.DateTimeField(null=True)
    held_by_id = models.UUIDField(null=True)
    held_because = SealedTextField(null=True)
    review_due_at = models.DateTimeField(db_index=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by_id = models.UUIDField(null=True)
    verdict = models.CharField(max_length=12, choices=Verdict.choices, default="")
    verdict_words = SealedTextField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_access_is_to_one_exam_or_one_patient",
                condition=Q(patient_id__isnull=False, study_id__isnull=True)
                | Q(patient_id__isnull=True, study_id__isnull=False),
            ),
            models.CheckConstraint(
                name="an_access_has_an_end", condition=Q(ends_at__gt=F("began_at"))
            ),
            models.CheckConstraint(
                name="an_access_rests_on_something",
                condition=Q(way=AccessWay.ELEVATION, approval_id__isnull=False)
                | Q(
                    way=AccessWay.BREAK_GLASS,
                    authorization_id__isnull=False,
                    patient_id__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="nobody_reviews_their_own_access",
                condition=Q(reviewed_at__isnull=True)
                | Q(reviewed_by_id__isnull=False) & ~Q(reviewed_by_id=F("account_id")),
            ),
            models.CheckConstraint(
                name="a_second_person_puts_a_notice_off",
                condition=Q(held_by_id__isnull=True) | ~Q(held_by_id=F("account_id")),
            ),
        ]
