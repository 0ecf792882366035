"""The pages by which a person adds images: the uploader, and the receipt."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from safelight.exchange.receive.door import own_batch
from safelight.exchange.receive.uploads import LARGEST_FILE
from safelight.kernel import clock
from safelight.kernel.ids import from_text
from safelight.records.accounts.models import Account, Kind
from safelight.surfaces.web.callers import party_of_request


@require_GET
@login_required
def upload_page(request: HttpRequest) -> HttpResponse:
    """Show the uploader: it reads on this computer first and sends what was chosen."""
    account = cast("Account", request.user)
    own = {"names": [account.name], "birth_date": None}
    data = {
        # An organization's records are of many people: nobody there is "someone else".
        "holder": own if account.kind == Kind.INDIVIDUAL else None,
        "outsider": None,
        "csrf": get_token(request),
        "endpoints": {
            "batches": "/uploads/batches",
            "uploads": "/uploads",
            "known": "/uploads/known",
            "exams": reverse("exams"),
        },
        "largest_file": LARGEST_FILE,
    }
    return render(request, "upload.html", {"data": data})


@require_GET
@login_required
def receipt_page(request: HttpRequest, batch_id: str) -> HttpResponse:
    """Show what became of a delivery."""
    batch = own_batch(party_of_request(request), from_text(batch_id))
    return render(request, "upload_done.html", {"batch": batch, "now": clock.now()})
