"""How is Django set up here? Only what the rooms need, nothing that opens a second way in."""

from __future__ import annotations

from pathlib import Path

from safelight.config import environment
from safelight.config.databases import databases
from safelight.config.root_key import root_provider
from safelight.config.zones import zone_said
from safelight.exchange.access.representing.majority import ages_said
from safelight.platform.keys.roots import secrets_for

_environment = environment.load()

SAFELIGHT_DATA = _environment.data
SAFELIGHT_ROOT_KEY_FILE = _environment.root_key_file
SAFELIGHT_PUBLIC_URL = _environment.text("public_url", "http://localhost:8000").rstrip("/")
SAFELIGHT_STORE_URL = _environment.text("store_url")
SAFELIGHT_EMAIL_URL = _environment.text("email_url", f"file://{SAFELIGHT_DATA / 'mail'}")
SAFELIGHT_OPERATOR = _environment.text("operator", "Safelight")
SAFELIGHT_PRIVACY_CONTACT = _environment.text("privacy_contact", "")
SAFELIGHT_AGES_OF_MAJORITY = ages_said(_environment.text("ages_of_majority"))
SAFELIGHT_TIME_ZONE = zone_said(_environment.text("time_zone", "UTC"))
SAFELIGHT_LOG_LEVEL = _environment.text("log_level", "info")
SAFELIGHT_TLS_CERT = _environment.text("tls_cert")
SAFELIGHT_BACKUP_TO = _environment.text("backup_to")
SAFELIGHT_BACKUP_KEYS_TO = _environment.text("backup_keys_to")
SAFELIGHT_BACKUP_PUBLIC_KEY_FILE = _environment.text("backup_public_key_file")
SAFELIGHT_BACKUP_EVERY_HOURS = _environment.number("backup_every_hours", 24)
SAFELIGHT_BACKUP_PRUNES = _environment.flag("backup_prunes", default=True)
SAFELIGHT_JOURNAL_TO = _environment.text("journal_to")
SAFELIGHT_CLOCK_IS_RIGHT = _environment.flag("clock_is_right")
SAFELIGHT_WITNESS_URLS = _environment.text("witness_urls").split()
SAFELIGHT_WITNESS_KEYS = _environment.text("witness_keys").split()
SAFELIGHT_HIGH_WATER_FILE = _environment.text("high_water_file")
SAFELIGHT_AUDIT_SYSLOG_URL = _environment.text("audit_syslog_url")
SAFELIGHT_AUDIT_SYSLOG_CA = _environment.text("audit_syslog_ca")
SAFELIGHT_AUDIT_SYSLOG_CERT = _environment.text("audit_syslog_cert")
SAFELIGHT_AUDIT_SYSLOG_KEY = _environment.text("audit_syslog_key")
SAFELIGHT_DIMSE_TLS_CERT = _environment.text("dimse_tls_cert")
SAFELIGHT_DIMSE_TLS_KEY = _environment.text("dimse_tls_key")
SAFELIGHT_DIMSE_PLAIN_SEGMENTS = _environment.text("dimse_plain_segments").split()
SAFELIGHT_PEER_SEGMENTS = _environment.text("peer_segments").split()
SAFELIGHT_DEMO = _environment.flag("demo")

DEBUG = False
SAFELIGHT_ROOT_KEY = root_provider(_environment)
SECRET_KEY, *SECRET_KEY_FALLBACKS = secrets_for(SAFELIGHT_ROOT_KEY, "django")
# Addresses are built from the public base, never from the Host header; the
# header is still checked so that nothing answers under a foreign name.
ALLOWED_HOSTS = [
    "localhost",
    "127.0.0.1",
    "[::1]",
    SAFELIGHT_PUBLIC_URL.partition("://")[2].partition("/")[0].rpartition(":")[0]
    or SAFELIGHT_PUBLIC_URL.partition("://")[2],
]
CSRF_TRUSTED_ORIGINS = [SAFELIGHT_PUBLIC_URL]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "safelight.platform.keys",
    "safelight.platform.audit",
    "safelight.platform.jobs",
    "safelight.platform.notices",
    "safelight.records.accounts",
    "safelight.records.accounts.questions",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "safelight.records.imaging",
    "safelight.records.partners",
    "safelight.exchange.consent",
    "safelight.exchange.access",
    "safelight.exchange.access.powers",
    "safelight.exchange.receive",
    "safelight.exchange.receive.handover",
    "safelight.exchange.release",
    "safelight.exchange.release.inbox",
    "safelight.exchange.release.on_paper",
    "safelight.exchange.release.reports",
    "safelight.exchange.release.transfer",
    "safelight.governance.compliance",
    "safelight.governance.agreements",
    "safelight.governance.keys",
    "safelight.governance.watch",
    "safelight.governance.compromise",
    "safelight.governance.closing",
    "safelight.governance.recovery",
    "safelight.governance.trail",
    "safelight.governance.deadlines",
    "safelight.governance.review",
    "safelight.governance.rights",
    "safelight.surfaces.web",
]

DATABASES = databases(
    SAFELIGHT_DATA,
    _environment.text("database_url"),
    _environment.text("keys_database_url"),
    _environment.text("database_password"),
)
DATABASE_ROUTERS = ["safelight.platform.keys.router.KeysRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = True

AUTH_USER_MODEL = "accounts.Account"
SESSION_ENGINE = "safelight.records.accounts.sessions"
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
AUTHENTICATION_BACKENDS = ["safelight.records.accounts.backend.AccountBackend"]
PASSWORD_HASHERS = ["safelight.records.accounts.passwords.PepperedArgon2"]
LOGIN_URL = "sign-in"

ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# An address of 254 characters is this long once it is sealed.
ACCOUNT_EMAIL_MAX_LENGTH = 364
MFA_ADAPTER = "safelight.records.accounts.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "Safelight"
MFA_WEBAUTHN_USER_VERIFICATION = "required"

MIDDLEWARE = [
    "safelight.config.observed.NameRoute",
    "safelight.surfaces.web.headers.SecurityHeaders",
    "safelight.surfaces.api.manners.Manners",
    "safelight.surfaces.web.static_files.StaticFiles",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "safelight.surfaces.web.problems.SayProblems",
    "safelight.surfaces.web.modes.KeepMode",
    "safelight.surfaces.web.account.middleware.LeadIn",
]
ROOT_URLCONF = "safelight.config.urls"
WSGI_APPLICATION = None
STATIC_URL = "/static/"
STORAGES = {"staticfiles": {"BACKEND": "safelight.surfaces.web.static_files.NamedByContent"}}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent.parent / "surfaces" / "web" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "safelight.surfaces.web.context.every_page",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]
LOGGING_CONFIG = None
