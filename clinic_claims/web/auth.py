"""Sign-in by Flask-Security, with our words, our lock and our history: password, then app, passkey or recovery code."""

from typing import Any

from flask import Flask, current_app, has_request_context, request
from flask_login import current_user, user_logged_out
from flask_security import (
    Security,
    SQLAlchemyUserDatastore,
    Totp,
    WebauthnUtil,
    password_changed,
    tf_disabled,
    tf_profile_changed,
    user_authenticated,
    user_failed_authn,
    wan_deleted,
    wan_registered,
)
from webauthn.helpers.structs import AuthenticatorSelectionCriteria, UserVerificationRequirement

from ..db import db, transaction
from ..models.accounts import FsRefreshTracker, Role, User, WebAuthn
from ..services import accounts, daily, invitations
from ..services.deeds import Refused
from . import auth_forms, auth_settings, sessions, single_sign_on
from .passwords import HousePasswords
from .security import ask_to_confirm, ask_to_sign_in, record_access, this_deed

NO_KEY = (
    "Your authenticator cannot be checked: the key that opens its secret is not in place. Use a recovery code or a "
    "passkey, or ask an administrator, whom `doctor` tells what to do."
)


class OncePerCode(Totp):
    """Takes each code of an authenticator once, as ASVS 6.5.1 asks."""

    def verify_totp(self, token: str, totp_secret: str, user: Any, window: int = 0) -> bool:
        """Check a code, one request at a time for each person. Raises Refused where the key at hand opens no secret."""
        if user.id:
            db.session.refresh(user, ["last_code"], with_for_update=True)
        try:
            return super().verify_totp(token, totp_secret, user, window)
        except (KeyError, TypeError, ValueError):
            raise Refused(NO_KEY) from None

    def get_last_counter(self, user: Any) -> int | None:
        """Return the counter of the last code taken."""
        return user.last_code

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Keep the counter of the code taken; the library commits."""
        user.last_code = tmatch.counter


class Passkeys(WebauthnUtil):
    """A touch is enough beside the password at the door; PIN or finger is asked for where the passkey stands alone."""

    def authenticator_selection(self, user: Any, usage: str) -> AuthenticatorSelectionCriteria:
        """Say what a new passkey should be: one with a PIN or a finger, where it can."""
        wanted = super().authenticator_selection(user, usage)
        wanted.user_verification = UserVerificationRequirement.PREFERRED
        return wanted

    def user_verification(self, user: Any, usage: list[str]) -> UserVerificationRequirement:
        """Say whether PIN or finger is asked for: of somebody signed in, who confirms."""
        if current_user.is_authenticated:
            return UserVerificationRequirement.REQUIRED
        return super().user_verification(user, usage)


class People(SQLAlchemyUserDatastore):
    """Finds people in the database, but whoever the request belongs to in its session, which was read with them."""

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> Any:
        """Return somebody by one column, or None."""
        person = sessions.current().person if has_request_context() else None
        if person is not None and kwargs == {"fs_uniquifier": person.fs_uniquifier}:
            return person
        return super().find_user(case_insensitive, **kwargs)


def init_app(app: Flask) -> None:
    """Hang sign-in, second factors, sign-out and change of password on the application."""
    auth_settings.apply(app)
    single_sign_on.configure(app)
    security = Security(
        app,
        People(db, User, Role, WebAuthn, FsRefreshTracker),
        login_form=auth_forms.SignInForm,
        verify_form=auth_forms.ConfirmForm,
        change_password_form=auth_forms.NewPasswordForm,
        two_factor_setup_form=auth_forms.AuthenticatorForm,
        two_factor_verify_code_form=auth_forms.CodeForm,
        two_factor_rescue_form=auth_forms.NoRescueForm,
        mf_recovery_form=auth_forms.RecoveryForm,
        wan_register_form=auth_forms.PasskeyForm,
        wan_signin_response_form=auth_forms.PasskeyAnswerForm,
        password_util_cls=HousePasswords,
        totp_cls=OncePerCode,
        webauthn_util_cls=Passkeys,
    )
    security.unauthn_handler(ask_to_sign_in)
    security.reauthn_handler(lambda *_: ask_to_confirm())
    security.want_json(lambda _: False)
    single_sign_on.register(app)
    for signal, told in TOLD:
        signal.connect(told, app)


def _signed_in(_: Flask, user: User, authn_via: list[str] | None = None, **__: Any) -> None:
    """Start a new session for the person; the library commits."""
    sessions.current().belongs_to(user)
    accounts.forget_tries(user.email)
    record_access("sign_in", user, via=authn_via or [request.endpoint])
    if current_app.config["WORKS_ALONE"]:
        daily.ask(this_deed())  # no worker does; the first page wakes it


def _failed(_: Flask, user: User, **__: Any) -> None:
    auth_forms.count_wrong(user.email, user)


def _signed_out(_: Flask, user: User, **__: Any) -> None:
    with transaction():
        record_access("sign_out", user)
    sessions.current().clear()


def _changed(_: Flask, user: User, **__: Any) -> None:
    """A first password is now the person's own, and no link replaces it; the library commits."""
    user.must_change_password = False
    invitations.withdraw(user)
    record_access("password_changed", user)


def _app_set_up(_: Flask, user: User, **__: Any) -> None:
    record_access("second_factor_set", user, kind="authenticator")


def _app_removed(_: Flask, user: User, **__: Any) -> None:
    record_access("second_factor_removed", user, kind="authenticator")


def _passkey_added(_: Flask, user: User, **__: Any) -> None:
    record_access("second_factor_set", user, kind="passkey")


def _passkey_removed(_: Flask, user: User, **__: Any) -> None:
    record_access("second_factor_removed", user, kind="passkey")


TOLD = (
    (user_authenticated, _signed_in),
    (user_failed_authn, _failed),
    (user_logged_out, _signed_out),
    (password_changed, _changed),
    (tf_profile_changed, _app_set_up),
    (tf_disabled, _app_removed),
    (wan_registered, _passkey_added),
    (wan_deleted, _passkey_removed),
)
