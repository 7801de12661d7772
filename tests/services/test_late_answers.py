"""Late answers against reckoning in plain Python, on a demo with clocks on claims, requests and appeals."""

import pytest

from clinic_claims.db import db
from clinic_claims.models import ClaimPayment, Deadline, Denial, Remittance
from clinic_claims.services import late_answers
from clinic_claims.services.measures import Period

from . import demo_clinic

ALL = Period()


@pytest.fixture
def told(app, deed, later):
    """The demo half a year on: some clocks were stopped in time, others run out unanswered."""
    demo_clinic.load(app, deed)
    return later(180)


def answered(clock):
    """The day on which the answer came; None while it is awaited."""
    if clock.stopped_at is None:
        return None
    about = {"claim_id": clock.claim_id, "authorization_id": clock.authorization_id}
    refused = db.session.query(Denial).filter_by(**about) if clock.appeal is None else []
    days = [row.denied_on for row in refused if clock.started_at <= row.created_at <= clock.stopped_at]
    if clock.claim:
        paid = db.session.query(Remittance).join(ClaimPayment).filter(ClaimPayment.claim_id == clock.claim_id)
        days += [row.paid_on for row in paid if clock.started_at <= row.posted_at <= clock.stopped_at]
    elif not days and clock.subject.decided_on and clock.subject.decided_on <= clock.stopped_at.date():
        days = [clock.subject.decided_on]
    return min(days, default=clock.stopped_at.date())


def payer(clock):
    record = clock.appeal.denial.subject if clock.appeal else clock.subject
    return record.coverage.plan.payer.name


def owed(today):
    """Each clock that bound a payer and has ended: payer, name of the record, last day, answer, days late."""
    for clock in db.session.query(Deadline).filter(Deadline.who == "payer", Deadline.rule != ""):
        if clock.legal and (clock.legal < today or clock.stopped_at):
            on = answered(clock)
            yield payer(clock), clock.subject.reference, clock.legal, on, ((on or today) - clock.legal).days


def told_of(answer):
    return answer.payer, answer.record.text, answer.due, answer.on, answer.late


def test_late_answers_scores_and_those_awaited_are_those_of_plain_python(told):
    today, rows = told.today, list(owed(told.today))
    assert {name.split("-")[0] for _, name, *_ in rows} == {"APL", "AUTH", "HL"}
    late = sorted((row for row in rows if row[4] > 0), key=lambda row: -row[4])
    found = list(late_answers.late(ALL, today))
    assert sorted(map(told_of, found), key=repr) == sorted(late, key=repr)
    assert [answer.late for answer in found] == [row[4] for row in late]
    open_ones = [row[4] for row in late if row[3] is None]
    assert [answer.late for answer in late_answers.awaited(ALL, today, 3)] == open_ones[:3]
    for score in late_answers.scores(ALL, today):
        days = [row[4] for row in rows if row[0] == score.payer]
        assert (score.owed, score.late, score.longest) == (len(days), sum(day > 0 for day in days), max(days))
        its_own = late_answers.late(ALL, today, score.payer)
        assert sum(1 for _ in its_own) == score.late
    assert sum(score.owed for score in late_answers.scores(ALL, today)) == len(rows)


def test_nobody_is_blamed_for_the_time_between_an_answer_and_the_next(told):
    """One claim was paid in part in time, sent again and paid again in time; one request was refused in time and won
    on appeal a month later. Both hold their newest days alone.
    """
    bound, late = {name for _, name, *_ in owed(told.today)}, list(late_answers.late(ALL, told.today))
    assert {"HL-104119", "AUTH-00004"} <= bound - {answer.record.text for answer in late}
    assert all(answer.asked_on < answer.due for answer in late)
