"""Which passwords are taken: long, not too long, and nothing that is guessed early. Checked without the internet."""

from typing import Any

from flask import current_app
from flask_security import PasswordUtil
from sqlalchemy import select

from ..db import db
from ..models import Clinic, User
from .auth_settings import LONGEST, SHORTEST

DISTINCT = 6  # different characters it must have
ENOUGH = 3  # of zxcvbn's 0 to 4: withstands 10^8 guesses
READ = 72  # characters that zxcvbn looks at
OURS = ("clinic", "claims", "clinicclaims")
GUESSED = "This is easy to guess: it is on the lists of common or stolen passwords, or follows a pattern."


def check(password: str | None, user: User) -> tuple[list[str] | None, str]:
    """Return what is wrong with a password for this person, if anything, and the password in its normal form."""
    return current_app.extensions["security"].password_util.validate(password or "", False, user=user)


class HousePasswords(PasswordUtil):
    """Long, not too long, not one key held down, not on a list, not one's own name or the clinic's."""

    def validate(self, password: str, is_register: bool, **known: Any) -> tuple[list[str] | None, str]:
        """Return what is wrong, if anything, and the password in its normal form."""
        faults, normal = super().validate(password, is_register, **known)
        found = list(faults or [])
        if len(normal) > LONGEST:
            found.append(f"Use at most {LONGEST} characters.")
        if len(set(normal.lower())) < DISTINCT:
            found.append(f"Use at least {DISTINCT} different characters.")
        if not found:
            found += weaknesses(normal, words_about(known.get("user")))
        return found or None, normal


def weaknesses(password: str, near: set[str]) -> list[str]:
    """Say why a password is soon guessed: made of words near the person, or of what zxcvbn's lists hold."""
    rest = password.lower()
    for word in sorted((word for word in near if len(word) >= 4), key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(rest) < SHORTEST // 2:
        return ["Your own name, e-mail, the clinic's name or “clinic claims” is too easy to guess."]
    from zxcvbn import zxcvbn  # 1 MB of word lists, read when a password is chosen

    return [] if zxcvbn(password[:READ], sorted(near))["score"] >= ENOUGH else [GUESSED]


def words_about(user: User | None) -> set[str]:
    """Return the words that somebody would try first: the person's, the clinic's and this program's."""
    told = [*OURS, *(name.lower() for name in db.session.scalars(select(Clinic.name)))]
    if user:
        told += [user.full_name.lower(), *user.email.split("@")]
    return {word for name in told for word in (name, *name.split())}
