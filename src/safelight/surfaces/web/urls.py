"""Which address leads to which page?"""

from __future__ import annotations

from django.urls import path

from safelight.surfaces.web import (
    activity,
    asking,
    exams,
    groups,
    health,
    inbox,
    officer,
    onward,
    papers,
    recipients,
    uploading,
)
from safelight.surfaces.web.acting import asking as acting_asking
from safelight.surfaces.web.acting import helping as acting_helping
from safelight.surfaces.web.acting import mine as acting
from safelight.surfaces.web.acting import staff
from safelight.surfaces.web.sharing import check, earlier, mine, pictures, sensitive, what, who, why

urlpatterns = [
    path("", exams.home_page, name="home"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("exams/", exams.exams_page, name="exams"),
    path("exams/<str:exam_id>/", exams.exam_page, name="exam"),
    path("exams/<str:exam_id>/view/", exams.viewer_page, name="viewer"),
    path("exams/<str:exam_id>/activity/", activity.exam_activity_page, name="exam-activity"),
    path("exams/<str:exam_id>/download/", exams.download_exam, name="exam-download"),
    path("exams/<str:exam_id>/remove/", exams.remove_exam, name="exam-remove"),
    path("exams/<str:exam_id>/bring-back/", exams.bring_back_exam, name="exam-bring-back"),
    path("exams/<str:exam_id>/sensitive/", sensitive.sensitive_page, name="exam-sensitive"),
    path("exams/<str:exam_id>/share/", what.start, name="share-start"),
    path("share/<str:draft_id>/what/", what.what_page, name="share-what"),
    path(
        "share/<str:draft_id>/what/<str:series_id>/", pictures.pictures_page, name="share-pictures"
    ),
    path("share/<str:draft_id>/exams/", what.exams_page, name="share-exams"),
    path("share/<str:draft_id>/who/", who.who_page, name="share-who"),
    path("share/<str:draft_id>/why/", why.why_page, name="share-why"),
    path("share/<str:draft_id>/earlier/", earlier.earlier_page, name="share-earlier"),
    path("share/<str:draft_id>/check/", check.check_page, name="share-check"),
    path("share/<str:draft_id>/decline/", what.decline, name="share-decline"),
    path("consents/<str:consent_id>/", mine.done_page, name="share-done"),
    path("consents/<str:consent_id>/fhir/", papers.consent_file, name="consent-fhir"),
    path("consents/<str:consent_id>/receipt/", papers.receipt_file, name="consent-receipt"),
    path("consents/<str:consent_id>/take-back/", mine.take_back, name="take-back"),
    path("exams/<str:exam_id>/pass-on/", onward.start, name="pass-on-start"),
    path("pass-on/<str:draft_id>/", onward.pass_on_page, name="pass-on"),
    path("exams/<str:exam_id>/ask/", asking.ask_page, name="ask-patient"),
    path("requests/<str:request_id>/", asking.request_page, name="request"),
    path("requests/<str:request_id>/begin/", asking.begin_page, name="request-begin"),
    path("requests/<str:request_id>/decline/", asking.decline_page, name="request-decline"),
    path("requests/<str:request_id>/withdraw/", asking.withdraw_page, name="request-withdraw"),
    path("inbox/", inbox.inbox_page, name="inbox"),
    path("access/", mine.access_page, name="access"),
    path("access/export/", papers.consents_file, name="access-export"),
    path("access/<str:share_id>/let-in/", mine.let_in_recipient, name="let-in"),
    path("groups/", groups.groups_page, name="groups"),
    path("groups/<str:group_id>/", groups.group_page, name="group"),
    path("groups/<str:group_id>/<str:account_id>/remove/", groups.dismiss, name="group-dismiss"),
    path("activity/", activity.activity_page, name="activity"),
    path("activity/export/", papers.accounting_file, name="activity-export"),
    path("activity/export/", papers.accounting_file, name="activity-export"),
    path("add/", uploading.upload_page, name="upload"),
    path("add/<str:batch_id>/", uploading.receipt_page, name="upload-receipt"),
    path("s/<str:share_id>", recipients.open_page, name="share-open"),
    path("s/<str:share_id>/prove/", recipients.prove_page, name="share-prove"),
    path("s/<str:share_id>/code/", recipients.another_code, name="share-code"),
    path("s/<str:share_id>/not-for-me/", recipients.not_for_me, name="share-not-for-me"),
    path("s/<str:share_id>/receipt/", papers.shared_receipt_file, name="shared-receipt"),
    path("s/<str:share_id>/exams/", recipients.shared_exams_page, name="shared-exams"),
    path(
        "s/<str:share_id>/exams/<str:exam_id>/view/",
        recipients.shared_viewer_page,
        name="shared-viewer",
    ),
    path(
        "s/<str:share_id>/exams/<str:exam_id>/download/",
        recipients.download_shared,
        name="shared-download",
    ),
    path("receipts/key", papers.key_file, name="receipt-key"),
    path("receipts/verifier", papers.verifier_file, name="receipt-verifier"),
    path("acting/", acting.acting_page, name="acting"),
    path("acting/help/", acting_helping.help_page, name="acting-help"),
    path("acting/ask/", acting_asking.ask_page, name="acting-ask"),
    path("acting/keep/<str:consent_id>/", acting.keep_page, name="acting-keep"),
    path("acting/<str:representative_id>/accept/", acting.accept, name="acting-accept"),
    path("acting/<str:representative_id>/decline/", acting.decline, name="acting-decline"),
    path("acting/<str:representative_id>/end/", acting.end, name="acting-end"),
    path("acting/<str:representative_id>/disagree/", acting.disagree, name="acting-disagree"),
    path("officer/acting/", staff.list_page, name="staff-acting"),
    path("officer/acting/<str:representative_id>/", staff.one_page, name="staff-acting-one"),
    path(
        "officer/acting/<str:representative_id>/decide/",
        staff.decide_page,
        name="staff-acting-decide",
    ),
    path(
        "officer/acting/<str:representative_id>/papers/<str:evidence_id>/",
        staff.paper,
        name="staff-acting-paper",
    ),
    path("officer/trail/", officer.trail_page, name="trail"),
    path("officer/trail/find/", officer.find_page, name="trail-find"),
    path("officer/trail/verify/", officer.verify_page, name="trail-verify"),
    path("officer/trail/export/", officer.export_page, name="trail-export"),
]
