"""Which address leads to which page about partners?"""

from __future__ import annotations

from django.urls import path

from safelight.surfaces.web.desk import agreements, partners

urlpatterns = [
    path("desk/partners/", partners.list_page, name="desk-partners"),
    path("desk/partners/<str:partner_id>/", agreements.list_page, name="desk-agreements"),
    path("desk/connections/new/", partners.new_page, name="desk-connection-new"),
    path("desk/connections/<str:connection_id>/", partners.connection_page, name="desk-connection"),
    path(
        "desk/connections/<str:connection_id>/change/",
        partners.change_page,
        name="desk-connection-change",
    ),
    path("desk/agreements/<str:agreement_id>/", agreements.agreement_page, name="desk-agreement"),
    path(
        "desk/agreements/<str:agreement_id>/paper/",
        agreements.paper_file,
        name="desk-agreement-paper",
    ),
]
