"""What must hold after every crash: the database sound, the history whole, every counter true, nothing half done."""

from collections import Counter
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select, text

from clinic_claims.db import db
from clinic_claims.models import Adjustment, Claim, ClaimPayment, Document, Event, Letter, Remittance, WorkItem
from clinic_claims.services import backup_checks, documents, history, jobs, workitems

from .works import OURS, STRANGE


def check(app: Flask, told: dict[str, list[str]]) -> None:
    """Look at everything; `told` is what was acknowledged, by kind of work."""
    db.session.rollback()
    if db.engine.dialect.name == "sqlite":
        assert db.session.scalar(text("PRAGMA integrity_check")) == "ok"
        assert db.session.execute(text("PRAGMA foreign_key_check")).all() == []
    _, broken = history.verify(app.config["AUDIT_KEY"].encode())
    assert broken is None
    worklist_is_true()
    documents_are_there()
    remittances_are_whole(told.get("imports", []))
    deeds_are_whole(told.get("deeds", []))
    letters_are_whole(told.get("letters", []))
    db.session.rollback()


def worklist_is_true() -> None:
    before = worklist()
    workitems.rebuild()
    db.session.flush()
    assert worklist() == before
    db.session.rollback()


def worklist() -> list[tuple[object, ...]]:
    table = WorkItem.__table__
    return sorted(map(tuple, db.session.execute(select(*(c for c in table.columns if c.name != "id")))), key=repr)


def documents_are_there() -> None:
    for document in db.session.scalars(select(Document)):
        assert len(documents.read(document)) == document.size


def remittances_are_whole(acknowledged: list[str]) -> None:
    posted = db.session.scalars(select(Remittance)).all()
    traces = [remittance.trace for remittance in posted]
    assert set(acknowledged) <= set(traces)
    assert len(traces) == len(set(traces))
    for remittance in posted:
        assert len(remittance.payments) == OURS + STRANGE
        assert sum(payment.paid for payment in remittance.payments) == remittance.amount
        assert all(len(payment.adjustments) == 1 for payment in remittance.payments)
    credited = db.session.scalar(select(func.count()).where(ClaimPayment.claim_id.is_not(None)))
    assert counted("post_claim_payment") == credited
    assert db.session.scalar(select(func.count()).select_from(Adjustment)) == len(posted) * (OURS + STRANGE)


def deeds_are_whole(acknowledged: list[str]) -> None:
    entered = db.session.scalars(select(Claim).where(Claim.number.startswith("K-"))).all()
    assert set(acknowledged) <= {claim.number for claim in entered}
    titles = Counter(db.session.scalars(select(Document.title).where(Document.title.startswith("K-"))))
    assert titles == Counter(claim.number for claim in entered)
    assert {claim.state for claim in entered} <= {"service_given"}
    assert all(len(claim.lines) == 1 for claim in entered)


def letters_are_whole(acknowledged: list[str]) -> None:
    kept = db.session.scalars(select(Letter)).all()
    assert set(acknowledged) <= {letter.sha256 for letter in kept}
    assert counted("finish_letter") == len(kept)
    versions = Counter((letter.appeal_id, letter.version) for letter in kept)
    assert set(versions.values()) <= {1}


def counted(action: str) -> int:
    return db.session.scalar(select(func.count()).select_from(Event).where(Event.action == action)) or 0


def backup_is_whole(target: Path, acknowledged: list[str]) -> None:
    assert target.exists() >= bool(acknowledged)
    if target.exists():
        assert backup_checks.verify(target).faults == ()


def notes_are_kept_once(number: int) -> None:
    """Every job was done, and left one document and one line of history."""
    assert jobs.progress("notes") == {"waiting": 0, "running": 0, "done": number, "failed": 0}
    titles = sorted(db.session.scalars(select(Document.title).where(Document.title.regexp_match("^N[0-9]"))))
    assert titles == sorted(f"N{each}" for each in range(number))
    assert counted("add_document") == number
