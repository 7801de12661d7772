"""What Flask-Security is told: which of its pages are open, how keys are made, and our words for its messages."""

import base64
from datetime import timedelta
from hashlib import sha256
from typing import Any

from flask import Flask

from ..clock import now

WRONG = "Wrong e-mail or password."
WRONG_CODE = "This code is wrong, too old, or was used already. Wait for the next one."
ANOTHERS = "This passkey belongs to another account. Use one of your own, or sign in to that account with its password."
SHORTEST, LONGEST = 15, 128  # characters of a password
RECOVERY_CODES = 10

PAGES: dict[str, Any] = {
    "SECURITY_REGISTERABLE": False,
    "SECURITY_RECOVERABLE": False,  # an administrator hands out a link or a one-time password
    "SECURITY_CHANGEABLE": True,
    "SECURITY_TRACKABLE": True,
    "SECURITY_STATIC_FOLDER": None,
    "SECURITY_FLASH_MESSAGES": True,
    "SECURITY_POST_LOGIN_VIEW": "/",
    "SECURITY_POST_LOGOUT_VIEW": "/login",
    "SECURITY_API_ENABLED_METHODS": ["session"],
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    "SECURITY_DATETIME_FACTORY": now,
    "SECURITY_FRESHNESS": timedelta(minutes=10),
    "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(0),
}
PASSWORDS: dict[str, Any] = {
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_PASSWORD_LENGTH_MIN": SHORTEST,
}
SECOND_FACTORS: dict[str, Any] = {
    "SECURITY_TWO_FACTOR": True,
    "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "SECURITY_TWO_FACTOR_ALWAYS_VALIDATE": True,
    "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
    "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,  # seconds before and after, for clocks that differ
    "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/account",
    "SECURITY_TOTP_ISSUER": "Clinic Claims",
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": RECOVERY_CODES,
    "SECURITY_WEBAUTHN": True,
    "SECURITY_WAN_ALLOW_AS_FIRST_FACTOR": False,  # a passkey comes after the password, or confirms a person
    "SECURITY_WAN_ALLOW_AS_VERIFY": ["secondary"],
    "SECURITY_WAN_RP_NAME": "Clinic Claims",
    "SECURITY_WAN_POST_REGISTER_VIEW": "/account",
}
WORDS: dict[str, tuple[str, str]] = {
    "GENERIC_AUTHN_FAILED": (WRONG, "error"),
    "INVALID_PASSWORD": (WRONG, "error"),
    "PASSWORD_CHANGE": ("Your password is changed.", "success"),
    "PASSWORD_IS_THE_SAME": ("Choose a password that differs from the one you have now.", "error"),
    "PASSWORD_INVALID_LENGTH": (
        f"Use at least {SHORTEST} characters; a short sentence is easy to remember.",
        "error",
    ),
    "REAUTHENTICATION_SUCCESSFUL": ("Thank you; please go on.", "success"),
    "TWO_FACTOR_INVALID_TOKEN": (WRONG_CODE, "error"),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": ("You are signed in.", "success"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": ("The authenticator app is set up. Make recovery codes next.", "success"),
    "TWO_FACTOR_DISABLED": ("The authenticator app is no longer asked for.", "success"),
    "TWO_FACTOR_PERMISSION_DENIED": ("Sign in with your password first.", "error"),
    "TWO_FACTOR_SETUP_EXPIRED": ("That took too long. Start again.", "error"),
    "INVALID_RECOVERY_CODE": ("This recovery code is wrong or was used already.", "error"),
    "WEBAUTHN_REGISTER_SUCCESSFUL": ("The passkey “%(name)s” is added.", "success"),
    "WEBAUTHN_CREDENTIAL_DELETED": ("The passkey “%(name)s” is removed.", "success"),
    "WEBAUTHN_NAME_REQUIRED": ("Give the passkey a name, such as “blue key”.", "error"),
    "WEBAUTHN_NAME_INUSE": ("You have a passkey of this name. Choose another.", "error"),
    "WEBAUTHN_NO_VERIFY": ("The passkey could not be checked. Try again.", "error"),
    "WEBAUTHN_UNKNOWN_CREDENTIAL_ID": ("This passkey is not known here. Use another way to sign in.", "error"),
    "WEBAUTHN_EXPIRED": ("That took too long. Start again.", "error"),
    "IDENTITY_NOT_REGISTERED": ("No account here is linked to this sign-in. Sign in with your password, then link it "
                                "on your account page.", "error"),
    "OAUTH_HANDSHAKE_ERROR": ("The identity provider did not confirm the sign-in. Try again.", "error"),
    "DISABLED_ACCOUNT": (WRONG, "error"),
    "API_ERROR": ("This request was not complete. Start again.", "error"),
}  # fmt: skip


def apply(app: Flask) -> None:
    """Put every setting in place that a test or the environment has not set."""
    words = {f"SECURITY_MSG_{name}": value for name, value in WORDS.items()}
    for name, value in (PAGES | PASSWORDS | SECOND_FACTORS | words | _keys(app)).items():
        app.config.setdefault(name, value)


def _keys(app: Flask) -> dict[str, Any]:
    """Make the keys that encrypt second factors. SECOND_FACTOR_KEY may list several, the newest first."""
    secrets = [part.strip() for part in str(app.config["SECOND_FACTOR_KEY"]).split(",")]
    return {
        "SECURITY_TOTP_SECRETS": dict(enumerate(reversed(secrets), start=1)),
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [_fernet_key(secret) for secret in secrets],
    }


def _fernet_key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(sha256(f"recovery codes {secret}".encode()).digest())
