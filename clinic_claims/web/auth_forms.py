"""The forms at the door, in our words, with our lock."""

from datetime import datetime
from typing import Any

from flask import request, session
from flask_security import (
    ChangePasswordForm,
    LoginForm,
    MfRecoveryForm,
    TwoFactorRescueForm,
    TwoFactorSetupForm,
    TwoFactorVerifyCodeForm,
    VerifyForm,
    WebAuthnRegisterForm,
    WebAuthnSigninResponseForm,
)
from wtforms import HiddenField, PasswordField, RadioField, StringField, SubmitField
from wtforms.validators import DataRequired, EqualTo, Length

from ..clock import here, now
from ..db import transaction
from ..models.accounts import User
from ..services import accounts, throttle
from .auth_settings import ANOTHERS, LONGEST, SHORTEST
from .auth_settings import WRONG as WRONG_PASSWORD
from .security import WRONG, record_access, safe_back, signed_in

CURRENT = {"autocomplete": "current-password"}
NEW = {"autocomplete": "new-password"}
CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
ADVICE = f"At least {SHORTEST} characters. A short sentence is easy to remember; spaces are welcome."


class SignInForm(LoginForm):
    """E-mail and password. A locked address, and more than any password has, is refused before anything is hashed."""

    email = StringField(  # pyright: ignore[reportAssignmentType] (the library wants its own e-mail field)
        "E-mail",
        validators=[DataRequired("Enter your e-mail address.")],
        filters=[lambda text: (text or "").strip().lower()],
        render_kw={"autocomplete": "username", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField("Password", validators=[DataRequired("Enter your password.")], render_kw=CURRENT)
    remember = None  # pyright: ignore[reportAssignmentType] (a shared workstation must not remember)
    submit = SubmitField("Sign in")

    def validate(self, **options: Any) -> bool:
        """Check the lock, then the password; count a wrong try for unknown addresses too."""
        email = self.email.data or ""
        self.next.data = safe_back(self.next.data or "") or ""
        if until := accounts.locked_until(email, now()):
            self.form_errors.append(wait(until))
            return False
        if len(self.password.data or "") > LONGEST:
            self.form_errors.append(WRONG_PASSWORD)
        elif super().validate(**options):
            return True
        if email and self.password.data and self.user is None:
            count_wrong(email)
        if until := accounts.locked_until(email, now()):
            self.form_errors.append(wait(until))
        return False


class ConfirmForm(VerifyForm):
    """The password once more, before something weighty."""

    password = PasswordField("Password", validators=[DataRequired("Enter your password.")], render_kw=CURRENT)
    submit = SubmitField("Go on")


class NewPasswordForm(ChangePasswordForm):
    """The password now, and the new one twice; a wrong one now counts towards the lock, as at the door."""

    password = PasswordField("Password you have now", render_kw=CURRENT)
    new_password = PasswordField(
        "New password", description=ADVICE, validators=[DataRequired("Enter a new password.")], render_kw=NEW
    )
    new_password_confirm = PasswordField(
        "New password, once more",
        validators=[EqualTo("new_password", "The two new passwords differ.")],
        render_kw=NEW,
    )
    submit = SubmitField("Change password")

    def validate(self, **options: Any) -> bool:
        """Check both."""
        if super().validate(**options):
            return True
        if WRONG_PASSWORD in self.password.errors:
            signed_in().track_failed_authn("password", True)
        return False


class AuthenticatorForm(TwoFactorSetupForm):
    """Start with an authenticator app: there is nothing to choose but to begin, or to stop."""

    setup = HiddenField(default="authenticator")  # pyright: ignore[reportAssignmentType]


class CodeForm(TwoFactorVerifyCodeForm):
    """The six digits that the authenticator app shows."""

    code = StringField("Code of your authenticator app", [DataRequired("Enter the six digits.")], render_kw=CODE)


class NoRescueForm(TwoFactorRescueForm):
    """The library builds this form beside the code; its page is closed and its choices are none."""

    help_setup = RadioField(choices=[])  # pyright: ignore[reportAssignmentType]


class RecoveryForm(MfRecoveryForm):
    """One of the codes that were printed when the second factor was set up; wrong ones count towards the lock."""

    code = StringField(
        "Recovery code",
        [DataRequired("Enter one of your recovery codes.")],
        filters=[lambda text: (text or "").strip().lower()],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )

    def validate(self, **options: Any) -> bool:
        """Check the code against those that are left."""
        if super().validate(**options):
            return True
        if self.user and self.code.data:
            self.user.track_failed_authn("recovery code", True)
        return False


class PasskeyForm(WebAuthnRegisterForm):
    """A name for a new passkey."""

    name = StringField(
        "Name of the passkey",
        [DataRequired("Give the passkey a name, such as “blue key”."), Length(max=64)],
        description="A name that tells it apart, such as “blue key” or “office laptop”.",
        render_kw={"autocomplete": "off"},
    )
    usage = HiddenField(default="secondary")  # pyright: ignore[reportAssignmentType]


class PasskeyAnswerForm(WebAuthnSigninResponseForm):
    """What a passkey says: at the door that of the person whose password came before; to confirm, with PIN or finger.

    A passkey that lies about is not enough for what asks who is there, nor a password of one's own for another's.
    """

    def validate(self, **options: Any) -> bool:
        """Check the answer. The library compares the persons where one confirms, but not at the door."""
        self.user_verification = self.user_verification or self.is_verify
        if not super().validate(**options):
            return False
        if self.user is None or self.is_verify or session.get("tf_user_id") == self.user.fs_uniquifier:
            return self.user is not None
        self.user.track_failed_authn("passkey", True)
        self.credential.errors = [ANOTHERS]
        return False


def count_wrong(email: str, user: User | None = None) -> None:
    """Count a wrong try; a lock also ends a half-finished sign-in of that person."""
    with transaction():
        lock = accounts.note_wrong_try(email, now())
        if lock and user:
            accounts.end_sessions(user)
        throttle.allows(WRONG, throttle.network(request.remote_addr or ""), now())
        record_access("locked" if lock else "sign_in_failed", user or "session")


def wait(until: datetime) -> str:
    """Say how long a lock lasts."""
    time = f"{until.astimezone(here()):%I:%M %p}".lstrip("0")
    return f"Too many wrong tries. Wait until {time}, or ask an administrator for a new password."
