"""Accounts: add a person, disable one, hand out a one-time password, count wrong tries. Nothing here commits."""

import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from flask_security import hash_password
from sqlalchemy import delete, func, select

from ..db import db
from ..domain.permissions import Role as RoleName
from ..models.accounts import Invitation, Role, SignInTries, User, UserSession
from . import throttle
from .deeds import Deed, Refused
from .history import record

TRIES = 5  # wrong tries before an address is locked
FIRST_LOCK = timedelta(minutes=15)
DOUBLED = 2  # times a lock grows: from 15 minutes to an hour
LONGEST_LOCK = FIRST_LOCK * 2**DOUBLED
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread on paper


def add_user(full_name: str, email: str, roles: Iterable[str], deed: Deed) -> tuple[User, str]:
    """Add a person. Return the account and its one-time password, which is shown once and kept nowhere.

    Raises Refused with every reason.
    """
    names = list(roles)
    if reasons := _reasons_against(full_name, email, names):
        raise Refused(*reasons)
    password = one_time_password()
    user = User(
        full_name=full_name.strip(),
        initials=initials_of(full_name),
        email=email,
        password=hash_password(password),
        active=True,
        fs_uniquifier=secrets.token_hex(32),
        roles=[_role(name) for name in names],
    )
    db.session.add(user)
    record(user, "user_added", deed, sentence=f"Account of {user.full_name} added.", roles=names)
    return user, password


def disable(user: User, deed: Deed) -> None:
    """Close an account and end every session it has open. Raises Refused for one's own account."""
    if user.id == deed.user_id:
        raise Refused("You cannot disable your own account; ask another administrator.")
    user.active = False
    end_sessions(user)
    record(user, "user_disabled", deed, sentence=f"Account of {user.full_name} disabled.")


def enable(user: User, deed: Deed) -> None:
    """Open a disabled account again; its password stays what it was."""
    user.active = True
    record(user, "user_enabled", deed, sentence=f"Account of {user.full_name} enabled.")


def reset_password(user: User, deed: Deed) -> str:
    """Give the person a new one-time password, end their sessions and lift a lock. Return the password."""
    password = one_time_password()
    user.password = hash_password(password)
    user.must_change_password = True
    db.session.execute(delete(Invitation).where(Invitation.user_id == user.id))
    end_sessions(user)
    forget_tries(user.email)
    record(user, "password_reset", deed, sentence=f"Password of {user.full_name} reset.")
    return password


def change_roles(user: User, roles: Iterable[str], deed: Deed) -> None:
    """Give a person other roles. Raises Refused for one's own, for none, and for a role that does not exist."""
    names = sorted(set(roles))
    if user.id == deed.user_id:
        raise Refused("You cannot change your own roles; ask another administrator.")
    if reasons := _reasons_against_roles(names):
        raise Refused(*reasons)
    before, user.roles = user.role_names, [_role(name) for name in names]
    record(user, "roles_changed", deed, sentence=f"Roles of {user.full_name} changed.", before=before, after=names)


def forget_second_factor(user: User, deed: Deed) -> None:
    """Remove authenticator, passkeys and recovery codes, for a person who lost them; ends the person's sessions."""
    user.tf_primary_method = user.tf_totp_secret = None
    user.mf_recovery_codes = None
    for passkey in list(user.webauthn):
        db.session.delete(passkey)
    end_sessions(user)
    record(user, "second_factor_removed", deed, sentence=f"Second factor of {user.full_name} removed.")


def end_sessions(user: User) -> None:
    """Sign the person out everywhere, half-finished sign-ins included."""
    user.fs_uniquifier = secrets.token_hex(32)
    db.session.execute(delete(UserSession).where(UserSession.user_id == user.id))


def get_user(email: str) -> User:
    """Return the account with this e-mail address. Raises Refused when there is none."""
    user = find_user(email)
    if user is None:
        raise Refused(f"{email}: no account has this e-mail address.")
    return user


def get_active(email: str) -> User:
    """Return the account with this e-mail address. Raises Refused when there is none, or it is disabled."""
    user = get_user(email)
    if not user.active:
        raise Refused(f"{email}: this account is disabled.")
    return user


def find_user(email: str) -> User | None:
    """Return the account with this e-mail address, however it is capitalised."""
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def list_users() -> list[User]:
    """Return every account, active ones first, by name."""
    return list(db.session.scalars(select(User).order_by(User.active.desc(), func.lower(User.full_name))))


def locked_until(email: str, at: datetime) -> datetime | None:
    """Return the end of the lock on this address, if one is running; one set by a clock that ran ahead is not."""
    tries = db.session.get(SignInTries, _key(email))
    until = tries.locked_until if tries else None
    return until if until and at < until <= at + LONGEST_LOCK else None


def note_wrong_try(email: str, at: datetime) -> datetime | None:
    """Count a wrong try. Return the end of the lock, if this one brought a lock: 15 minutes, doubled up to an hour."""
    tries = throttle.held(SignInTries, _key(email), failures=0)
    tries.failures += 1
    if tries.failures < TRIES:
        return None
    tries.locked_until = at + FIRST_LOCK * 2 ** min(tries.failures - TRIES, DOUBLED)
    return tries.locked_until


def forget_tries(email: str) -> None:
    """Start counting anew: after a right password, or when an administrator resets one."""
    db.session.execute(delete(SignInTries).where(SignInTries.key == _key(email)))


def one_time_password() -> str:
    """Return 20 random characters in four groups, easy to read out: 98 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))


def initials_of(full_name: str) -> str:
    """Return first and last initial: "Dana Park, RN" is "DP"."""
    words = re.findall(r"[^\W\d_]+", full_name.split(",")[0])
    return "".join(word[0] for word in dict.fromkeys((words[0], words[-1]))).upper() if words else ""


def _reasons_against(full_name: str, email: str, roles: list[str]) -> list[str]:
    reasons = _reasons_against_roles(roles)
    if not initials_of(full_name):
        reasons.append("Enter the person's full name.")
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email.strip()):
        reasons.append("Enter an e-mail address such as d.park@clinic.example.")
    if find_user(email):
        reasons.append("There is already an account with this e-mail address.")
    return reasons


def _reasons_against_roles(roles: list[str]) -> list[str]:
    known = ", ".join(RoleName)
    if not roles:
        return [f"Choose at least one role: {known}."]
    return [f"There is no role “{role}”; the roles are {known}." for role in roles if role not in list(RoleName)]


def _role(name: str) -> Role:
    """Return the role's row, made on first use."""
    role = db.session.scalar(select(Role).where(Role.name == name))
    if role is None:
        role = Role(name=name)
        db.session.add(role)
    return role


def _key(email: str) -> str:
    return sha256(email.strip().lower().encode()).hexdigest()
