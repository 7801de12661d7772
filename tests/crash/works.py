"""What the processes that are killed were doing. Each work tells, over its pipe, what it was told is on record."""

import os
import random
import resource
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import uuid4

from flask import Flask

from clinic_claims import create_app, rulebook
from clinic_claims.cli.common import sentences
from clinic_claims.clock import now
from clinic_claims.db import db, transaction
from clinic_claims.models import Appeal, Claim, Coverage, Facility, Provider, TreatmentCase
from clinic_claims.services import (
    backups,
    claims,
    documents,
    intake,
    jobs,
    letters,
    pairing,
    upkeep,
)
from clinic_claims.services.claims import Line
from clinic_claims.services.deeds import Deed
from clinic_claims.services.job_kinds import KINDS

from ..conftest import SETTINGS
from ..services.era import claim as era_claim
from ..services.era import remittance

rulebook.load()  # once, before processes are forked from the one that imported this
READY = "ready"
LONG = 300  # seconds until what never comes has failed, on a busy machine too
OURS, STRANGE = 3, 2  # claims of a made-up remittance: on file, and nobody's


def open_app(folder: Path, address: str) -> Flask:
    """Fifty wait here for some connections, on a busy machine for long."""
    patient = {"INSTANCE": folder, "SQLALCHEMY_ENGINE_OPTIONS": {"pool_timeout": LONG}}
    return create_app(SETTINGS | patient | {"SQLALCHEMY_DATABASE_URI": address})


def deed_of(app: Flask) -> Deed:
    return Deed("D. Park", now(), app.extensions["rulebook"])


def work_until_killed(name: str, folder: Path, address: str, pipe: Connection) -> None:
    """The life of a process: ready, then one acknowledged piece of work after the other."""
    app = open_app(folder, address)
    with app.app_context():
        pipe.send(READY)
        for done in WORKS[name](app):
            pipe.send(done)
    pipe.send(None)


def import_files(app: Flask) -> Iterator[str]:
    answerable = [claim.number for claim in db.session.query(Claim) if pairing.answerable(claim)]
    while True:
        trace = uuid4().hex
        named = [*random.sample(answerable, OURS), *(f"LOST-{uuid4().hex[:6]}" for _ in range(STRANGE))]
        lines = [("64612:RT", "400", "150", "CO*50*250", "N115")]
        data = remittance([era_claim(number, "1", "400", "150", lines) for number in named], trace=trace)
        with transaction():
            answer = intake.take_in(f"{trace}.835", data, deed_of(app))
        assert answer.status == "posted", answer
        yield trace


def do_deeds(app: Flask) -> Iterator[str]:
    """Enter a claim, put a note on its record and give the service, in one deed."""
    about = [db.session.query(model).first().id for model in (TreatmentCase, Coverage, Provider, Facility)]
    while True:
        number, deed = f"K-{uuid4().hex[:12]}", deed_of(app)
        with transaction():
            case, coverage, provider, facility = (
                db.session.get_one(model, key)
                for model, key in zip((TreatmentCase, Coverage, Provider, Facility), about, strict=True)
            )
            line = Line(code="64612", diagnosis="G51.31", charged=Decimal("412.00"), modifiers=["RT"])
            claim = claims.enter(number, case, coverage, provider, facility, [line], deed)
            documents.add(b"%PDF-1.7 " + number.encode() * 2000, "clinic_notes", number, deed, about=claim)
            claims.move(claim, "record_service", deed, service_from=date(2026, 10, 20))
        yield number


def finish_letters(app: Flask) -> Iterator[str]:
    """Keep version after version of the letters; the pages are made up, as printing writes nothing."""
    while True:
        for appeal in db.session.query(Appeal).limit(3):
            deed = deed_of(app)
            composed = letters.compose(appeal, deed)
            with transaction():
                letter = letters.keep(appeal, composed, b"%PDF-1.7 " + os.urandom(20_000), deed)
                digest = letter.sha256
            yield digest


def make_backups(app: Flask) -> Iterator[str]:
    target = Path(app.config["INSTANCE"]) / "clinic.zip"
    while True:
        backups.make(target, deed_of(app))
        yield target.name


def migrate(app: Flask) -> Iterator[str]:
    upkeep.upgrade()
    yield "migrated"


def do_jobs(app: Flask) -> Iterator[str]:
    """A worker whose work takes a while; the effect of a job is a claim's note, which must appear once."""
    kinds = dict(KINDS) | {"note": _note}
    while jobs.run_next(kinds, deed_of(app)):
        yield "done"


def _note(payload: dict[str, str], deed: Deed) -> jobs.Effect:
    pages = random.randbytes(200_000)

    def keep() -> dict[str, int]:
        claim = db.session.query(Claim).first()
        return {"document": documents.add(b"%PDF-" + pages, "clinic_notes", payload["title"], deed, about=claim).id}

    return keep


WORKS: dict[str, Callable[[Flask], Iterator[str]]] = {
    "imports": import_files,
    "deeds": do_deeds,
    "letters": finish_letters,
    "backups": make_backups,
    "migrations": migrate,
    "jobs": do_jobs,
}


def work_until_the_disk_is_full(name: str, folder: Path, address: str, limit: int, pipe: Connection) -> None:
    """Work where no file may grow beyond so many bytes; tell what was done, and last what the person is told."""
    app = open_app(folder, address)
    with app.app_context():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        try:
            for done in WORKS[name](app):
                pipe.send(done)
        except Exception as error:
            pipe.send(sentences(error))
            db.session.rollback()
