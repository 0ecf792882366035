"""What is kept of everything that left, and of the ways by which it may leave?

A disclosure is written before its first byte leaves and never erased; what it
says in words is sealed under the vault's ledger key, which outlives the
pictures (I6). The database itself refuses a disclosure without a basis (I2):
see `triggers.py`.
"""

from __future__ import annotations

from django.db import models

from safelight.kernel.ids import new_id


class DisclosureClass(models.TextChoices):
    """On what ground bytes went to somebody (45 CFR 164.528(a)(1) has one list of them).

    The database refuses each whose basis it cannot find: so far it finds the person
    themselves, a consent, somebody who acts for the person, and a few hours that two of
    the staff agreed to or an emergency of the institution that keeps the exam.
    """

    SELF = "self"
    AUTHORISED = "authorised"
    REPRESENTED = "represented"
    ELEVATION = "elevation"
    BREAK_GLASS = "break-glass"
    STATUTORY = "statutory"
    TPO = "tpo"
    LIMITED_DATA_SET = "limited_data_set"
    INCIDENTAL = "incidental"
    NATIONAL_SECURITY = "national_security"


class DisclosureResult(models.TextChoices):
    """How a disclosure ended."""

    OPEN = "open"
    COMPLETE = "complete"
    PARTIAL = "partial"


class Disclosure(models.Model):
    """Information that went to somebody: when, to whom, what, on what ground.

    `entry_id` is the entry of the record that was written with it; rows from before that
    was kept have none.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField()
    study_id = models.UUIDField(db_index=True)
    at = models.DateTimeField()
    basis = models.CharField(max_length=20, choices=DisclosureClass.choices)
    consent_id = models.UUIDField(null=True, db_index=True)
    timed_access_id = models.UUIDField(null=True)
    recipient = models.CharField(max_length=60)
    channel = models.CharField(max_length=12)
    result = models.CharField(
        max_length=10, choices=DisclosureResult.choices, default=DisclosureResult.OPEN
    )
    pictures = models.IntegerField(default=0)
    size = models.BigIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    sealed_detail = models.BinaryField(default=bytes)
    entry_id = models.UUIDField(null=True)


class AccountingSuspension(models.Model):
    """That an owner is not told of one disclosure until a time, because an agency said so.

    What it said is sealed; another statement is another row.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    disclosure_id = models.UUIDField(db_index=True)
    vault_id = models.UUIDField(db_index=True)
    placed_at = models.DateTimeField()
    placed_by_id = models.UUIDField()
    until = models.DateTimeField(db_index=True)
    is_written = models.BooleanField()
    sealed_statement = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="suspension_ends_after_it_began",
                condition=models.Q(until__gt=models.F("placed_at")),
            )
        ]


class AccountingGiven(models.Model):
    """That a person had an accounting made as the law has it."""

    id = models.UUIDField(primary_key=True, default=new_id)
    account_id = models.UUIDField(db_index=True)
    made_at = models.DateTimeField()


class Look(models.Model):
    """One visit of one actor to one exam: at most 15 minutes from its opening.

    `pictures` are counted while it is open; its opening was recorded before the
    first byte. A glimpse is no more than the small pictures in the owner's own
    lists: on record like every look, but nobody opened the exam.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField()
    study_id = models.UUIDField(db_index=True)
    actor = models.CharField(max_length=60)
    session = models.CharField(max_length=60)
    action = models.CharField(max_length=12, default="")
    basis = models.CharField(max_length=20)
    consent_id = models.UUIDField(null=True)
    disclosure_id = models.UUIDField(null=True)
    timed_access_id = models.UUIDField(null=True)
    opened_at = models.DateTimeField()
    pictures = models.IntegerField(default=0)
    is_glimpse = models.BooleanField(default=False)
    entry_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["study_id", "-opened_at"], name="look_by_study"),
            models.Index(fields=["actor", "session", "study_id"], name="look_by_actor"),
        ]


class Shown(models.Model):
    """One picture of one look, by a number that says nothing else; kept while it may be open."""

    look = models.ForeignKey(Look, models.CASCADE, related_name="shown", db_index=False)
    picture = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["look", "picture"], name="shown_once")]


class Listed(models.Model):
    """That a list of exams was read a moment ago, so that it is on record once and not again."""

    actor = models.CharField(max_length=60)
    session = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["actor", "session", "at"], name="listed_by_actor")]


class RefusedRelease(models.Model):
    """Somebody tried to pass on what no consent lets them pass on; nothing left (E3).

    The owner reads it in the history. Equal tries within a minute are one row.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField()
    study_id = models.UUIDField(db_index=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    consent_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=40)


class Share(models.Model):
    """The way in that one consent opened for one recipient.

    Only hashes of the link's secret, the printed code and the passphrase are
    kept. A share has no life of its own: it ends with its consent. Whoever is
    named by an account, a desk or a group comes in by signing in: then the
    secrets were told to nobody. `uses_left` counts down the browsers that may
    still prove themselves, where the giver set a number. `bounced_at` is when the
    giver was told that the invitation's address was refused.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    consent_id = models.UUIDField(unique=True)
    vault_id = models.UUIDField(db_index=True)
    grantor_id = models.UUIDField(db_index=True)
    secret_hash = models.BinaryField(max_length=32)
    printed_hash = models.BinaryField(max_length=32)
    passphrase_hash = models.CharField(max_length=200, default="")
    needs_release = models.BooleanField(default=False)
    uses_left = models.IntegerField(null=True)
    tries_left = models.SmallIntegerField(default=5)
    created_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    locked_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    last_opened_at = models.DateTimeField(null=True)
    openings = models.IntegerField(default=0)


class CopyingState(models.TextChoices):
    """How far the making of copies is."""

    MAKING = "making"
    READY = "ready"
    NOTHING = "nothing"


class Copying(models.Model):
    """The making of copies without a name of what one draft is about, all under one key.

    `wanted` holds ids alone: of exams, series and single objects. `looked_at`: the giver says
    to have looked at the pictures in which words are common. The counts are of objects:
    to do, done, and left out because they may hold words, are of a kind that never
    goes into a copy, or could not be read. `studies` are the copies, once they are ready.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    vault_id = models.UUIDField()
    account_id = models.UUIDField(db_index=True)
    wanted = models.JSONField()
    looked_at = models.BooleanField()
    profile = models.CharField(max_length=20)
    state = models.CharField(
        max_length=8, choices=CopyingState.choices, default=CopyingState.MAKING
    )
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    objects_wanted = models.IntegerField(default=0)
    copied = models.IntegerField(default=0)
    not_looked_at = models.IntegerField(default=0)
    never_copied = models.IntegerField(default=0)
    unreadable = models.IntegerField(default=0)
    studies = models.JSONField(default=list)


class Told(models.TextChoices):
    """How often a giver is told that something was opened."""

    EACH_TIME = "each-time"
    ONCE_A_DAY = "once-a-day"
    NEVER = "never"


class OpeningNotices(models.Model):
    """How one account wants to be told of openings. `told_at`: up to when it was."""

    account_id = models.UUIDField(primary_key=True)
    how = models.CharField(max_length=12, choices=Told.choices)
    told_at = models.DateTimeField()


class ShareCode(models.Model):
    """A one-time code on its way to the named address: 6 digits, 10 minutes, 5 tries."""

    id = models.UUIDField(primary_key=True, default=new_id)
    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="codes")
    code_hash = models.BinaryField(max_length=32)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class GuestEntry(models.Model):
    """A recipient's browser that showed the secret and, once proved, may look.

    The cookie's value is kept as its SHA-256. Until `proved_at` is set the
    entry opens nothing.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    token_hash = models.BinaryField(max_length=32)
    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="entries")
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    proved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token_hash", "share"], name="one_entry_for_a_share")
        ]
