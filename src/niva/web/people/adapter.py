# mypy: disable-error-code="misc"
# (allauth is untyped, so its classes are Any to mypy)
"""How allauth behaves here: who may sign up, what its answers say, how its secrets are kept."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from niva.domains.people.models import User
from niva.flows import found
from niva.kit.seal import seal, unseal


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": gettext_lazy("This person may not sign in any more."),
        "email_password_mismatch": gettext_lazy(
            "The e-mail or the password does not fit. Check the layout of the keyboard and Caps Lock."
        ),
        "enter_current_password": gettext_lazy("This is not your present password."),
        "incorrect_code": gettext_lazy("The code does not fit. Take the newest one from the application."),
        "incorrect_password": gettext_lazy("This is not your password."),
        "invalid_password_reset": gettext_lazy("The link was used already or its time has passed."),
        "too_many_login_attempts": gettext_lazy("Too many tries in a row. Wait five minutes and try again."),
        "rate_limited": gettext_lazy("Too many tries in a row. Wait five minutes and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Only the first owner signs up; everybody else comes by invitation, through its own page."""
        return found.is_open()

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("profile")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On our own address where it is known, so that a forged Host header reaches no letter."""
        if not settings.BASE_URL:
            return str(super().get_reset_password_from_key_url(key))
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.BASE_URL + path.replace("UID-KEY", key)


class SecondStepAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("The code does not fit. Take the newest one from the application."),
    }

    def encrypt(self, text: str) -> str:
        return seal({"text": text}, settings.TOKEN_KEYS).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return str(unseal(encrypted_text.encode(), settings.TOKEN_KEYS)["text"])

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _("Key %(number)s") % {"number": count + 1}

    def _get_site_name(self) -> str:
        return "Niva"

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, object]:
        entity: dict[str, object] = super().get_public_key_credential_user_entity(user)
        if isinstance(user, User):
            entity["display_name"] = str(user)
        return entity
