"""What people type on the pages about people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from niva.domains.clients.models import Client, Role
from niva.domains.people.errors import Invalid
from niva.domains.people.models import User, WorkspaceRole
from niva.web.people.zones import zones

if TYPE_CHECKING:
    UserForm = forms.ModelForm[User]
else:
    UserForm = forms.ModelForm

TOKEN_LIVES = (("30", _("30 days")), ("90", _("90 days")), ("365", _("a year")), ("", _("until revoked")))
PASSWORD_HINT = _("At least 10 characters. A few words in a row are easy to remember and hard to guess.")
ROLE_WORDS = (
    (WorkspaceRole.MEMBER, _("member: sees only the clients he has a role at")),
    (WorkspaceRole.MANAGER, _("manager: everything at all clients, and the team")),
    (WorkspaceRole.OWNER, _("owner: the same, and other owners")),
)


def show(form: forms.Form, error: Invalid) -> None:
    """Puts the errors of an operation beside the fields they belong to."""
    for name, sentences in error.errors.items():
        form.add_error(name if name in form.fields else None, sentences)


def _password() -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(
        label=_("Password"), widget=widget, strip=False, max_length=200, help_text=PASSWORD_HINT
    )


def _zone() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Time zone"), choices=zones, initial="Europe/Moscow")


class FoundForm(forms.Form):
    """The first owner."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = _password()
    workspace = forms.CharField(
        label=_("Name of the workspace"), max_length=120, help_text=_("Your agency, studio or just you.")
    )
    time_zone = _zone()


class AcceptForm(forms.Form):
    """A new person who comes by invitation; the address is the one that was invited."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = _password()
    time_zone = _zone()


class WorkspaceForm(forms.Form):
    workspace = forms.CharField(
        label=_("Name of the workspace"), max_length=120, help_text=_("Your agency, studio or just you.")
    )
    time_zone = _zone()


class ProfileForm(UserForm):
    time_zone = _zone()

    class Meta:
        model = User
        fields = ["name", "language", "theme", "time_zone", "keys_on"]
        labels = {
            "name": _("Your name"),
            "language": _("Language"),
            "theme": _("Colours"),
            "keys_on": _("Single letters are shortcuts"),
        }
        help_texts = {
            "name": _("How your colleagues see you."),
            "keys_on": _("N makes a new post, / searches. Switch it off when letters get in the way."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("What will use it"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    days = forms.TypedChoiceField(
        label=_("Works for"),
        coerce=lambda value: int(value) if value else None,
        empty_value=None,
        required=False,
        choices=TOKEN_LIVES,
        initial="90",
    )


class RolesForm(forms.Form):
    """The role in the workspace and a role at each client; used for inviting and for changing."""

    role = forms.ChoiceField(label=_("In the workspace"), choices=ROLE_WORDS, initial=WorkspaceRole.MEMBER)

    def __init__(
        self, *args: Any, clients: Iterable[Client], may_own: bool, may_role: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not may_role:
            del self.fields["role"]
        elif not may_own:
            self.fields["role"].choices = ROLE_WORDS[:2]  # type: ignore[attr-defined]
        for client in clients:
            self.fields[f"client_{client.pk}"] = forms.ChoiceField(
                label=client.name, required=False, choices=[("", _("does not see it")), *Role.choices]
            )

    @property
    def client_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("client_")]

    def roles(self) -> dict[int, str]:
        """Client id -> role, "" for none, as it was chosen."""
        return {
            int(name.removeprefix("client_")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("client_")
        }


class InviteForm(RolesForm):
    field_order = ["email", "role"]
    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))


class AuditForm(forms.Form):
    """Filters of the audit trail; anything that is not in the lists is ignored."""

    who = forms.TypedChoiceField(label=_("Who"), coerce=int, required=False, empty_value=None)
    client = forms.TypedChoiceField(label=_("Client"), coerce=int, required=False, empty_value=None)
    verb = forms.ChoiceField(label=_("What was done"), required=False)

    def __init__(self, *args: Any, people: Any, clients: Any, verbs: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, word, choices in (
            ("who", _("anyone"), people),
            ("client", _("any"), clients),
            ("verb", _("anything"), verbs),
        ):
            self.fields[name].choices = [("", word), *choices]  # type: ignore[attr-defined]
