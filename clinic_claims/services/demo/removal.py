"""Take the demo out again: everything in its database and its folder, so that a clinic begins with nothing."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from ...db import db
from ...models import Claim, Clinic, Document, Event, Patient, Payer, User
from .. import accounts
from ..deeds import Deed
from ..history import record
from . import ACCOUNTS, is_demo, reset

FIRST_ROLES = ("administrator", "manager")
LOADED = "finish_demo"
FOLDERS = ("letters", "waiting")
GOES = {"clinic": Clinic, "payers": Payer, "patients": Patient, "claims": Claim, "documents": Document, "people": User}


@dataclass(frozen=True)
class Holdings:
    """What would go: counts by kind, and how many deeds were done since the demo was loaded."""

    counts: dict[str, int]
    deeds_since: int


def holdings() -> Holdings | None:
    """Count what the removal would take; None where no demo is loaded."""
    if not is_demo():
        return None
    counts = {name: db.session.scalar(select(func.count()).select_from(model)) or 0 for name, model in GOES.items()}
    loaded = select(Event.id).where(Event.action == LOADED).order_by(Event.id).limit(1)
    entered = Event.subject.in_(("patient", "claim", "denial", "authorization")) & (Event.action != "view")
    since = select(func.count()).where(Event.id > loaded.scalar_subquery(), entered)
    return Holdings(counts, db.session.scalar(since) or 0)


def remove(full_name: str, email: str, deed: Deed) -> str:
    """Empty the database and add its first account. Return the one-time password.

    Raises Refused where no demo is loaded, and for a name or an e-mail address that cannot be one.
    """
    reset()
    _, password = accounts.add_user(full_name, email, FIRST_ROLES, deed)
    record("demo", "remove_demo", deed, sentence="The demo was removed; the clinic begins here.")
    return password


def clear(folder: Path) -> None:
    """Remove what the demo left in the instance folder; once all is committed."""
    (folder / ACCOUNTS).unlink(missing_ok=True)
    for name in FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
