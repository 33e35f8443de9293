# mypy: disable-error-code="misc"
# (allauth is untyped, so its classes are Any to mypy)
"""The forms of allauth with our words and without its placeholders."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

WORDS = {
    "login": _("E-mail"),
    "email": _("E-mail"),
    "password": _("Password"),
    "oldpassword": _("Present password"),
    "password1": _("New password"),
    "password2": _("New password once more"),
    "code": _("Code"),
    "name": _("What you call the key"),
    "passwordless": _("Sign in with this key alone, without a password"),
}
HINTS = {
    "password1": _("At least 10 characters. A few words in a row are easy to remember and hard to guess."),
    "passwordless": _("The key then asks for a fingerprint, a face or its own PIN."),
}


class Worded:
    """Labels and hints from above for every field that the form has."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.help_text = HINTS.get(name, "")
            if name in WORDS:
                field.label = WORDS[name]
            if name == "code":
                field.widget.attrs["inputmode"] = "numeric"


class LoginForm(Worded, account.LoginForm):
    pass


class ChangePasswordForm(Worded, account.ChangePasswordForm):
    pass


class SetPasswordForm(Worded, account.SetPasswordForm):
    pass


class ResetPasswordForm(Worded, account.ResetPasswordForm):
    def clean_email(self) -> str:
        if not settings.MAIL_WORKS:
            raise ValidationError(_("This desk cannot send mail, so it cannot send the link."))
        return str(super().clean_email())


class ResetPasswordKeyForm(Worded, account.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(Worded, account.ReauthenticateForm):
    pass


class AuthenticateForm(Worded, mfa.AuthenticateForm):
    pass


class ReauthenticateByCodeForm(Worded, mfa.ReauthenticateForm):
    pass


class ActivateTOTPForm(Worded, totp.ActivateTOTPForm):
    pass


class AddWebAuthnForm(Worded, webauthn.AddWebAuthnForm):
    pass


class EditWebAuthnForm(Worded, webauthn.EditWebAuthnForm):
    pass
