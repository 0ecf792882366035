"""What do the account pages ask for? Parsing only: the actions judge."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from safelight.records.accounts.rules import SHORTEST


def _password(label: Any, autocomplete: str, hint: Any = "") -> forms.CharField:  # noqa: ANN401 (lazy text)
    return forms.CharField(
        label=label,
        help_text=hint,
        strip=False,
        max_length=1024,
        error_messages={"required": _("Type a password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


def _email() -> forms.CharField:
    return forms.CharField(
        label=_("E-mail address"),
        max_length=320,
        error_messages={"required": _("Type your e-mail address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "username", "inputmode": "email"}),
    )


def _code(label: Any, hint: Any = "") -> forms.CharField:  # noqa: ANN401 (lazy text)
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=32,
        error_messages={"required": _("Type the code.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code"}
        ),
    )


_NEW = _("At least %(count)s characters. A few words work well.") % {"count": SHORTEST}


class RegisterForm(forms.Form):
    """Who wants an account."""

    name = forms.CharField(
        label=_("Your name"),
        help_text=_("As those you share with should read it."),
        max_length=240,
        error_messages={"required": _("Tell us your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = _email()
    password = _password(_("Password"), "new-password", _NEW)
    statement = forms.IntegerField(widget=forms.HiddenInput)
    accept = forms.BooleanField(required=False)


class CodeForm(forms.Form):
    """A code from a message or an app."""

    code = _code(_("Code"))


class SignInForm(forms.Form):
    """An address and a password."""

    email = _email()
    password = _password(_("Password"), "current-password")


class ResetForm(forms.Form):
    """An address to send a code to."""

    email = _email()


class NewPasswordForm(forms.Form):
    """The code that was sent, and a new password."""

    code = _code(_("Code from the e-mail"))
    password = _password(_("New password"), "new-password", _NEW)


class RecoverForm(forms.Form):
    """What was the owner's before, and a new password."""

    code = _code(_("Code from your app, or a recovery code"))
    password = _password(_("New password"), "new-password", _NEW)


class HeldPasswordForm(forms.Form):
    """A new password, where time and proof stand for the code."""

    password = _password(_("New password"), "new-password", _NEW)


class ChangePasswordForm(forms.Form):
    """A new password; the confirmation beside it asks for the old one."""

    new_password = _password(_("New password"), "new-password", _NEW)


class PasskeyForm(forms.Form):
    """What the browser answered, and a name for it."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("So that you know it again, such as “My phone”."),
        max_length=60,
        required=False,
    )
    credential = forms.CharField(widget=forms.HiddenInput, max_length=20_000)

    def clean_credential(self) -> dict[str, Any]:
        """Read the answer's JSON."""
        return parsed_credential(self.cleaned_data["credential"])


class ConfirmForm(forms.Form):
    """How a person confirms one act: password and app code, or a passkey's answer."""

    challenge = forms.CharField(widget=forms.HiddenInput, max_length=26)
    credential = forms.CharField(widget=forms.HiddenInput, max_length=20_000, required=False)
    password = _password(_("Password"), "current-password")
    code = _code(_("Code from your app"))

    answer = forms.CharField(
        label=_("Your own question"),
        required=False,
        max_length=240,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    prefix = "confirm"  # it stands inside other forms, whose names must stay free

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (Django's signature)
        super().__init__(*args, **kwargs)
        if self.data.get(self.add_prefix("credential")):
            self.fields["password"].required = False
            self.fields["code"].required = False

    def clean_credential(self) -> dict[str, Any] | None:
        """Read the answer's JSON, when there is one."""
        text = self.cleaned_data["credential"]
        return parsed_credential(text) if text else None


class TokenForm(forms.Form):
    """What a new token may do, and for how long."""

    label = forms.CharField(label=_("What is it for?"), max_length=60)
    may_write = forms.BooleanField(
        label=_("It may also add exams, not only read them"), required=False
    )
    may_prepare = forms.BooleanField(
        label=_("It may also read who can see what, and prepare shares for you to sign"),
        required=False,
    )
    days = forms.IntegerField(label=_("Days until it ends"), min_value=1, max_value=365, initial=90)


def parsed_credential(text: str) -> dict[str, Any]:
    """Read a passkey's answer.

    Raises:
        ValidationError: it is not a JSON object.
    """
    try:
        read = json.loads(text)
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise forms.ValidationError(_("What the passkey answered could not be read."))
    return read
