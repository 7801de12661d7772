"""Approvals broken, a payer's scorecard, what works, kept reports and the overview, on a small story."""

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pypdf
import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import User
from clinic_claims.services import (
    appeals,
    broken_approvals,
    chances,
    dashboard,
    denials,
    late_answers,
    paper_files,
    reports,
    saved_reports,
    scorecard,
    what_works,
    worklist,
)
from clinic_claims.services.deeds import Deed, Refused
from clinic_claims.services.measures import Period

ALL = Period()


@pytest.fixture
def broken(submitted, deed):
    """A claim billed as approved, denied for lack of authorization on Nov 3: $412.00."""
    with transaction():
        return denials.open_denial(
            submitted, deed, group="CO", carcs=["197"], amount=Decimal(412), denied_on=date(2026, 11, 3),
            lines=[(submitted.lines[0], Decimal(412))],
        )  # fmt: skip


def test_a_claim_as_approved_is_a_breach(broken, deed):
    (case,) = broken_approvals.cases(ALL, deed)
    assert case.is_breach, case.differences
    assert [rule.id for rule in case.protections] == ["erisa"]
    (row,) = broken_approvals.by_payer(ALL)
    assert (row.payer, row.denials, row.denied, row.open) == ("Lone Prairie", 1, Decimal(412), Decimal(412))


def test_a_claim_beyond_the_approval_names_the_difference(broken, deed):
    with transaction():
        broken.claim.service_from = date(2027, 2, 1)
    (case,) = broken_approvals.cases(ALL, deed)
    assert not case.is_breach
    assert "approved October 6, 2026, to January 6, 2027" in case.differences[0]


def test_a_reason_that_no_approval_settles_is_no_breach(broken, deed):
    with transaction():
        broken.category = "timely_filing"
    (case,) = broken_approvals.cases(ALL, deed)
    assert case.differences == ("denied for something that an approval does not settle",)


def test_a_silent_payer_is_late_by_its_own_clock(submitted, later):
    waiting = later(60)
    (answer,) = late_answers.late(ALL, waiting.today)
    assert (answer.record.text, answer.asked_on, answer.on) == ("HL-26-1001", date(2026, 10, 22), None)
    assert answer.due + (waiting.today - answer.due) == waiting.today
    assert answer.late == (waiting.today - answer.due).days
    (score,) = [score for score in late_answers.scores(ALL, waiting.today) if score.late]
    assert (score.payer, score.late, score.longest) == ("Lone Prairie", 1, answer.late)
    assert list(late_answers.late(ALL, waiting.today, "Another")) == []


def test_the_scorecard_prints_with_dates_and_proof(broken, later):
    paper = scorecard.paper("Lone Prairie", ALL, later(60), "All days.")
    text = " ".join(
        page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper_files.to_pdf(paper, later(60)))).pages
    )
    for said in (
        "Harbor Light Neurology",
        "Scorecard: Lone Prairie",
        "HL-26-1001",
        "2026-10-22",
        "PA-8841",
        "DEN-00001",
    ):
        assert said in " ".join(text.split())
    assert openpyxl.load_workbook(io.BytesIO(b"".join(paper_files.to_xlsx(paper)))).sheetnames[0] == "In short"


def test_lists_that_are_cut_say_of_how_many_and_counts_are_whole(broken, submitted, deed, later, monkeypatch):
    with transaction():
        for day in (4, 5):
            denials.open_denial(
                submitted, deed, group=None, carcs=[], amount=Decimal(100), denied_on=date(2026, 11, day)
            )
    monkeypatch.setattr(scorecard, "MOST", 1)
    sections = {section.title: section for section in scorecard.paper("Lone Prairie", ALL, later(60), "").sections}
    assert sections["Reasons missing"].text.endswith("Shown are 1 of 2.")
    assert len(sections["Reasons missing"].table.rows) == 1
    counted = {row[0]: row[1:3] for row in sections["In short"].table.rows}
    assert counted["Denials without a reason, of all denials"] == (2, 3)
    assert "Shown" not in sections["Approvals broken"].text
    assert "Payer" not in [column.label for column in sections["Approvals broken"].table.columns]


def test_of_many_broken_approvals_the_newest_are_shown(broken, submitted, deed, monkeypatch):
    with transaction():
        denials.open_denial(
            submitted, deed, group="CO", carcs=["197"], amount=Decimal(9), denied_on=date(2026, 11, 5),
            lines=[(submitted.lines[0], Decimal(9))],
        )  # fmt: skip
    assert "Of 2 cases" in broken_approvals.paper(ALL, deed, "").sections[1].text
    newest = list(broken_approvals.cases(ALL, deed, limit=1))
    monkeypatch.setattr(broken_approvals, "cases", lambda *_: newest)
    assert "Of the newest 1 of 2 cases" in broken_approvals.paper(ALL, deed, "").sections[1].text


def test_a_table_too_wide_for_a_terminal_stands_row_by_row(broken, deed):
    text = paper_files.to_text(broken_approvals.paper(ALL, deed, "All days."))
    assert max(map(len, text.splitlines())) <= paper_files.WIDEST
    assert "\n  Denied for          CO-197\n" in text
    assert "\n  Denied $            412.00\n" in text


@pytest.fixture
def won(broken, deed, later):
    """The appeal of that denial, filed and overturned."""
    with transaction():
        appeal = appeals.start(broken, deed)
        appeal.state = "filed"
        appeal.filed_on, appeal.proof = date(2026, 11, 5), "Fax report 1"
        appeals.steps.record(appeal, "file", deed, reached="filed")
    with transaction():
        appeals.move(appeal, "decide_overturned", later(9), decided_on=date(2026, 11, 14))
    return appeal


def test_a_win_counts_for_payer_reason_code_and_level(won, later):
    sections = {s.title: s.table.rows for s in what_works.paper(ALL, later(10), "All days.").sections}
    assert sections["By payer"][0][:3] == ("Lone Prairie", 1, 1)
    assert sections["By reason code"][0][:3] == ("CO-197", 1, 1)
    assert sections["By level of appeal"][0][:3] == ("Level 1", 1, 1)
    assert sections["By path"][0][:3] == ("Appeal", 1, 1)
    (tally,) = chances.history(later(10).book).own.values()
    assert (tally.won, tally.decided) == (1, 1)


@pytest.fixture
def me(app, deed):
    with transaction():
        user = User(
            email="d.park@clinic.example", full_name="D. Park", initials="DP", password="x", active=True,
            fs_uniquifier="u",
        )  # fmt: skip
        db.session.add(user)
        db.session.flush()
    return Deed(actor=deed.actor, at=deed.at, book=deed.book, user_id=user.id)


def test_a_kept_report_is_due_until_it_is_opened(me):
    with transaction():
        saved = saved_reports.save("Mine", "denied", "?payer=Lone+Prairie&at=x&format=csv", "week", me)
    assert (saved.query, saved.next_on) == ("payer=Lone+Prairie", date(2026, 11, 23))
    assert saved_reports.due(me) == []
    monday = Deed(actor=me.actor, at=me.at.replace(day=23), book=me.book, user_id=me.user_id)
    assert saved_reports.due(monday) == [saved]
    with transaction():
        saved_reports.opened(saved, monday)
    assert (saved.next_on, saved_reports.due(monday)) == (date(2026, 11, 30), [])


@pytest.mark.parametrize(
    ("every", "day", "next_on"),
    [
        ("month", date(2026, 12, 31), date(2027, 1, 1)),
        ("quarter", date(2026, 11, 20), date(2027, 1, 1)),
        ("quarter", date(2026, 1, 1), date(2026, 4, 1)),
        ("week", date(2026, 11, 23), date(2026, 11, 30)),
        ("never", date(2026, 11, 23), None),
    ],
)
def test_the_next_day_of_a_rhythm(every, day, next_on):
    assert saved_reports.after(day, every) == next_on


def test_another_persons_report_stays_theirs(me):
    with transaction():
        saved = saved_reports.save("Mine", "measures", "", "never", me)
    other = Deed(actor="E", at=me.at, book=me.book, user_id=me.user_id + 1)
    assert saved_reports.find(saved.id, other) is None
    with pytest.raises(Refused, match=r"Only D\. Park"):
        saved_reports.remove(saved, other)


def test_each_figure_of_the_overview_is_the_total_of_its_list(broken, later):
    deed = later(3)
    shown = dashboard.overview(deed)
    assert shown.open.open == reports.denied(reports.Filters(standing="open"), deed).total.open == Decimal(412)
    assert (shown.broken, shown.missed, shown.won.denials) == (1, 0, 0)
    assert len(shown.charts) == 4
    assert shown.first == worklist.items(deed, limit=dashboard.FEW) != []
