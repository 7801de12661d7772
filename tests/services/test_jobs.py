"""Work for the workers: asked for once, done once, tried again when it fails, told when it cannot be done."""

import threading
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from clinic_claims.db import db, transaction
from clinic_claims.models import Document, Event, Job, Letter, Remittance
from clinic_claims.services import appeals, denials, import_jobs, jobs, letter_batches
from clinic_claims.services.deeds import Deed, Refused
from clinic_claims.services.job_kinds import KINDS

from .era import claim as era_claim
from .era import remittance

LINES = [("64612:RT", "412", "0", "CO*50*412", "N115"), ("J0585:JZ", "240", "0", "CO*50*240", "N115")]


@pytest.fixture
def clock(app, deed):
    """A clock that a test moves."""
    hands = SimpleNamespace(at=deed.at)
    app.config["CLOCK"] = lambda: hands.at
    return hands


@pytest.fixture
def drafting(submitted, deed):
    """An appeal whose letter is to be written."""
    with transaction():
        denial = denials.open_denial(
            submitted, deed, group="CO", carcs=["50"], rarcs=["N115"], amount=Decimal("652.00"),
            denied_on=date(2026, 11, 18), notice_dated_on=date(2026, 11, 18), received_how="remittance",
        )  # fmt: skip
        return appeals.start(denial, deed)


@pytest.fixture
def run(deed, clock):
    """Run the next job as a worker would at the clock's moment."""
    return lambda kinds=KINDS: jobs.run_next(kinds, Deed("worker", clock.at, deed.book))


def ask(deed, key="k", **payload):
    with transaction():
        return jobs.enqueue("count", payload, deed, key=key, batch="b").id


def job(number):
    db.session.rollback()
    return db.session.get_one(Job, number, populate_existing=True)


def counting(*outcomes):
    """A kind of work that meets these outcomes one after another: an error, or a result."""
    left = list(outcomes)

    def work(_payload, _deed):
        outcome = left.pop(0)

        def effect():
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        return effect

    return {"count": work}


def test_the_same_key_asks_once(clock, deed):
    assert ask(deed) == ask(deed)
    assert jobs.progress("b") == {"waiting": 1, "running": 0, "done": 0, "failed": 0}


def test_work_that_ended_may_be_asked_for_once_more(run, deed):
    first = ask(deed, jobs.anew("k"))
    assert ask(deed, jobs.anew("k")) == first
    run(counting(Refused("Not yet.")))
    assert ask(deed, jobs.anew("k")) != first
    assert jobs.unfinished("count") == 1


def test_work_asked_for_in_a_deed_that_fails_is_not_asked_for(clock, deed):
    with pytest.raises(ZeroDivisionError), transaction():
        jobs.enqueue("count", {}, deed, key="k")
        raise ZeroDivisionError
    assert db.session.query(Job).count() == 0


def test_a_job_is_done_once_for_the_person_who_asked(run, deed):
    number = ask(deed)
    assert (run(counting({"n": 7})), run(counting())) == (True, False)
    done = job(number)
    assert (done.state, done.result, done.attempts, done.asked_by) == ("done", {"n": 7}, 1, "D. Park")


def test_a_failure_is_tried_again_after_a_pause(run, deed, clock, caplog):
    number, kinds = ask(deed), counting(ZeroDivisionError("Castellano"), {"n": 1})
    run(kinds)
    assert (job(number).state, job(number).error) == ("waiting", "ZeroDivisionError")
    clock.at += timedelta(minutes=1)
    assert run(kinds)
    assert (job(number).state, job(number).attempts, job(number).error) == ("done", 2, "")


def test_a_refusal_is_told_and_not_tried_again(run, deed):
    number = ask(deed)
    run(counting(Refused("The letter is not ready.")))
    assert (job(number).state, job(number).error) == ("failed", "The letter is not ready.")
    assert not run()


def test_a_dead_workers_job_is_taken_over_and_the_dead_one_writes_nothing(run, deed, clock):
    number = ask(deed)
    dead = jobs.take(clock.at)
    assert not run(counting())
    clock.at += jobs.LEASE + timedelta(seconds=1)
    run(counting({"n": 2}))
    with pytest.raises(jobs.Lost):
        jobs.finish(dead, lambda: {"n": 1}, clock.at)
    assert (job(number).state, job(number).result) == ("done", {"n": 2})


def test_a_job_that_kills_its_worker_each_time_is_given_up(run, deed, clock):
    number = ask(deed)
    for _ in range(jobs.MOST):
        assert jobs.take(clock.at)
        clock.at += jobs.LEASE + timedelta(seconds=1)
    run(counting())
    assert (job(number).state, job(number).error) == ("failed", jobs.GIVEN_UP)


def test_the_lease_is_prolonged_while_the_work_runs(run, deed, clock, monkeypatch):
    monkeypatch.setattr(jobs, "LEASE", timedelta(milliseconds=30))
    number, prolonged = ask(deed), []

    def slow(_payload, _deed):
        before = job(number).ready_at
        clock.at += timedelta(minutes=1)
        while job(number).ready_at == before:
            db.session.remove()
        prolonged.append(True)
        return dict

    run({"count": slow})
    assert (prolonged, job(number).state) == ([True], "done")


def test_a_lease_that_could_not_be_prolonged_is_prolonged_at_the_next_beat(run, deed, clock, monkeypatch):
    monkeypatch.setattr(jobs, "LEASE", timedelta(milliseconds=30))
    number, refused, again = ask(deed), [], threading.Event()

    def busy(connection):
        if threading.current_thread() is not threading.main_thread():
            if refused:
                return again.set()
            refused.append(True)
            raise OperationalError("BEGIN", {}, Exception("database is locked"))

    def slow(_payload, _deed):
        db.session.remove()
        assert again.wait(60)
        return dict

    event.listen(db.engine, "begin", busy)
    run({"count": slow})
    assert (refused, job(number).state) == ([True], "done")


def test_a_large_file_is_posted_by_the_worker(run, submitted, deed):
    data = remittance([era_claim(submitted.number, "4", "652", "0", LINES)])
    with transaction():
        number = import_jobs.order("era.835", data, deed).id
        assert import_jobs.order("again.835", data, deed).id == number
    assert run()
    assert not run()
    done = db.session.query(Job).one()
    assert (done.result["status"], done.result["matched"]) == ("posted", 1)
    assert (db.session.query(Remittance).count(), db.session.query(Document).count()) == (1, 1)


def test_a_letter_with_gaps_is_refused_with_each_of_them(run, drafting, deed):
    with transaction():
        batch = letter_batches.order([drafting], deed)
    run()
    assert jobs.progress(batch)["failed"] == 1
    assert "The letter is not ready:" in db.session.query(Job).one().error
    assert db.session.query(Letter).count() == 0


def test_a_batch_of_letters_is_printed_once_each(run, drafting, deed, monkeypatch):
    monkeypatch.setattr(letter_batches.letters, "printed", lambda letter, draft: b"%PDF-1.7 made up")
    with transaction():
        batch = letter_batches.order([drafting], deed)
        letter_batches.order([drafting], deed)
    assert (run(), run()) == (True, False)
    letter = db.session.query(Letter).one()
    assert (letter.version, letter.made_by, jobs.progress(batch)["done"]) == (1, "D. Park", 1)
    assert db.session.query(Event).filter_by(action="finish_letter").count() == 1


def test_a_record_that_changed_meanwhile_is_printed_again(run, drafting, deed, clock, monkeypatch):
    def printed(letter, draft):
        if not drafting.denial.reason_quoted:
            with transaction():
                drafting.denial.reason_quoted = "Not medically necessary."
        return b"%PDF-1.7 made up"

    monkeypatch.setattr(letter_batches.letters, "printed", printed)
    with transaction():
        letter_batches.order([drafting], deed)
    run()
    assert (db.session.query(Letter).count(), db.session.query(Job).one().error) == (0, "Changed")
    clock.at += timedelta(minutes=1)
    run()
    assert db.session.query(Letter).count() == 1
