"""Once a day: results counted, the list ordered by them, reminders sent at most once and without a patient's name."""

import smtplib
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from clinic_claims.db import db, transaction
from clinic_claims.models import Job, ResultTally, WorkItem
from clinic_claims.services import accounts, appeals, cover, daily, denials, digests, history, jobs, owners, workitems
from clinic_claims.services.deeds import Deed, Refused
from clinic_claims.services.job_kinds import KINDS


class Mailbox:
    """Stands for the mail server; `trouble` is raised by the next letter, `down` by the next connection."""

    def __init__(self):
        self.letters, self.trouble, self.down = [], None, False

    def __call__(self, host, port, timeout):
        assert (host, port) == ("mail.clinic.example", 587)
        if self.down:
            raise ConnectionRefusedError
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def starttls(self, context):
        self.safe = context.check_hostname

    def send_message(self, letter):
        trouble, self.trouble = self.trouble, None
        if trouble:
            raise trouble
        self.letters.append(letter)


@pytest.fixture
def mailbox(app, monkeypatch, deed):
    app.config.update(SMTP_HOST="mail.clinic.example", ADDRESS="https://claims.clinic.example/")
    box = Mailbox()
    monkeypatch.setattr(smtplib, "SMTP", box)
    monkeypatch.setattr(jobs, "now", lambda: deed.at)  # a second try is due a while after this
    return box


@pytest.fixture
def people(app, deed):
    """Two billers and an administrator, who sees no claims."""
    with transaction():
        made = [accounts.add_user(f"{name} Reyes", f"{name.lower()}@clinic.example", [role], deed)[0]
                for name, role in (("Ana", "biller"), ("Bo", "biller"), ("Cy", "administrator"))]  # fmt: skip
    return made


@pytest.fixture
def denial(submitted, deed, people):
    with transaction():
        made = denials.open_denial(submitted, deed, group="CO", carcs=["50"], amount=Decimal("652.00"),
                                   denied_on=deed.today, printed_deadline=deed.today + timedelta(days=3))  # fmt: skip
        owners.assign(made, people[0], deed)
    return made


def at(deed, **span):
    return Deed("this computer", deed.at + timedelta(**span), deed.book)


def run(deed):
    """Order the day and do everything that waits."""
    with transaction():
        daily.ask(deed)
    while jobs.run_next(KINDS, deed):
        pass


def test_it_waits_for_the_morning_and_is_ordered_once(app, deed):
    night = at(deed, hours=-8)  # four o'clock in the morning
    with transaction():
        assert not daily.ask(night)
        assert daily.ask(deed)
        assert daily.ask(deed)
    assert [job.key for job in db.session.scalars(select(Job))] == ["day:2026-11-20"]


def test_a_reminder_is_numbers_and_a_link(mailbox, denial, deed, submitted):
    run(deed)
    (letter,) = mailbox.letters
    assert letter["To"] == "ana@clinic.example"
    assert letter["Subject"] == "Clinic Claims: 1 due in 3 days"
    text = letter.get_content()
    assert "https://claims.clinic.example/today/due" in text
    patient = submitted.case.patient
    secrets = (patient.last_name, patient.first_name, patient.mrn, submitted.number, "Lone Prairie", "652", "DEN-")
    assert [word for word in secrets if word in letter.as_string()] == []
    assert mailbox.safe


def test_nobody_is_reminded_twice_a_day(mailbox, denial, deed):
    run(deed)
    run(deed)
    run(at(deed, hours=3))
    assert len(mailbox.letters) == 1
    run(at(deed, days=2))  # a day ahead: no day of a reminder
    assert len(mailbox.letters) == 2  # due tomorrow
    assert "1 due tomorrow" in mailbox.letters[1].get_content()


def test_both_are_reminded_while_one_covers(mailbox, denial, deed, people):
    with transaction():
        cover.arrange(people[0], people[1], deed.today, deed.today + timedelta(days=1), deed)
    run(deed)
    told = {letter["To"]: letter.get_content() for letter in mailbox.letters}
    assert sorted(told) == ["ana@clinic.example", "bo@clinic.example"]
    assert "Of these, 1 while you cover" in told["bo@clinic.example"]
    run(at(deed, days=2))
    assert [letter["To"] for letter in mailbox.letters[2:]] == ["ana@clinic.example"]


@pytest.mark.parametrize("trouble", [smtplib.SMTPDataError(451, b"later"), smtplib.SMTPRecipientsRefused({})])
def test_what_the_server_refused_is_tried_again(mailbox, denial, deed, trouble):
    mailbox.trouble = trouble
    run(deed)
    assert mailbox.letters == []
    job = db.session.scalars(select(Job).where(Job.kind == "digest")).one()
    assert (job.state, job.error) == ("waiting", "NotSent")
    run(at(deed, minutes=5))
    assert len(mailbox.letters) == 1


def test_a_server_that_is_away_is_asked_again(mailbox, denial, deed):
    mailbox.down = True
    run(deed)
    mailbox.down = False
    run(at(deed, minutes=5))
    assert len(mailbox.letters) == 1


def test_one_that_was_cut_off_midway_is_not_sent_again(mailbox, denial, deed):
    mailbox.trouble = smtplib.SMTPServerDisconnected("lost after the letter")
    run(deed)
    job = db.session.scalars(select(Job).where(Job.kind == "digest")).one()
    job.error = digests.BEGUN  # as a worker leaves it that was killed
    db.session.commit()
    run(at(deed, minutes=5))
    assert mailbox.letters == []
    assert job.result == {"sent": False, "cut_off": True}


def test_without_a_mail_server_nothing_is_ordered(app, denial, deed):
    run(deed)
    assert db.session.scalars(select(Job.kind)).all() == ["day"]


def test_the_day_counts_results_and_orders_the_list_by_them(denial, deed, later, submitted):
    with transaction():
        other = denials.open_denial(
            submitted, deed, group="CO", carcs=["50"], amount=Decimal("10.00"), denied_on=deed.today
        )
        appeal = appeals.start(other, deed)
        appeal.filed_on, appeal.proof, appeal.decided_on = deed.today, "FAX-1", deed.today
        db.session.flush()
        history.record(appeal, "decide_upheld", deed, reached="upheld")
        appeal.state = "upheld"
    before = worth(denial)
    run(at(deed, days=1))
    (row,) = db.session.scalars(select(ResultTally))
    assert (row.won, row.decided, row.counted_on) == (0, 1, deed.today + timedelta(days=1))
    assert 0 < worth(denial) < before
    now = worth(denial)
    with transaction():
        workitems.rebuild()
    assert worth(denial) == now


def worth(denial):
    query = select(WorkItem.minus_worth).where(WorkItem.subject == "denial", WorkItem.subject_id == denial.id)
    return -db.session.scalars(query).one()


def test_rows_of_an_earlier_release_get_their_worth(denial, deed):
    before = worth(denial)
    item = db.session.scalars(select(WorkItem).where(WorkItem.subject == "denial")).one()
    item.minus_worth = 0
    db.session.commit()
    run(deed)
    assert worth(denial) == before > 0


@pytest.mark.parametrize(
    ("away", "by", "first", "last", "said"),
    [
        (0, 0, 0, 1, "nobody covers for themselves"),
        (0, 1, 3, 1, "cannot come before"),
        (0, 1, -5, -2, "These days are over"),
        (0, 1, 0, 200, "at most 90 days"),
        (0, 1, 11, 12, "is covered from"),
        (1, 0, 11, 12, "is away from"),
    ],
)
def test_cover_that_cannot_be_is_refused(people, deed, away, by, first, last, said):
    day = deed.today
    with transaction():
        cover.arrange(people[0], people[1], day + timedelta(days=10), day + timedelta(days=12), deed)
    with pytest.raises(Refused, match=said), transaction():
        cover.arrange(people[away], people[by], day + timedelta(days=first), day + timedelta(days=last), deed)


def test_cover_ends_by_itself_or_when_somebody_ends_it(people, deed, later):
    ana, bo = people[:2]
    with transaction():
        made = cover.arrange(ana, bo, deed.today, deed.today + timedelta(days=4), deed)
    shown = [cover.covered_by(bo, deed.today + timedelta(days=days)) for days in (-1, 0, 4, 5)]
    assert shown == [(), (ana.id,), (ana.id,), ()]
    with transaction():
        cover.end(made, later(2))
    assert [cover.covered_by(bo, later(days).today) for days in (1, 2)] == [(ana.id,), ()]
