"""What a stroke writes past the session is guarded as the session guards it."""

from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm.exc import StaleDataError

from clinic_claims.db import db, transaction
from clinic_claims.domain.lifecycle import ClaimState
from clinic_claims.models import Denial, Event, HistoryBroken, ServiceLine
from clinic_claims.services import claims, denials, history, ladders, strokes


def test_a_stroke_refuses_a_state_that_no_event_tells_of(submitted, deed):
    with pytest.raises(HistoryBroken, match="claim 1 became closed with no event"), transaction(), strokes.one_stroke():
        submitted.state = ClaimState.CLOSED
        history.record(submitted, "note", deed, sentence="Beside the point.")
    assert submitted.state == "submitted"


def test_a_stroke_does_not_overwrite_what_another_has_changed(submitted, deed):
    seen, told = submitted.version_id, db.session.query(Event).count()
    with pytest.raises(StaleDataError, match="1 rows of claim"), transaction():
        db.session.execute(text("UPDATE claim SET version_id = version_id + 1"))
        with strokes.one_stroke():
            claims.move(submitted, "note_accepted", deed)
    assert (submitted.state, submitted.version_id) == ("submitted", seen)
    assert db.session.query(Event).count() == told


def test_a_stroke_leaves_record_version_and_chain_as_the_session_would(app, submitted, deed):
    before = submitted.version_id
    with transaction(), strokes.one_stroke():
        claims.move(submitted, "note_accepted", deed)
    db.session.expire_all()
    assert (submitted.state, submitted.version_id) == ("accepted", before + 1)
    assert history.of(submitted)[0].reached == "accepted"
    assert history.verify(app.config["AUDIT_KEY"].encode())[1] is None


def test_the_last_value_put_into_a_line_is_the_one_written(submitted):
    line = submitted.lines[0]
    with transaction(), strokes.one_stroke():
        strokes.put(line, paid=10)
        strokes.put(line, paid=line.paid + 5)
    db.session.expire_all()
    assert db.session.get_one(ServiceLine, line.id).paid == 15


def test_a_state_put_into_a_record_needs_its_event(submitted, deed):
    with pytest.raises(HistoryBroken, match="claim 1 became closed with no event"), transaction(), strokes.one_stroke():
        strokes.put(submitted, state=ClaimState.CLOSED)
    assert submitted.state == "submitted"


def test_what_hangs_from_a_new_record_is_written_with_it(submitted, deed):
    with transaction(), strokes.one_stroke() as stroke:
        stroke.expect(Denial, 1)
        lines = [(submitted.lines[0], Decimal(412))]
        made = denials.open_denial(
            submitted, deed, group="CO", carcs=["197"], amount=Decimal(412), denied_on=deed.today, lines=lines
        )
    kept = db.session.scalars(select(Denial)).one()
    assert (kept.id, kept.state, kept.version_id, kept.claim) == (made.id, "open", 1, submitted)
    assert [(each.line, each.amount) for each in kept.lines] == lines
    assert {each.clock for each in ladders.running(kept)} >= {"appeal"}


def test_what_a_broken_stroke_put_is_not_kept(submitted):
    line = submitted.lines[0]
    with pytest.raises(RuntimeError), transaction(), strokes.one_stroke():
        strokes.put(line, paid=line.paid + 5)
        raise RuntimeError
    assert line.paid == 0
