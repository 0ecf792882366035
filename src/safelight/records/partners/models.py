"""What is kept of the systems that an institution is connected with?

Names, titles, addresses and certificates are sealed. `peer_token` is keyed over the two
titles of a DIMSE association, or over the word that a system says over the web, so that one
is found without keeping either in the clear.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from safelight.kernel.ids import new_id
from safelight.platform.keys.fields import SealedTextField
from safelight.records.partners.kinds import AgreementKind, ConnectionKind, ConnectionState


class Partner(models.Model):
    """Another institution, or a service, with which one of ours exchanges exams.

    `counterpart_id` is the institution of that name here, which consents name. `through`
    is the partner for whom a subcontractor works: without that one's agreement its own
    opens nothing (L52).
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    organization_id = models.UUIDField(db_index=True)
    name = SealedTextField()
    country = models.CharField(max_length=2)
    counterpart_id = models.UUIDField()
    through = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    added_by = models.CharField(max_length=60)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "counterpart_id"], name="a_partner_once"
            )
        ]


class Connection(models.Model):
    """One system that sends to us, asks us, or is sent to.

    Without a `partner` it is the institution's own: a scanner, its archive. `called` is
    our title in the association, `calling` theirs. A plain one has no certificates and is
    only let be where the network is private. `token` is what we show where we send by
    `url`. `needs` are the kinds of agreement that must be in force, with spaces between;
    empty for an own system. Every change is `changed_by` somebody, and somebody else opens it.
    """

    id = models.UUIDField(primary_key=True, default=new_id)
    organization_id = models.UUIDField(db_index=True)
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, related_name="connections")
    kind = models.CharField(max_length=12, choices=ConnectionKind.choices)
    name = SealedTextField()
    they_send = models.BooleanField(default=False)
    they_ask = models.BooleanField(default=False)
    we_send = models.BooleanField(default=False)
    called = SealedTextField()
    calling = SealedTextField()
    host = SealedTextField()
    port = models.IntegerField(default=0)
    url = SealedTextField()
    token = SealedTextField(null=True)
    networks = SealedTextField()
    is_plain = models.BooleanField(default=False)
    client_certificate = SealedTextField()
    next_client_certificate = SealedTextField()
    server_certificate = SealedTextField()
    next_server_certificate = SealedTextField()
    peer_token = models.BinaryField(max_length=16, db_index=True)
    basis = models.CharField(max_length=20, choices=AgreementKind.choices, default="")
    holds_eea_data = models.BooleanField(default=False)
    is_part2 = models.BooleanField(default=False)
    needs = models.CharField(max_length=120, default="")
    state = models.CharField(
        max_length=10, choices=ConnectionState.choices, default=ConnectionState.DRAFT
    )
    changed_by = models.CharField(max_length=60)
    changed_at = models.DateTimeField()
    opened_by = models.CharField(max_length=60, default="")
    opened_at = models.DateTimeField(null=True)
    tested_at = models.DateTimeField(null=True)
    test_outcome = models.CharField(max_length=24, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="nobody_opens_what_they_changed",
                condition=~Q(state=ConnectionState.OPEN)
                | Q(opened_at__isnull=False) & ~Q(opened_by="") & ~Q(opened_by=F("changed_by")),
            ),
            models.CheckConstraint(
                name="a_partners_connection_needs_an_agreement",
                condition=Q(partner__isnull=True) | ~Q(needs=""),
            ),
        ]
