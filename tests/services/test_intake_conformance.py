"""Sample files of other makers and our own, posted whole into a fresh database: never a traceback, never by half."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from clinic_claims.db import db, transaction
from clinic_claims.edi.era835 import referee
from clinic_claims.models import Adjustment, ClaimPayment, Document, ImportRun, LinePayment, Remittance
from clinic_claims.services import intake

SAMPLES = Path(__file__).parents[3] / "shared" / "edi"
OURS = Path(__file__).parents[1] / "data"
FILES = [path for folder in (OURS, SAMPLES) for path in sorted(folder.glob("*/*")) if path.is_file()]
STATUSES = {"posted", "refused"}


@pytest.fixture
def database(request, tmp_path):
    """One database is enough here: what differs between them is tested beside each feature."""
    (tmp_path / "clinic_claims.sqlite").write_bytes(request.getfixturevalue("empty_sqlite").read_bytes())
    return ""


def rows():
    return {
        table.name: db.session.scalar(select(func.count()).select_from(table))
        for table in db.metadata.sorted_tables
        if table.name != "event"
    }


def dollars(column):
    return db.session.scalar(select(func.sum(column))) or Decimal(0)


def posted_sums():
    """What lies in the database, added up the way the referee adds up a file."""
    cas, plb = Adjustment.payment_id.is_not(None), Adjustment.remittance_id.is_not(None)
    return {
        "amount": dollars(Remittance.amount),
        "claims": db.session.scalar(select(func.count(ClaimPayment.id))),
        "charged": dollars(ClaimPayment.charged),
        "paid": dollars(ClaimPayment.paid),
        "patient_responsibility": dollars(ClaimPayment.patient_owes),
        "lines": db.session.scalar(select(func.count(LinePayment.id))),
        "line_charged": dollars(LinePayment.charged),
        "line_paid": dollars(LinePayment.paid),
        "adjustments": db.session.scalar(select(func.count(Adjustment.id)).where(cas)),
        "adjusted": db.session.scalar(select(func.sum(Adjustment.amount)).where(cas)) or Decimal(0),
        "provider_adjustments": db.session.scalar(select(func.count(Adjustment.id)).where(plb)),
        "provider_adjusted": db.session.scalar(select(func.sum(Adjustment.amount)).where(plb)) or Decimal(0),
    }


def counted(data):
    """The same sums by the independent splitter."""
    found = list(referee.totals(data))
    return {name: sum((getattr(each, name) for each in found), 0 * getattr(found[0], name)) for name in posted_sums()}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_is_posted_whole_or_refused_with_its_faults(app, deed, path):
    data, empty = path.read_bytes(), rows()
    with transaction():
        answer = intake.take_in(path.name, data, deed)
    assert answer.status in STATUSES
    if answer.status == "refused":
        assert answer.faults
        assert all(fault["message"] for fault in answer.faults)
        assert rows() == empty
        return
    assert (
        db.session.scalar(select(func.count(ImportRun.id))) == db.session.scalar(select(func.count(Document.id))) == 1
    )
    assert len(answer.unmatched) + answer.matched == answer.claims or answer.kind in ("999", "csv")
    if answer.kind == "835":
        assert posted_sums() == counted(data)
    with transaction():
        assert intake.take_in("again", data, deed).status == "already_posted"


OF_ONE_KIND = [path for path in FILES if path.parent.name != "csv" and path.name != "pyx12_multiple_trn.x12"]


@pytest.mark.parametrize("path", OF_ONE_KIND, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_is_of_the_kind_its_folder_says(path):
    assert intake.kind_of(path.read_bytes()).lower() == path.parent.name
