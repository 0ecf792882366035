"""Which address leads to which page of those that run this instance?"""

from __future__ import annotations

from django.urls import path

from safelight.surfaces.web.operator import alerts, asking, health, incidents, overview, powers

urlpatterns = [
    path("operate/", overview.overview_page, name="operator"),
    path("operate/health/", health.health_page, name="operator-health"),
    path("operate/health/<str:job>/again/", health.again_page, name="operator-job-again"),
    path("operate/alerts/", alerts.alerts_page, name="operator-alerts"),
    path("operate/alerts/<str:alert_id>/", alerts.alert_page, name="operator-alert"),
    path(
        "operate/alerts/<str:alert_id>/acknowledge/",
        alerts.acknowledge_page,
        name="operator-alert-acknowledge",
    ),
    path("operate/alerts/<str:alert_id>/act/", alerts.act_page, name="operator-alert-act"),
    path("operate/alerts/<str:alert_id>/close/", alerts.close_page, name="operator-alert-close"),
    path(
        "operate/alerts/<str:alert_id>/lift/<str:measure_id>/",
        alerts.lift_page,
        name="operator-measure-lift",
    ),
    path(
        "operate/incidents/<str:incident_id>/",
        incidents.incident_page,
        name="operator-incident",
    ),
    path("operate/powers/", powers.powers_page, name="operator-powers"),
    path("operate/powers/look/", asking.look_page, name="operator-power-look"),
    path("operate/powers/act/", asking.act_page, name="operator-power-act"),
    path("operate/powers/<str:approval_id>/", powers.power_page, name="operator-power"),
    path(
        "operate/powers/<str:approval_id>/decide/",
        powers.decide_page,
        name="operator-power-decide",
    ),
    path("operate/powers/<str:access_id>/end/", powers.end_page, name="operator-power-end"),
]
