import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from clinic_claims.db import db, transaction
from clinic_claims.domain.lifecycle import ClaimState, StepRefused
from clinic_claims.models import Claim, Deadline, Denial, Event, HistoryBroken, Letter
from clinic_claims.models.history import lift_guard
from clinic_claims.services import claims, history, ladders
from clinic_claims.services.deeds import Refused


def verify(app):
    return history.verify(app.config["AUDIT_KEY"].encode())


def test_a_state_cannot_change_behind_the_history(submitted):
    submitted.state = ClaimState.CLOSED
    with pytest.raises(HistoryBroken, match="claim 1 became closed with no event"):
        db.session.commit()
    db.session.rollback()
    assert submitted.state == "submitted"


@pytest.mark.parametrize("tamper", ["edit", "delete"])
def test_an_event_cannot_be_edited_or_deleted(submitted, tamper):
    event = history.of(submitted)[0]
    if tamper == "edit":
        event.actor = "somebody else"
    else:
        db.session.delete(event)
    with pytest.raises(HistoryBroken):
        db.session.commit()


def test_a_refused_step_leaves_everything_as_it_was(submitted, deed):
    before = db.session.query(Event).count()
    with pytest.raises(StepRefused, match="“finish coding” is not open to it"), transaction():
        claims.move(submitted, "finish_coding", deed)
    assert (submitted.state, db.session.query(Event).count()) == ("submitted", before)


def test_a_step_that_lacks_a_field_says_which(clinic, approval, deed):
    with pytest.raises(Refused, match="Date of service is missing"), transaction():
        claim = claims.enter("X", clinic.case, clinic.coverage, clinic.provider, clinic.office, [], deed)
        claims.move(claim, "record_service", deed)
    assert db.session.query(Claim).count() == 0


def test_transaction_is_all_or_nothing(submitted, deed):
    with pytest.raises(RuntimeError), transaction():
        claims.move(submitted, "note_accepted", deed)
        raise RuntimeError
    assert submitted.state == "submitted"


def test_the_chain_holds(app, submitted):
    count, broken = verify(app)
    assert broken is None
    assert count == db.session.query(Event).count() > 5


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE event SET actor = 'nobody' WHERE id = 4", "event 4 of 2026-11-20 17:00 UTC"),
        ("DELETE FROM event WHERE id = 3", "event 3 is missing"),
        ("UPDATE event SET at = '2026-11-21 17:00:00' WHERE id = 2", "event 2 of 2026-11-21"),
    ],
    ids=["changed", "removed", "moved in time"],
)
def test_the_walk_names_the_first_broken_entry(app, submitted, statement, said):
    lift_guard(db.session.connection())  # somebody who owns the database can do that much
    db.session.execute(text(statement))
    db.session.commit()
    assert said in (verify(app)[1] or "")


@pytest.mark.parametrize("statement", ["UPDATE event SET actor = 'nobody'", "DELETE FROM event WHERE id = 3"])
def test_the_database_itself_refuses_to_change_the_history(app, submitted, statement):
    before = db.session.query(Event).count()
    with pytest.raises(DBAPIError, match="the history is never changed"):
        db.session.execute(text(statement))
    db.session.rollback()
    assert (db.session.query(Event).count(), verify(app)[1]) == (before, None)


@pytest.mark.parametrize("kind", [Event, Claim, Denial, Letter])
def test_bulk_statements_cannot_go_past_the_history(app, kind):
    for statement in (update(kind).values(id=1), delete(kind)):
        with pytest.raises(HistoryBroken, match="in bulk"):
            db.session.execute(statement)


def test_an_anchor_shows_that_the_end_was_cut_off(app, submitted):
    number, digest = history.anchor()
    assert history.missing_since(number, digest) is None
    assert "is not the one" in (history.missing_since(number, "0" * 64) or "")
    lift_guard(db.session.connection())
    db.session.execute(text(f"DELETE FROM event WHERE id = {number}"))
    db.session.commit()
    assert verify(app)[1] is None
    assert "cut off" in (history.missing_since(number, digest) or "")


def test_two_editors_of_one_claim_do_not_overwrite_each_other(app, submitted, deed):
    seen = submitted.version_id
    db.session.execute(text("UPDATE claim SET version_id = version_id + 1"))
    with pytest.raises(StaleDataError):
        claims.move(submitted, "note_accepted", deed)
    db.session.rollback()
    assert (submitted.version_id, submitted.state) == (seen, "submitted")


def test_submitting_stops_the_filing_clock_and_starts_the_payers(submitted):
    assert [row.clock for row in ladders.running(submitted)] == ["payer_answer"]
    stopped = db.session.query(Deadline).filter_by(clock="timely_filing").one()
    assert stopped.stopped_at is not None
