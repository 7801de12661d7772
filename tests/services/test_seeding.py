"""Claims made up in bulk must look to every guard as if the services had written them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from clinic_claims.db import db, transaction
from clinic_claims.domain.lifecycle import ClaimState, DenialState
from clinic_claims.models import Appeal, Claim, Deadline, Denial, Event, Patient, WorkItem
from clinic_claims.services import claims, history, patients, reports, seeding, workitems
from clinic_claims.services.deeds import Refused

CLAIMS = 700


@pytest.fixture
def counts(app, deed):
    return seeding.load(CLAIMS, 1, deed)


def told(model, *names):
    columns = [getattr(model, name) for name in names]
    return list(db.session.execute(select(*columns).order_by(model.id)))


def test_what_is_counted_is_on_record(counts):
    assert counts["claims"] == CLAIMS
    for model, name in ((Patient, "patients"), (Denial, "denials"), (Appeal, "appeals"), (Deadline, "deadlines")):
        assert db.session.scalar(select(func.count()).select_from(model)) == counts[name] > 0


def test_the_history_is_sealed_and_tells_every_state(app, counts):
    events, broken = history.verify(app.config["AUDIT_KEY"].encode())
    assert (events, broken) == (counts["events"], None)
    for model in (Claim, Denial, Appeal):
        last = select(func.max(Event.id)).where(Event.subject == model.__tablename__).group_by(Event.subject_id)
        reached = select(Event.subject_id, Event.reached).where(Event.id.in_(last))
        assert {row[0]: row[1] for row in db.session.execute(reached)} == {
            key: state.value for key, state in told(model, "id", "state")
        }


def test_nothing_on_record_is_of_a_time_to_come(app, deed):
    """It may be loaded in the morning; the doctor looks at the clock at once."""
    morning = replace(deed, at=deed.at - timedelta(hours=4))
    seeding.load(200, 2, morning)
    assert db.session.scalar(select(func.max(Event.at))) == morning.at


def test_every_state_of_a_claim_appears(counts):
    assert {state for (state,) in told(Claim, "state")} == set(ClaimState)
    assert {state for (state,) in told(Denial, "state")} >= {
        DenialState.OPEN,
        DenialState.APPEALING,
        DenialState.UPHELD,
        DenialState.OVERTURNED,
        DenialState.WRITTEN_OFF,
    }


def test_the_worklist_is_as_if_the_services_had_kept_it(counts):
    kept = told(WorkItem, "subject", "subject_id", "act_by", "next_action", "amount")
    assert len(kept) > 50
    with transaction():
        workitems.rebuild()
    assert told(WorkItem, "subject", "subject_id", "act_by", "next_action", "amount") == kept


def test_a_running_appeal_clock_is_the_rulebooks(counts):
    for clock in db.session.scalars(select(Deadline).where(Deadline.clock == "appeal")):
        assert clock.because
        assert clock.rule
        assert clock.act_by <= clock.legal


def test_the_same_seed_gives_the_same_claims(app, deed, counts):
    first = told(Claim, "number", "state", "service_from", "charged", "paid")
    seeding.load(50, 2, deed)
    second = told(Claim, "number", "state", "service_from")[CLAIMS:]
    assert [number for number, *_ in second] == [f"S2-{n:07d}" for n in range(1, 51)]
    assert [row[1:] for row in second] != [tuple(row)[1:3] for row in first[:50]]
    with pytest.raises(Refused, match="seed 1 are on record already"):
        seeding.load(5, 1, deed)
    assert told(Claim, "number", "state", "service_from", "charged", "paid")[:CLAIMS] == first


def test_money_adds_up(counts, deed):
    for charged, paid in told(Claim, "charged", "paid"):
        assert 0 <= paid <= charged
    report = reports.denied(reports.Filters(), deed, ["payer"])
    assert report.total.denials == counts["denials"]
    assert report.total.denied == sum(group.denied for group in report.groups)


def test_people_go_on_working_after_the_load(clinic, submitted, deed):
    """Keys and the chain go on from what was on record, on either database."""
    submitted_number = submitted.number
    seeding.load(20, 3, deed)
    claim = db.session.query(Claim).filter_by(number=submitted_number).one()
    with transaction():
        patients.enter(deed, mrn="HL-2", last_name="Abel", first_name="Uma", born_on=deed.today)
        claims.move(claim, "note_accepted", deed)
    assert claim.state == "accepted"
