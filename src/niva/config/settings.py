"""Settings: everything that differs between machines comes from the environment.

| variable | what it does |
|---|---|
| DATABASE_URL | any PostgreSQL; without it `niva run` starts the embedded one |
| NIVA_HOME | where data, media and secrets live |
| NIVA_SECRET_KEY, NIVA_TOKEN_KEYS | secrets; without them they are made once and kept in NIVA_HOME |
| NIVA_HOSTS | comma-separated names the desk answers to, besides loopback |
| NIVA_BASE_URL | the address people reach it at, for links in mail and for OAuth |
| NIVA_DEBUG | "1" for developers |
| EMAIL_URL | smtp://user:password@host:port, or smtps://; without it invitations are shown, not sent |
| NIVA_MAIL_FROM | the sender of mail |
| NIVA_PROXIES | how many proxies of yours stand in front; rate limits then read X-Forwarded-For |
| NIVA_DEMO_OPEN | "1" lets the demo's sign-in address work from other machines |
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from niva.kit.home import home, load_or_make_secrets

PACKAGE = Path(__file__).resolve().parent.parent


def flag(name: str) -> bool:
    """True for "1", False for "0", "" or unset; anything else is a mistake worth stopping for."""
    value = os.environ.get(name, "")
    if value not in ("", "0", "1"):
        raise ValueError(f"{name} must be 0 or 1, not {value!r}")
    return value == "1"


DEBUG = flag("NIVA_DEBUG")
NIVA_HOME = home().root
_secrets = load_or_make_secrets()
SECRET_KEY = os.environ.get("NIVA_SECRET_KEY") or _secrets.secret_key
# The first key encrypts, all decrypt: put a new one in front to rotate.
TOKEN_KEYS = [k for k in os.environ.get("NIVA_TOKEN_KEYS", "").split(",") if k] or list(_secrets.token_keys)
BASE_URL = os.environ.get("NIVA_BASE_URL", "").rstrip("/")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS += [host for host in os.environ.get("NIVA_HOSTS", "").split(",") if host]
if BASE_URL:
    ALLOWED_HOSTS.append(urlsplit(BASE_URL).hostname or "")
    CSRF_TRUSTED_ORIGINS = [BASE_URL]
HTTPS = BASE_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "niva.kit.jobs",
    "niva.kit.pulse",
    "niva.domains.people",
    "niva.domains.clients",
    "niva.domains.notices",
    "niva.domains.strategy",
    "niva.domains.communities",
    "niva.domains.condition",
    "niva.domains.publishing",
    "niva.domains.metrics",
    "niva.domains.advice",
    "niva.domains.experiments",
    "niva.domains.leads",
    "niva.domains.editorial",
    "niva.domains.sources",
    "niva.domains.pay",
    "niva.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "niva.web.middleware.request_id",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "niva.web.middleware.actor",
    "niva.web.middleware.language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "niva.config.urls"
WSGI_APPLICATION = "niva.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "niva.web.context.shell",
            ],
        },
    }
]

_database = dj_database_url.parse(os.environ.get("DATABASE_URL", "postgresql:///niva"))
# What stands behind the question mark of the address (the socket's folder, sslmode) arrives in OPTIONS.
_options = {"application_name": os.environ.get("NIVA_PROCESS", "niva"), **_database.get("OPTIONS", {})}
DATABASES = {"default": {**_database, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "OPTIONS": _options}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # Rate limits must hold across processes and machines, so they live where everything else lives.
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "niva_cache"},
}

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "niva.web.people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {
    "login": "niva.web.people.account_forms.LoginForm",
    "change_password": "niva.web.people.account_forms.ChangePasswordForm",
    "set_password": "niva.web.people.account_forms.SetPasswordForm",
    "reset_password": "niva.web.people.account_forms.ResetPasswordForm",
    "reset_password_from_key": "niva.web.people.account_forms.ResetPasswordKeyForm",
    "reauthenticate": "niva.web.people.account_forms.ReauthenticateForm",
}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("NIVA_PROXIES", "0"))
DEMO_OPEN = flag("NIVA_DEMO_OPEN")
MFA_ADAPTER = "niva.web.people.adapter.SecondStepAdapter"
MFA_FORMS = {
    "authenticate": "niva.web.people.account_forms.AuthenticateForm",
    "reauthenticate": "niva.web.people.account_forms.ReauthenticateByCodeForm",
    "activate_totp": "niva.web.people.account_forms.ActivateTOTPForm",
    "add_webauthn": "niva.web.people.account_forms.AddWebAuthnForm",
    "edit_webauthn": "niva.web.people.account_forms.EditWebAuthnForm",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are verified by nobody: people come by invitation
MFA_TOTP_TOLERANCE = 1  # one step of 30 s either way, as RFC 6238 section 5.2 advises for clock drift
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Niva"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or not HTTPS  # loopback only: browsers refuse it elsewhere

LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Moscow"

STATIC_URL = "/static/"
STATIC_ROOT = NIVA_HOME / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = NIVA_HOME / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

_mail = urlsplit(os.environ.get("EMAIL_URL", ""))
MAIL_WORKS = bool(_mail.hostname)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if MAIL_WORKS else 'dummy'}.EmailBackend"
EMAIL_HOST = _mail.hostname or ""
EMAIL_PORT = _mail.port or (465 if _mail.scheme == "smtps" else 587)
EMAIL_HOST_USER = unquote(_mail.username or "")
EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
EMAIL_USE_SSL = _mail.scheme == "smtps"
EMAIL_USE_TLS = _mail.scheme == "smtp" and bool(_mail.username)
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = os.environ.get("NIVA_MAIL_FROM", "Niva <niva@localhost>")

PRACTICE_PORT = int(os.environ.get("NIVA_PRACTICE_PORT", "8131"))
PRACTICE_URL = os.environ.get("NIVA_PRACTICE_URL", f"http://127.0.0.1:{PRACTICE_PORT}")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "niva.kit.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("NIVA_LOG_LEVEL", "WARNING")},
    "loggers": {"niva": {"level": os.environ.get("NIVA_LOG_LEVEL", "INFO")}},
}
