"""Change the key that seals the history. Each change is an event under the new key, and names the old one and itself.

So a key that leaked rewrites nothing: what it sealed is held by the seal of the change. The history itself says which
key is at work; a new one may stand in the settings of every process before the change, and seals nothing until then.
"""

import json
import os
import secrets
from pathlib import Path

from flask import Flask

from ..db import db
from ..models.history import CHANGED_KEY, audit_keys, hold_chain, key_at_work, name_of
from .deeds import Deed, Refused
from .history import record

SET_FIRST = (
    "Put a new key in place first: CLINIC_CLAIMS_AUDIT_KEY is the new one, CLINIC_CLAIMS_AUDIT_KEYS_BEFORE holds those "
    "before it, the newest first. Restart every process, then run this again."
)


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


def change(deed: Deed) -> str:
    """Let AUDIT_KEY seal the history from here on. Return its name. Raises Refused where it does so already."""
    hold_chain(db.session())
    old, new = key_at_work(db.session()), audit_keys()[0]
    if old == new:
        raise Refused(SET_FIRST)
    told = {"key": name_of(new), "before": name_of(old)}
    record("history", CHANGED_KEY, deed, sentence="Audit key changed.", **told)
    return name_of(new)
