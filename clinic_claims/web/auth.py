"""Sign-in by Flask-Security, with our words, our lock and our history. A second factor is a setting away."""

from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask_login import user_logged_out
from flask_security import (
    ChangePasswordForm,
    LoginForm,
    PasswordUtil,
    Security,
    SQLAlchemyUserDatastore,
    VerifyForm,
    password_changed,
    user_authenticated,
    user_failed_authn,
)
from wtforms import PasswordField, StringField, SubmitField
from wtforms.validators import DataRequired, EqualTo

from ..clock import here, now
from ..db import db, transaction
from ..models.accounts import FsRefreshTracker, Role, User, WebAuthn
from ..services import accounts
from . import sessions
from .security import ask_to_sign_in, record_access, safe_back

WRONG = "Wrong e-mail or password."
SHORTEST, LONGEST = 15, 128  # characters of a password
DISTINCT = 6  # different characters it must have
SETTINGS: dict[str, Any] = {
    "SECURITY_REGISTERABLE": False,
    "SECURITY_RECOVERABLE": False,  # an administrator hands out one-time passwords
    "SECURITY_CHANGEABLE": True,
    "SECURITY_TRACKABLE": True,
    "SECURITY_TWO_FACTOR": False,
    "SECURITY_WEBAUTHN": False,
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_PASSWORD_LENGTH_MIN": SHORTEST,
    "SECURITY_FRESHNESS": timedelta(minutes=10),
    "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(0),
    "SECURITY_API_ENABLED_METHODS": ["session"],
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    "SECURITY_DATETIME_FACTORY": now,
    "SECURITY_STATIC_FOLDER": None,
    "SECURITY_FLASH_MESSAGES": True,
    "SECURITY_POST_LOGIN_VIEW": "/",
    "SECURITY_POST_LOGOUT_VIEW": "/login",
    "SECURITY_MSG_GENERIC_AUTHN_FAILED": (WRONG, "error"),
    "SECURITY_MSG_INVALID_PASSWORD": (WRONG, "error"),
    "SECURITY_MSG_PASSWORD_CHANGE": ("Your password is changed.", "success"),
    "SECURITY_MSG_PASSWORD_IS_THE_SAME": ("Choose a password that differs from the one you have now.", "error"),
    "SECURITY_MSG_PASSWORD_INVALID_LENGTH": (
        f"Use at least {SHORTEST} characters; a short sentence is easy to remember.",
        "error",
    ),
    "SECURITY_MSG_REAUTHENTICATION_SUCCESSFUL": ("Thank you; please go on.", "success"),
}


class SignInForm(LoginForm):
    """E-mail and password. A locked address is refused before the password is looked at."""

    email = StringField(  # pyright: ignore[reportAssignmentType] (the library wants its own e-mail field)
        "E-mail",
        validators=[DataRequired("Enter your e-mail address.")],
        filters=[lambda text: (text or "").strip().lower()],
        render_kw={"autocomplete": "username", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        "Password",
        validators=[DataRequired("Enter your password.")],
        render_kw={"autocomplete": "current-password"},
    )
    remember = None  # pyright: ignore[reportAssignmentType] (a shared workstation must not remember)
    submit = SubmitField("Sign in")

    def validate(self, **options: Any) -> bool:
        """Check the lock, then the password; count a wrong try for unknown addresses too."""
        email = self.email.data or ""
        self.next.data = safe_back(self.next.data or "") or ""
        if until := accounts.locked_until(email, now()):
            self.form_errors.append(_wait(until))
            return False
        if super().validate(**options):
            return True
        if email and self.password.data and self.user is None:
            _count(email)
        if until := accounts.locked_until(email, now()):
            self.form_errors.append(_wait(until))
        return False


class ConfirmForm(VerifyForm):
    """The password once more, before something weighty."""

    password = PasswordField(
        "Password",
        validators=[DataRequired("Enter your password.")],
        render_kw={"autocomplete": "current-password"},
    )
    submit = SubmitField("Go on")


class NewPasswordForm(ChangePasswordForm):
    """The password now, and the new one twice."""

    password = PasswordField("Password you have now", render_kw={"autocomplete": "current-password"})
    new_password = PasswordField(
        "New password",
        description=f"At least {SHORTEST} characters. A short sentence is easy to remember; spaces are welcome.",
        validators=[DataRequired("Enter a new password.")],
        render_kw={"autocomplete": "new-password"},
    )
    new_password_confirm = PasswordField(
        "New password, once more",
        validators=[EqualTo("new_password", "The two new passwords differ.")],
        render_kw={"autocomplete": "new-password"},
    )
    submit = SubmitField("Change password")


class HousePasswords(PasswordUtil):
    """Long, not too long, not one key held down, not one's own name."""

    def validate(self, password: str, is_register: bool, **known: Any) -> tuple[list[str] | None, str]:
        """Return what is wrong, if anything, and the password in its normal form."""
        faults, normal = super().validate(password, is_register, **known)
        found = list(faults or [])
        if len(normal) > LONGEST:
            found.append(f"Use at most {LONGEST} characters.")
        if len(set(normal.lower())) < DISTINCT:
            found.append(f"Use at least {DISTINCT} different characters.")
        if user := known.get("user"):
            found += _own_words(normal, user)
        return found or None, normal


def init_app(app: Flask) -> None:
    """Hang sign-in, sign-out and change of password on the application."""
    for name, value in SETTINGS.items():
        app.config.setdefault(name, value)
    security = Security(
        app,
        SQLAlchemyUserDatastore(db, User, Role, WebAuthn, FsRefreshTracker),
        login_form=SignInForm,
        verify_form=ConfirmForm,
        change_password_form=NewPasswordForm,
        password_util_cls=HousePasswords,
    )
    security.unauthn_handler(ask_to_sign_in)
    user_authenticated.connect(_signed_in, app)
    user_failed_authn.connect(_failed, app)
    user_logged_out.connect(_signed_out, app)
    password_changed.connect(_changed, app)


def _signed_in(_: Flask, user: User, authn_via: list[str] | None = None, **__: Any) -> None:
    """Start a new session for the person; the library commits."""
    sessions.current().belongs_to(user)
    accounts.forget_tries(user.email)
    record_access("sign_in", user, via=authn_via)


def _failed(_: Flask, user: User, **__: Any) -> None:
    _count(user.email, user)


def _count(email: str, user: User | None = None) -> None:
    """Count a wrong try; a lock also ends a half-finished sign-in of that person."""
    with transaction():
        lock = accounts.note_wrong_try(email, now())
        if lock and user:
            accounts.end_sessions(user)
        record_access("locked" if lock else "sign_in_failed", user or "session")


def _signed_out(_: Flask, user: User, **__: Any) -> None:
    with transaction():
        record_access("sign_out", user)
    sessions.current().clear()


def _changed(_: Flask, user: User, **__: Any) -> None:
    """A first password is now the person's own; the library commits."""
    user.must_change_password = False
    record_access("password_changed", user)


def _wait(until: datetime) -> str:
    time = f"{until.astimezone(here()):%I:%M %p}".lstrip("0")
    return f"Too many wrong tries. Wait until {time}, or ask an administrator for a new password."


def _own_words(password: str, user: User) -> list[str]:
    """Refuse a password that is mostly the person's name, their address or this program's name."""
    own = {*user.full_name.lower().split(), *user.email.split("@"), "clinic", "claims", "clinicclaims"}
    rest = password.lower()
    for word in sorted((word for word in own if len(word) >= 4), key=len, reverse=True):
        rest = rest.replace(word, "")
    return [] if len(rest) >= SHORTEST // 2 else ["Your own name, e-mail or “clinic claims” is too easy to guess."]
