"""Totals against adding up in plain Python, for any filter and any group, and against their own lines."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_claims.db import db, transaction
from clinic_claims.models import Denial
from clinic_claims.services import exposure, reports, seeding
from clinic_claims.services.deeds import Deed
from clinic_claims.services.measures import Period
from clinic_claims.services.reports import GROUPS, Filters

TODAY = date(2026, 11, 20)
QUIET = settings(max_examples=25)
MAYBE_DAY = st.none() | st.dates(date(2025, 1, 1), TODAY)
FILTERS = st.builds(
    Filters,
    since=MAYBE_DAY,
    until=MAYBE_DAY,
    dates=st.sampled_from(["denial", "service", "billed", "decision"]),
    plan_class=st.sampled_from([None, "medicare_ffs", "erisa_self_funded"]),
    treatment=st.sampled_from([None, "toxin", "mvd"]),
    category=st.sampled_from([None, "medical_necessity", "timely_filing"]),
    code=st.sampled_from([None, "CO-50", "197", "N54", "PR-50"]),
    state=st.sampled_from([None, "open", "overturned", "written_off"]),
    standing=st.sampled_from([None, "open", "won", "settled"]),
    level=st.sampled_from([None, "none", "1"]),
    least=st.sampled_from([None, Decimal(400), Decimal(2000)]),
).filter(lambda made: not made.since or not made.until or made.since <= made.until)


@pytest.fixture
def crowd(app, deed):
    seeding.load(150, 7, Deed(actor="D. Park", at=datetime(2026, 11, 20, 17, tzinfo=UTC), book=deed.book))
    with transaction():
        for denial in db.session.query(Denial).filter(Denial.recovered == 0, Denial.id % 3 == 0).order_by(Denial.id):
            if denial.state != "patient_balance":
                denial.settled_otherwise = denial.amount / 4
        overturned = db.session.query(Denial).filter_by(state="overturned").order_by(Denial.id)
        for denial in overturned.limit(3):
            denial.recovered = denial.amount / 2  # the rest of the money is awaited
    return deed


def wanted(denial: Denial, filters: Filters) -> bool:
    """Answer in plain Python whether a denial belongs to the report."""
    claim, appeals = denial.claim, denial.appeals
    decided = max((appeal.decided_on for appeal in appeals if appeal.decided_on), default=None) or denial.settled_on
    day = {
        "denial": denial.denied_on, "service": claim.service_from, "billed": claim.submitted_on, "decision": decided,
    }[filters.dates]  # fmt: skip
    won = denial.state in ("overturned", "partly_overturned") or denial.recovered > 0
    awaited = denial.state == "overturned" and left(denial) > 0
    settled = denial.state in ("overturned", "patient_balance", "written_off") and not awaited
    group, _, code = (filters.code or "").rpartition("-")
    codes = denial.carcs if group else [*denial.carcs, *denial.rarcs]
    answers = [
        filters.since is None or (day is not None and day >= filters.since),
        filters.until is None or (day is not None and day <= filters.until),
        filters.plan_class in (None, claim.coverage.plan.payer_class),
        filters.treatment in (None, claim.case.treatment),
        filters.category in (None, denial.category),
        filters.code is None or (code in codes and group in ("", denial.group)),
        filters.state in (None, denial.state.value),
        {None: True, "open": not settled, "won": won, "settled": settled}[filters.standing],
        filters.level in (None, appeals[-1].level if appeals else "none"),
        filters.least is None or denial.amount >= filters.least,
    ]
    return all(answers)


def left(denial):
    return denial.amount - denial.recovered - (denial.settled_otherwise or 0)


def by_hand(denials):
    given_up = {"written_off", "patient_balance"}
    return (
        len(denials),
        sum(denial.state in ("overturned", "partly_overturned") or denial.recovered > 0 for denial in denials),
        sum(denial.amount for denial in denials),
        sum(denial.recovered for denial in denials),
        sum(left(denial) for denial in denials if denial.state == "written_off"),
        sum(max(left(denial), 0) for denial in denials if denial.state.value not in given_up),
    )


def sums(group):
    return group.denials, group.overturned, group.denied, group.recovered, group.written_off, group.open


@QUIET
@given(FILTERS, st.lists(st.sampled_from(GROUPS), max_size=3, unique=True))
def test_totals_are_those_of_plain_python_and_of_their_lines(crowd, filters, group_by):
    report = reports.denied(filters, crowd, group_by)
    mine = [denial for denial in db.session.query(Denial) if wanted(denial, filters)]
    assert sums(report.total) == by_hand(mine)
    patients = [denial.amount - denial.recovered for denial in mine if denial.state == "patient_balance"]
    assert report.total.otherwise == sum(patients) + sum(denial.settled_otherwise or 0 for denial in mine)
    assert sorted(row.reference for row in reports.lines(report)) == sorted(denial.reference for denial in mine)
    for group in report.groups:
        rows = list(reports.lines(report, group))
        money = (sum(getattr(row, name) for row in rows) for name in ("denied", "recovered", "written_off", "open"))
        assert (group.denials, *sums(group)[2:]) == (len(rows), *money)
        assert all(tuple(getattr(row, name) for name in report.group_by) == group.values for row in rows)


def test_ages_add_up_to_what_is_open(crowd):
    piles = exposure.aging(TODAY)
    still_open = reports.denied(Filters(standing="open"), crowd).total
    assert sum(pile.amount for pile in piles) == still_open.open == reports.denied(Filters(), crowd).total.open
    given_up = ("written_off", "patient_balance")
    still = [
        (denial.denied_on, left(denial))
        for denial in db.session.query(Denial)
        if denial.state not in given_up and left(denial) > 0
    ]
    for pile in piles:
        mine = [amount for day, amount in still if (pile.since or date.min) <= day <= pile.until]
        assert (pile.count, pile.amount) == (len(mine), sum(mine))


def test_causes_add_up_to_all_denials(crowd):
    found = exposure.causes(Period(), crowd.book)
    assert sum(cause.denials for cause in found) == db.session.query(Denial).count()
    assert sum(cause.amount for cause in found) == reports.denied(Filters(), crowd).total.denied
    assert all(0 <= cause.caught <= cause.denials for cause in found)
