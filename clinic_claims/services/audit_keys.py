"""Change the key that seals the history. Each change is an event under the new key, and names the old one and itself.

So a key that leaked rewrites nothing: what it sealed is held by the seal of the change. The history itself says which
key is at work; a new one may stand in the settings of every process before the change, and seals nothing until then.
"""

import json
import os
import secrets
from pathlib import Path

from flask import Flask
from sqlalchemy import insert, select

from ..db import db
from ..models import Event
from ..models.history import (
    CHANGED_KEY,
    PURGED,
    TOLD,
    KeyMissing,
    Told,
    audit_keys,
    hold_chain,
    key_at_work,
    name_of,
    seal,
)
from .deeds import Deed, Refused
from .history import record

SET_FIRST = (
    "Put a new key in place first: CLINIC_CLAIMS_AUDIT_KEY is the new one, CLINIC_CLAIMS_AUDIT_KEYS_BEFORE holds those "
    "before it, the newest first. Restart every process, then run this again."
)


WRONG = (
    "AUDIT_KEY is not the key that this history was written with, and whatever is done now would break it. Put the "
    "secrets.json that belongs to this database back in place, or set the key. If it is lost for good: "
    "`audit change-key --lost`."
)
LOOKED_AT = 20  # entries: one that somebody changed is told by `audit verify`, and stops nobody's work


def check() -> None:
    """Raise KeyMissing or Refused unless the key of the last entries is in place."""
    key_at_work(db.session())
    last = db.session.scalars(select(Event).order_by(Event.id.desc()).limit(LOOKED_AT)).all()
    keys = audit_keys()
    sealed = (entry.digest == entry.sealed(key, entry.previous) for entry in last for key in keys)
    db.session.rollback()
    if last and not any(sealed):
        raise Refused(WRONG)


def put_new(app: Flask) -> None:
    """Make a new key in the office PC's own secrets, unless one waits there; on a server the site sets it."""
    path = Path(app.config["INSTANCE"]) / "secrets.json"
    if not path.exists() or key_at_work(db.session()) != audit_keys()[0]:
        return
    known = json.loads(path.read_text("utf-8"))
    before = [known["AUDIT_KEY"], *known.get("AUDIT_KEYS_BEFORE", [])]
    made = {"AUDIT_KEY": secrets.token_urlsafe(48), "AUDIT_KEYS_BEFORE": before}
    fresh = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(known | made, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
    app.config.update(made)


def give_up(lost: str, deed: Deed) -> str:
    """Let AUDIT_KEY seal the history from here on though the key before it is lost. Return its name.

    What the lost one sealed can no longer be proved; the entry names it, and where the walk begins from now on.
    """
    session = db.session()
    hold_chain(session)
    last = session.execute(select(Event.id, Event.digest).order_by(Event.id.desc()).limit(1)).one()
    key = audit_keys()[0]
    data = {"key": name_of(key), "before": lost, "through": last.id, "digest": last.digest}
    told: Told = {
        **dict.fromkeys(TOLD),
        **{"subject": "history", "at": deed.at, "actor": deed.actor, "action": CHANGED_KEY},
        **{"sentence": "Audit key changed; the one before is lost.", "data": data},
    }
    link = {"id": last.id + 1, "previous": last.digest, "digest": seal(told, key, last.digest)}
    session.execute(insert(Event).values(**told, **link))  # a key that is not in place seals no entry of its own
    return name_of(key)


def give_up_at_work(deed: Deed) -> str:
    """Give up the key that the history says is at work. Raises Refused where it, or one never changed, is in place."""
    naming = select(Event.data).where(Event.action.in_((CHANGED_KEY, PURGED))).order_by(Event.id.desc()).limit(1)
    lost = str((db.session.scalar(naming) or {}).get("key", "unknown"))
    try:
        check()
    except (KeyMissing, Refused):
        return give_up(lost, deed)
    raise Refused("The key that the history was written with is in place: change it without --lost.")


def change(deed: Deed) -> str:
    """Let AUDIT_KEY seal the history from here on. Return its name. Raises Refused where it does so already."""
    hold_chain(db.session())
    old, new = key_at_work(db.session()), audit_keys()[0]
    if old == new:
        raise Refused(SET_FIRST)
    told = {"key": name_of(new), "before": name_of(old)}
    record("history", CHANGED_KEY, deed, sentence="Audit key changed.", **told)
    return name_of(new)
