"""Settings by environment. Secrets come from the environment, or from `instance/secrets.json` on an office PC.

CLINIC_CLAIMS_ENV chooses the class: office (default), production or test.
"""

import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent
SECRETS = ("SECRET_KEY", "SECURITY_PASSWORD_SALT", "AUDIT_KEY", "SECOND_FACTOR_KEY")
LENGTH, DISTINCT = 32, 8  # characters a secret must have, and how many of them must differ


class Office:
    """One office PC: embedded SQLite, files under `instance/`, secrets made on the first start."""

    INSTANCE = Path(os.environ.get("CLINIC_CLAIMS_INSTANCE", ROOT / "instance"))
    SQLALCHEMY_DATABASE_URI = ""  # filled in by create_app from DATABASE_URL, else SQLite in INSTANCE
    DATABASE_KEY_FILE = os.environ.get("CLINIC_CLAIMS_DATABASE_KEY_FILE", "")  # encrypts the embedded database
    DOCUMENTS = os.environ.get("CLINIC_CLAIMS_DOCUMENTS", "")  # folder or bucket; INSTANCE/documents without it
    AUDIT_KEYS_BEFORE: ClassVar[list[str]] = []  # audit keys that sealed older parts of the history, the newest first
    TIMEZONE = os.environ.get("CLINIC_CLAIMS_TIMEZONE", "America/New_York")
    MAX_CONTENT_LENGTH = 25 * 1024 * 1024  # bytes: the largest upload taken
    MAX_FORM_MEMORY_SIZE = 2 * 1024 * 1024
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    SESSION_COOKIE_SECURE = False  # plain http on 127.0.0.1
    WTF_CSRF_TIME_LIMIT = None  # the token lives as long as the session
    TEMPLATES_AUTO_RELOAD = False
    TRUSTED_HOSTS: ClassVar[list[str]] = ["127.0.0.1", "localhost"]
    PROXIES = 0  # how many reverse proxies stand before the application
    WORKS_ALONE = True  # no worker runs beside the pages: they do long work themselves, in a thread
    SECURITY_TWO_FACTOR_REQUIRED = False  # a second factor is offered, not asked for
    ADDRESS = os.environ.get("CLINIC_CLAIMS_ADDRESS", "http://127.0.0.1:8000")  # of this site, for links in e-mail
    SMTP_HOST = os.environ.get("CLINIC_CLAIMS_SMTP_HOST", "")  # no e-mail is sent without one
    SMTP_PORT = 587
    SMTP_SECURITY = os.environ.get("CLINIC_CLAIMS_SMTP_SECURITY", "starttls")  # starttls, tls or none
    SMTP_USER = os.environ.get("CLINIC_CLAIMS_SMTP_USER", "")
    SMTP_PASSWORD = os.environ.get("CLINIC_CLAIMS_SMTP_PASSWORD", "")
    SMTP_SENDER = os.environ.get("CLINIC_CLAIMS_SMTP_SENDER", "clinic-claims@localhost")
    OIDC_ISSUER = os.environ.get("CLINIC_CLAIMS_OIDC_ISSUER", "")  # single sign-on is off without one
    OIDC_CLIENT_ID = os.environ.get("CLINIC_CLAIMS_OIDC_CLIENT_ID", "")
    OIDC_CLIENT_SECRET = os.environ.get("CLINIC_CLAIMS_OIDC_CLIENT_SECRET", "")


class Production(Office):
    """Many sites behind a TLS proxy: secrets and the database come from the environment alone."""

    SESSION_COOKIE_SECURE = True
    PROXIES = 1
    WORKS_ALONE = False
    SECURITY_TWO_FACTOR_REQUIRED = True


class Test(Office):
    """Tests: nothing under `instance/`, cheap passwords, fixed secrets."""

    __test__ = False
    TESTING = True
    WORKS_ALONE = False  # a test does the work itself, when it says so
    SECRET_KEY = "test-secret-key-that-is-long-enough-for-anything"  # noqa: S105
    SECURITY_PASSWORD_SALT = "test-password-salt-0123456789abcdef"  # noqa: S105
    AUDIT_KEY = "test-audit-key-0123456789abcdef0123"
    SECOND_FACTOR_KEY = "test-second-factor-key-0123456789abcdef"
    SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS = {  # noqa: RUF012 (read once, never changed)
        "argon2__time_cost": 1,
        "argon2__memory_cost": 64,
        "argon2__parallelism": 1,
    }


BY_NAME = {"office": Office, "production": Production, "test": Test}


class BadSetting(RuntimeError):
    """A setting of the environment cannot be used; `reasons` say what to set."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reasons = [reason]


class WeakSecret(BadSetting):
    """A production secret is missing or too short."""


def from_environment() -> dict[str, object]:
    """Return the settings of CLINIC_CLAIMS_ENV. Raises BadSetting, in production WeakSecret."""
    name = os.environ.get("CLINIC_CLAIMS_ENV", "office")
    if name not in BY_NAME:
        raise BadSetting(f"CLINIC_CLAIMS_ENV is {name!r}; it may be {', '.join(BY_NAME)}.")
    chosen = BY_NAME[name]
    settings = {key: getattr(chosen, key) for key in dir(chosen) if key.isupper()}
    if name == "production":
        settings.update(_secrets_of_environment())
        settings["AUDIT_KEYS_BEFORE"] = os.environ.get("CLINIC_CLAIMS_AUDIT_KEYS_BEFORE", "").split()
    elif name == "office":
        settings.update(_secrets_of_instance(Path(str(settings["INSTANCE"]))))
    _check_timezone(str(settings["TIMEZONE"]))
    return settings | _of_site(name == "production")


def _check_timezone(name: str) -> None:
    """Raise BadSetting for a time zone that nobody knows: every day of every deadline hangs on it."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise BadSetting(f"CLINIC_CLAIMS_TIMEZONE is {name!r}; it is a name such as America/Chicago.") from None


def _of_site(public: bool) -> dict[str, object]:
    """Return what a site may choose: its host names, its proxies, and whether a second factor is asked for."""
    chosen: dict[str, object] = {}
    hosts = [host.strip() for host in os.environ.get("CLINIC_CLAIMS_HOSTS", "").split(",") if host.strip()]
    if public and not hosts:
        raise BadSetting("Set CLINIC_CLAIMS_HOSTS to the host names of this site, such as claims.clinic.example.")
    if hosts:
        chosen["TRUSTED_HOSTS"] = hosts
    if proxies := os.environ.get("CLINIC_CLAIMS_PROXIES", ""):
        if not proxies.isdecimal():
            raise BadSetting(f"CLINIC_CLAIMS_PROXIES is {proxies!r}; it is the number of reverse proxies, such as 1.")
        chosen["PROXIES"] = int(proxies)
    if asked := os.environ.get("CLINIC_CLAIMS_SECOND_FACTOR", ""):
        if asked not in ("required", "offered"):
            raise BadSetting(f"CLINIC_CLAIMS_SECOND_FACTOR is {asked!r}; it may be required or offered.")
        chosen["SECURITY_TWO_FACTOR_REQUIRED"] = asked == "required"
    return chosen | _of_mail(public)


def _of_mail(public: bool) -> dict[str, object]:
    """Return the port of the mail server. Raises BadSetting for what is no port, for an unknown way to be safe, and
    for mail that would lead nowhere."""
    port, how = os.environ.get("CLINIC_CLAIMS_SMTP_PORT", "587"), Office.SMTP_SECURITY
    if Office.SMTP_HOST and public and not Office.ADDRESS.startswith("https://"):
        raise BadSetting("Set CLINIC_CLAIMS_ADDRESS to this site's address, such as https://claims.clinic.example.")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise BadSetting(f"CLINIC_CLAIMS_SMTP_PORT is {port!r}; it is a number, such as 587.")
    if how not in ("starttls", "tls", "none"):
        raise BadSetting(f"CLINIC_CLAIMS_SMTP_SECURITY is {how!r}; it may be starttls, tls or none.")
    return {"SMTP_PORT": int(port)}


def _secrets_of_environment() -> dict[str, str]:
    found = {name: os.environ.get(f"CLINIC_CLAIMS_{name}", "") for name in SECRETS}
    weak = [f"CLINIC_CLAIMS_{name}" for name, value in found.items() if _is_weak(value)]
    if weak:
        raise WeakSecret(f"Set {', '.join(weak)} to at least {LENGTH} random characters.")
    if len(set(found.values())) < len(found):
        raise WeakSecret(f"Set {', '.join(f'CLINIC_CLAIMS_{name}' for name in found)} to values that differ.")
    return found


def _is_weak(secret: str) -> bool:
    """Say whether a secret is short, repeats itself, or stands in this file."""
    own = [value for name, value in vars(Test).items() if name in SECRETS]
    return len(secret) < LENGTH or len(set(secret)) < DISTINCT or secret in own


def _read_secrets(path: Path) -> dict[str, object]:
    """Read the office PC's secrets. Raises BadSetting where they are damaged: new ones would lock everybody out."""
    advice = "Put a copy of it back; without one, restore a backup into a new folder with --lost-key."
    try:
        known: dict[str, object] = json.loads(path.read_text("utf-8"))
        weak = [name for name in SECRETS if name in known and _is_weak(str(known[name]))]
    except (ValueError, TypeError):
        raise BadSetting(f"{path} is damaged. {advice}") from None
    if weak:
        raise WeakSecret(f"{path}: {', '.join(weak)} is weaker than {LENGTH} random characters. {advice}")
    return known


def _secrets_of_instance(instance: Path) -> dict[str, object]:
    """Read the office PC's own secrets, making them once; only this account may read the file."""
    path = instance / "secrets.json"
    known = _read_secrets(path) if path.exists() else {}
    missing = [name for name in SECRETS if name not in known]
    if not missing:
        return known
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = {name: secrets.token_urlsafe(48) for name in missing}
    fresh = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(known | made, file, indent=1)
    if known:
        os.replace(fresh, path)  # an update brought a further secret
    else:
        with suppress(FileExistsError):
            os.link(fresh, path)  # the first of two starts wins; both then read the same file
        fresh.unlink()
    return _read_secrets(path)
