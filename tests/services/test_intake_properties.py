"""Whatever balanced file is made up, every cent of it ends up in the database, on either of two ways to get there."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, select

from clinic_claims.db import db, transaction
from clinic_claims.models import (
    Adjustment,
    Claim,
    ClaimPayment,
    Deadline,
    Denial,
    Event,
    LinePayment,
    Remittance,
    WorkItem,
)
from clinic_claims.services import claims, crediting, history, intake, steps, workitems
from clinic_claims.services.claims import Line
from tests.edi.generate import CLAIMS, MadeRemittance, interchange, segments_of

from .era import claim, remittance

OURS = [f"HL-26-20{number:02d}" for number in range(4)]
ELSEWHERE = ("23", "25")  # CLP02 of answers that settle nothing


@st.composite
def files(draw):
    """One to three payments of one to five claims, about half of them ours, with money kept back or added."""
    numbers = st.one_of(st.sampled_from(OURS), st.text("ABCDEFGH0123456789-", min_size=1, max_size=12))
    made = st.builds(lambda each, number: replace(each, number=number), CLAIMS, numbers)
    kept_back = st.lists(st.tuples(st.sampled_from(["WO", "FB", "L6", "72", "CS"]), st.integers(-99_999, 99_999)))
    payments = draw(
        st.lists(
            st.builds(
                MadeRemittance,
                st.lists(made, min_size=1, max_size=5).map(tuple),
                st.one_of(kept_back, st.just([])).map(lambda found: tuple(found[:3])),
            ),
            min_size=1,
            max_size=3,
        )
    )
    sets = [segments_of(each, f"{number:04d}") for number, each in enumerate(payments, start=1)]
    return interchange([[_traced(segment, number) for segment in each] for number, each in enumerate(sets)]).encode()


def _traced(segment, number):
    return f"TRN*1*EFT-{number}*1512345678" if segment.startswith("TRN*") else segment


@pytest.fixture
def billed(clinic, deed):
    """Four claims of ours at the payer, $652 each."""
    lines = [
        Line(code="64612", diagnosis="G51.31", charged=Decimal("412.00"), modifiers=["RT"]),
        Line(code="J0585", diagnosis="G51.31", units=100, charged=Decimal("240.00"), modifiers=["JZ"]),
    ]
    with transaction():
        clinic.plan.wants_approval = False
        for number in OURS:
            made = claims.enter(number, clinic.case, clinic.coverage, clinic.provider, clinic.office, lines, deed)
            claims.move(made, "record_service", deed, service_from=deed.today.replace(day=2))
            claims.move(made, "finish_coding", deed)
            steps.take(made, "submit", deed, submitted_on=deed.today.replace(day=3))
    return clinic


def sums_of(data):
    """Add a file up with nothing but `split`: it shares no code with the reader nor with its referee."""
    found = dict.fromkeys(("BPR", "claims", "charged", "paid", "lines", "line_paid", "CAS", "PLB"), Decimal(0))
    for segment in data.decode().split("~"):
        tag, *fields = segment.strip().split("*")
        match tag:
            case "BPR":
                found["BPR"] += Decimal(fields[1])
            case "CLP":
                found["claims"] += 1
                found["charged"] += Decimal(fields[2])
                found["paid"] += Decimal(fields[3])
            case "SVC":
                found["lines"] += 1
                found["line_paid"] += Decimal(fields[2])
            case "CAS":
                found["CAS"] += sum(map(Decimal, fields[2::3]))
            case "PLB":
                found["PLB"] += sum(map(Decimal, fields[3::2]))
    return found


def posted():
    """The same sums over what lies in the database."""

    def total(column, *where):
        return db.session.scalar(select(func.sum(column)).where(*where)) or Decimal(0)

    return {
        "BPR": total(Remittance.amount),
        "claims": Decimal(db.session.scalar(select(func.count(ClaimPayment.id)))),
        "charged": total(ClaimPayment.charged),
        "paid": total(ClaimPayment.paid),
        "lines": Decimal(db.session.scalar(select(func.count(LinePayment.id)))),
        "line_paid": total(LinePayment.paid),
        "CAS": total(Adjustment.amount, Adjustment.payment_id.is_not(None)),
        "PLB": total(Adjustment.amount, Adjustment.remittance_id.is_not(None)),
    }


def worklist(*besides):
    columns = [column for column in WorkItem.__table__.c if column.name not in ("id", *besides)]
    return sorted(map(str, db.session.execute(select(*columns)).all()))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@settings(max_examples=40)
@given(files())
def test_every_cent_of_a_balanced_file_is_posted(app, billed, deed, data):
    with transaction():
        answer = intake.take_in("made.835", data, deed)
        assert (answer.status, answer.faults) == ("posted", [])
        assert posted() == sums_of(data)
        for ours in db.session.scalars(select(Claim)):
            told = select(func.sum(ClaimPayment.paid)).where(ClaimPayment.claim_id == ours.id)
            assert ours.paid == (db.session.scalar(told.where(ClaimPayment.status.not_in(ELSEWHERE))) or 0)
        assert history.verify(app.config["AUDIT_KEY"].encode())[1] is None
        workitems.refresh_touched(db.session())
        kept = worklist()
        workitems.rebuild()
        db.session.flush()
        assert worklist() == kept
        db.session.rollback()


ROWS = {  # keys are left out: PostgreSQL gives those of a transaction rolled back to nobody else
    Claim: ("number", "state", "paid", "adjusted", "patient_owes", "payer_control_number"),
    Denial: ("claim_id", "group", "carcs", "rarcs", "category", "amount", "state", "denied_on"),
    Deadline: ("claim_id", "clock", "part", "label", "legal", "act_by", "because", "rule", "asked", "stopped_at"),
    Event: ("subject", "action", "left", "reached", "sentence", "data", "patient_id"),
}


def everything():
    return {
        model.__name__: [
            str([getattr(row, name) for name in names]) for row in db.session.query(model).order_by(model.id)
        ]
        for model, names in ROWS.items()
    } | {"worklist": worklist("subject_id", "item")}


def one_by_one(answers, told, deed):
    """Apply first answers as any other: each flushed, with every question asked of the database."""
    rows = [(each, db.session.get_one(ClaimPayment, each.key)) for each in answers]
    return sum(crediting.apply(each.payment, row, each.claim, told, deed).opened for each, row in rows)


DENIED = [("64612:RT", "412", "0", "CO*197*412", "N54"), ("J0585:JZ", "240", "0", "CO*50*240", "N115")]
PAID = [("64612:RT", "412", "300", "CO*45*112", ""), ("J0585:JZ", "240", "240", "", "")]
ASKED = [("64612:RT", "412", "0", "CO*252*412", "M127"), ("J0585:JZ", "240", "240", "", "")]


def test_many_claims_in_one_stroke_leave_what_one_by_one_leaves(app, billed, deed, monkeypatch):
    data = remittance([
        claim(OURS[2], "1", "652", "240", ASKED),  # a clock of a claim is made before any denial
        claim(OURS[0], "4", "652", "0", DENIED),
        claim(OURS[1], "1", "652", "540", PAID),
        claim("STRANGE-1", "1", "652", "540", PAID),
        claim(OURS[3], "23", "652", "0", []),
    ])  # fmt: skip
    found = []
    for way in (crediting._apply_first, one_by_one):
        monkeypatch.setattr(crediting, "_apply_first", way)
        with transaction():
            assert intake.take_in("era.835", data, deed, accepted="forwarded without lines").status == "posted"
            workitems.refresh_touched(db.session())
            found.append(everything())
            db.session.rollback()
    assert found[0] == found[1]
    assert len(found[0]["Denial"]) >= 2


def test_more_claims_and_denials_need_no_more_statements(billed, deed):
    asked = []
    event.listen(db.engine, "before_cursor_execute", note := lambda *told: asked.append(told[2]))
    counts = []
    for denied in (1, 3):
        data = remittance([claim(number, "4", "652", "0", DENIED) for number in OURS[:denied]])
        with transaction():
            asked.clear()
            answer = intake.take_in("era.835", data, deed)
            workitems.refresh_touched(db.session())
            counts.append(len(asked))
            db.session.rollback()
        assert (answer.status, answer.denials) == ("posted", 2 * denied)
    event.remove(db.engine, "before_cursor_execute", note)
    assert counts[1] == counts[0], asked
