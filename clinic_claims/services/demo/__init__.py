"""The demo: a made-up clinic whose stories are told through the deeds of the services, never behind their backs."""

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select

from ...db import db
from ...models import Appeal, Claim, Clinic, Denial, Document, Event, Letter, Patient
from ...models.history import lift_guard, put_guard
from .. import chances, documents, workitems
from ..deeds import Deed, Refused
from ..history import record
from . import approvals, cast, necessity, payments, remittances, treatments
from .cast import Account
from .stage import Stage, play

ACCOUNTS = "demo-accounts.json"
SHOWN = "HL-104117"
"""The claim whose finished appeal letter is the one to look at first."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What was loaded. `accounts` and `letter` leave the process only through `publish`."""

    patients: int
    claims: int
    denials: int
    appeals: int
    letter: Letter
    accounts: tuple[Account, ...]

    def to_json(self, letter: Path) -> dict[str, Any]:
        """Give the keys that the `demo` command promises."""
        counts = {name: getattr(self, name) for name in ("patients", "claims", "denials", "appeals")}
        return counts | {"letter": str(letter)}


def load(deed: Deed) -> Summary:
    """Tell every story in the caller's transaction. Raises Refused when the database is in use already."""
    if _in_use():
        raise Refused(
            "This database holds a clinic already. Load the demo into an empty one, or add --reset to a demo."
        )
    stage = Stage(deed)
    record("demo", "load_demo", stage.opening, sentence="A made-up clinic was loaded.")
    accounts = cast.enter(stage)
    play(stage, (remittances.arrive, *approvals.STORIES, *necessity.STORIES, *payments.STORIES, *treatments.STORIES))
    db.session.flush()
    last = replace(stage.opening, at=db.session.scalar(select(func.max(Event.at))))
    record("demo", "finish_demo", last, sentence="The demo is complete; what follows is the clinic's own.")
    workitems.revalue(everything=chances.recount(deed))
    counts = {table.__tablename__ + "s": _count(table) for table in (Patient, Claim, Denial, Appeal)}
    return Summary(**counts, letter=_shown(), accounts=tuple(accounts))


def _count(table: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def _shown() -> Letter:
    query = select(Letter).join(Appeal, Letter.appeal_id == Appeal.id).join(Denial, Appeal.denial_id == Denial.id)
    return db.session.scalars(query.join(Claim, Denial.claim_id == Claim.id).where(Claim.number == SHOWN)).one()


def publish(summary: Summary, folder: Path) -> dict[str, Any]:
    """Write the finished letter and the accounts' passwords under the instance folder, once all is committed."""
    letters = folder / "letters"
    letters.mkdir(parents=True, exist_ok=True)
    letter = letters / summary.letter.document.file_name
    letter.write_bytes(documents.read(summary.letter.document))
    _write_accounts(summary.accounts, folder / ACCOUNTS)
    return summary.to_json(letter)


def _write_accounts(accounts: tuple[Account, ...], path: Path) -> None:
    """Keep the passwords where only this account of the machine may read them."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump([asdict(account) for account in accounts], file, indent=1, ensure_ascii=False)


def reset() -> None:
    """Empty a database that holds the demo, and its files. Raises Refused for any other that is in use."""
    if not is_demo() and _in_use():
        raise Refused("This database does not hold the demo, so nothing was removed. Use another instance folder.")
    files = list(db.session.scalars(select(Document.sha256)))
    connection = db.session.connection()
    lift_guard(connection)
    for table in reversed(db.metadata.sorted_tables):
        connection.execute(delete(table))
    put_guard(connection)
    db.session.expire_all()
    documents.drop_unnamed(files)


def _in_use() -> bool:
    return any(_count(table) for table in (Claim, Patient, Clinic))


def is_demo() -> bool:
    """The history begins with the loading of the demo, so whatever is there came with it or after it."""
    return db.session.scalar(select(Event.action).order_by(Event.id).limit(1)) == "load_demo"
