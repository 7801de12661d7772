"""Steps taken back: every row of every table is as it was, clocks and work items too; or it is said why not."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from clinic_claims.db import Base, db, transaction
from clinic_claims.domain.lifecycle import LIFECYCLES, StepRefused
from clinic_claims.models import Appeal, Event, Letter, TakenStep
from clinic_claims.services import (
    appeals,
    authorizations,
    claims,
    denials,
    documents,
    history,
    intake,
    moves,
    notes,
    owners,
    steps,
    undoing,
)
from clinic_claims.services.deeds import Deed, Refused

from .era import claim as era_claim
from .era import remittance

FOLLOWS = {("work_item", "id"), *((table, "version_id") for table in LIFECYCLES)}


def everything():
    """Every row of every table, but for the history, versions that only count up, and the number of a list's row."""
    return {
        table.name: sorted(
            (tuple(str(row[column]) for column in table.c if (table.name, column.name) not in FOLLOWS))
            for row in db.session.execute(select(table)).mappings()
        )
        for table in Base.metadata.sorted_tables
        if table.name not in ("event", "taken_step")
    }


def take(record, action, deed, **given):
    with transaction():
        moves.take(record, action, deed, **given)
    return undoing.last(record)


def undo(step, deed):
    with transaction():
        undoing.undo(step, deed)


def answers(record, step, deed):
    """Something plausible for each field of a step."""
    days = {"valid_to": deed.today + timedelta(days=90)}
    given = {"date": deed.today, "choice": "fax", "words": "As they wrote it", "text": "REF-1"}
    told = {each.name: days.get(each.name, given[each.kind]) for each in steps.fields(record, step.action)}
    return told | ({"reason": "As they said"} if step.action == "revoke" else {})


def deny(claim, deed):
    day = date(2026, 11, 10)
    return denials.log(
        claim, deed, group="CO", carcs=["50"], amount=Decimal("652.00"), denied_on=day, notice_dated_on=day
    )


def start_appeal(denial, deed):
    """An appeal with a signed letter on file."""
    made = appeals.start(denial, deed)
    page = documents.add(b"The pages as signed.", "other", "Appeal letter", deed, about=denial)
    signed = {"signed_at": deed.at, "signed_by": "E. Park", "signed_sha256": page.sha256}
    told = {"kind": "appeal", "version": 1, "facts": {}, "rulebook": "x", "made_at": deed.at, "made_by": deed.actor}
    db.session.add(Letter(appeal=made, document=page, sha256=page.sha256, **told, **signed))
    return made


@pytest.fixture
def denial(submitted, deed):
    with transaction():
        return deny(submitted, deed)


@pytest.fixture
def appeal(denial, deed):
    with transaction():
        return start_appeal(denial, deed)


MADE = {
    "claim": lambda claim, deed: claim,
    "authorization": lambda claim, deed: authorizations.renew(claim.authorization, deed, reason="In time"),
    "denial": deny,
    "appeal": lambda claim, deed: start_appeal(deny(claim, deed), deed),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("table", MADE)
def test_a_step_taken_back_leaves_every_row_as_it_was(submitted, deed, later, table, seed):
    chance, seen = random.Random(seed), set()
    with transaction():
        record = MADE[table](submitted, deed)
    for day in range(1, 9):
        deed = later(day * 7)
        open_now = steps.open_to(record, deed)
        if not open_now:
            break
        step = chance.choice(open_now)
        given, before = answers(record, step, deed), everything()
        try:
            taken = take(record, step.action, deed, **given)
        except (Refused, StepRefused):
            db.session.expire_all()
            assert everything() == before
            continue
        if undoing.lasting_reasons(taken):
            break
        after = everything()
        undo(taken, deed)
        assert everything() == before, step.action
        take(record, step.action, deed, **given)
        seen.add(step.action)
        assert everything()["work_item"] == after["work_item"]
    assert seen or table == "denial"


def test_the_history_keeps_the_step_and_the_way_back(submitted, deed):
    undo(take(submitted, "note_accepted", deed), deed)
    told = [(event.action, event.left, event.reached) for event in reversed(history.of(submitted))][-2:]
    assert told == [("note_accepted", "submitted", "accepted"), ("take_back", "accepted", "submitted")]
    assert history.of(submitted)[0].sentence == "Taken back: Payer accepted it."


def test_what_was_built_on_a_step_stands_in_the_way(submitted, deed):
    first = take(submitted, "note_accepted", deed)
    second = take(submitted, "note_pending", deed)
    with pytest.raises(Refused, match="Something was built on it since: Accepted → pending"), transaction():
        undoing.undo(first, deed)
    undo(second, deed)
    with pytest.raises(Refused, match="built on it since"), transaction():
        undoing.undo(first, deed)


def test_notes_and_a_new_owner_do_not_stand_in_the_way(submitted, deed):
    step = take(submitted, "note_accepted", deed)
    with transaction():
        notes.add(submitted, "note", "Seen in the portal", deed)
        owners.assign(submitted, None, deed)
    undo(step, deed)
    assert submitted.state == "submitted"


def test_a_denial_logged_since_stands_in_the_way(submitted, deed, denial):
    step = take(denial, "ask_peer_to_peer", deed)
    with transaction():
        denials.open_denial(submitted, deed, group="CO", carcs=["96"], amount=Decimal(1), denied_on=deed.today)
    undo(step, deed)  # another denial of the claim has nothing to do with it
    step = take(submitted, "correct", deed)
    with transaction():
        denials.move(denial, "correct", deed)
    with pytest.raises(Refused, match="built on it"), transaction():
        undoing.undo(step, deed)


def test_it_is_too_late_after_a_day(submitted, deed, later):
    step = take(submitted, "note_accepted", deed)
    with pytest.raises(Refused, match="24 hours"), transaction():
        undoing.undo(step, later(1))


def test_somebody_else_needs_to_be_a_manager(submitted, deed, later):
    step = take(submitted, "note_accepted", deed)
    with pytest.raises(Refused, match="or a manager"), transaction():
        undoing.undo(step, later(0, "M. Ortiz"))


def test_nothing_is_taken_back_twice(submitted, deed):
    step = take(submitted, "note_accepted", deed)
    undo(step, deed)
    with pytest.raises(Refused, match="already"), transaction():
        undoing.undo(step, deed)


def test_what_opens_another_record_says_so(denial, deed):
    step = take(denial, "appeal", deed)
    appeal = db.session.scalars(select(Appeal)).one()
    assert undoing.why_not(step, deed) == [f"It brought {appeal.reference} with it: withdraw that appeal instead."]


def test_a_signature_is_final(appeal, deed):
    take(appeal, "send_for_review", deed)
    step = take(appeal, "sign", deed)
    assert undoing.why_not(step, deed) == ["A signature is not taken back: return the letter with a reason."]


def test_a_step_of_a_remittance_is_kept_by_nobody(submitted, deed):
    lines = [("64612:RT", "412", "412", "", ""), ("J0585:JZ", "240", "240", "", "")]
    with transaction():
        intake.take_in("era.835", remittance([era_claim(submitted.number, "1", "652", "652", lines)]), deed)
    assert submitted.state == "paid"
    assert undoing.last(submitted) is None


def test_what_is_too_old_is_dropped(submitted, deed, later):
    take(submitted, "note_accepted", deed)
    with transaction():
        undoing.forget(later(2).at)
    assert db.session.scalars(select(TakenStep)).all() == []
    assert db.session.scalar(select(Event.id).where(Event.action == "note_accepted")) is not None


def test_a_step_that_was_refused_leaves_nothing_behind(submitted, deed):
    with pytest.raises(StepRefused), transaction():
        moves.take(submitted, "close", deed)
    with transaction():
        claims.move(submitted, "note_accepted", deed)  # past the door that keeps
    assert undoing.last(submitted) is None
    assert isinstance(deed, Deed)
