"""Which address leads to which page about oneself?"""

from __future__ import annotations

from django.urls import path

from safelight.surfaces.web.account import (
    factors,
    leaving,
    not_me,
    questions,
    recover,
    register,
    reset,
    security,
    sign_in,
    statement,
    tokens,
)

urlpatterns = [
    path("account/register/", register.register_page, name="register"),
    path("account/verify/", register.verify_page, name="verify"),
    path("account/verify/again/", register.verify_again, name="verify-again"),
    path("account/sign-in/", sign_in.sign_in_page, name="sign-in"),
    path("account/sign-in/factor/", sign_in.factor_page, name="sign-in-factor"),
    path("account/sign-in/passkey/question/", sign_in.passkey_question, name="passkey-question"),
    path("account/sign-in/passkey/", sign_in.passkey_answer, name="passkey-answer"),
    path("account/sign-out/", sign_in.sign_out_page, name="sign-out"),
    path("account/reset/", reset.reset_page, name="reset"),
    path("account/reset/code/", reset.reset_code_page, name="reset-code"),
    path("account/not-me/", not_me.outside_page, name="not-me"),
    path("account/not-me/here/", not_me.here_page, name="not-me-here"),
    path("account/not-me/<str:key>/", not_me.mailed_page, name="not-me-mailed"),
    path("account/recover/<str:key>/", recover.recover_page, name="recover"),
    path("account/recover/<str:key>/hold/", recover.hold_page, name="recover-hold"),
    path("account/recover/<str:key>/stop/", recover.stop_page, name="recover-stop"),
    path("consents/<str:consent_id>/was-me/", not_me.was_me_page, name="share-was-me"),
    path("account/statement/", statement.accept_page, name="accept-statement"),
    path("account/leave/", leaving.leave_page, name="leave"),
    path("account/come-back/", leaving.come_back_page, name="come-back"),
    path("account/security/", security.security_page, name="security"),
    path("account/security/password/", security.password_page, name="change-password"),
    path("account/security/sessions/end/", security.end_all_page, name="end-sessions"),
    path(
        "account/security/sessions/<str:session>/end/",
        security.end_session_page,
        name="end-session",
    ),
    path("account/security/factors/add/", factors.add_factor_page, name="add-factor"),
    path("account/security/factors/app/", factors.add_app_page, name="add-app"),
    path("account/security/factors/passkey/", factors.add_passkey_page, name="add-passkey"),
    path("account/security/factors/key/", factors.add_key_page, name="add-security-key"),
    path(
        "account/security/factors/<int:factor>/remove/",
        factors.remove_factor_page,
        name="remove-factor",
    ),
    path("account/security/codes/", factors.codes_page, name="recovery-codes"),
    path("account/security/questions/", questions.questions_page, name="questions"),
    path("account/security/tokens/", tokens.create_token_page, name="create-token"),
    path(
        "account/security/tokens/<str:token>/revoke/",
        tokens.revoke_token_page,
        name="revoke-token",
    ),
    path("statement/", statement.statement_page, name="statement"),
    path("statement/<int:number>/", statement.statement_page, name="statement-version"),
    path("statement/<int:number>/changes/", statement.changes_page, name="statement-changes"),
]
