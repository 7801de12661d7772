import random
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from clinic_claims.db import db, transaction
from clinic_claims.domain.lifecycle import StepRefused
from clinic_claims.models import WorkItem
from clinic_claims.services import (
    accounts,
    appeals,
    authorizations,
    benefits,
    checklists,
    claims,
    denials,
    intake,
    ladders,
    moves,
    owners,
    places,
    steps,
    visits,
    workitems,
    worklist,
)
from clinic_claims.services.deeds import Refused
from clinic_claims.services.worklist import UNASSIGNED, Count, Wanted

from .era import claim, remittance
from .test_undoing import MADE, answers

COLUMNS = [column for column in WorkItem.__table__.c if column.name != "id"]


def rows():
    """Every row of the list as stored, whatever its number."""
    return sorted(tuple(map(str, row)) for row in db.session.execute(select(*COLUMNS)))


def deny(submitted, deed, *carcs, dated=date(2026, 11, 10), amount="652.00"):
    with transaction():
        return denials.log(
            submitted, deed, group="CO", carcs=carcs, amount=Decimal(amount), denied_on=dated, notice_dated_on=dated
        )


def test_the_list_equals_what_the_records_say_after_every_deed(submitted, deed, later):
    seen = []
    denial = deny(submitted, deed, "50")
    with transaction():
        appeal = appeals.start(denial, deed)
    for step in ("withdraw",):
        with transaction():
            appeals.move(appeal, step, later(1))
    with transaction():
        denials.move(denial, "propose_write_off", later(2), write_off_reason="Small")
    seen.append(rows())
    workitems.rebuild()
    db.session.commit()
    assert rows() == seen[0]
    with transaction():
        denials.move(denial, "sign_write_off", later(3, "M. Ortiz"))
    assert db.session.scalars(select(WorkItem.next_action)).all() == ["Ask for the renewal"]


def test_a_rolled_back_deed_leaves_the_list_as_it_was(submitted, deed):
    before = rows()
    try:
        with transaction():
            claims.move(submitted, "note_rejected", deed)
            raise RuntimeError
    except RuntimeError:
        pass
    with transaction():
        pass
    assert rows() == before


def test_act_by_day_comes_first_then_the_larger_amount(submitted, deed):
    small = deny(submitted, deed, "50", amount="100.00")
    large = deny(submitted, deed, "96", amount="500.00")
    early = deny(submitted, deed, "97", dated=date(2026, 6, 1), amount="1.00")
    found = worklist.items(deed)
    assert [item.item for item in found] == [early.reference, large.reference, small.reference]
    assert [name for name, _ in worklist.groups(found, deed.today)] == ["This week", "Later"]


def test_of_one_day_what_an_hour_of_work_brings_comes_first(submitted, deed):
    large, quick = deny(submitted, deed, "50", amount="400.00"), deny(submitted, deed, "96", amount="240.00")
    with transaction():
        denials.move(quick, "correct", deed)
    found = worklist.items(deed)
    assert [item.item for item in found] == [quick.reference, large.reference]
    assert [item.minus_worth for item in found] == sorted(item.minus_worth for item in found)
    place = places.place_of(found[0])
    assert (place.minutes, place.dollars_an_hour) == (25, round(240 * place.chance.value * 60 / 25))


@pytest.mark.parametrize(
    "wanted", [{}, {"owner_id": 1}, {"payer": "Lone Prairie"}, {"kind": "claim"}, {"role": "biller"}]
)
def test_every_view_walks_along_an_index(clinic, deed, wanted):
    if db.engine.dialect.name != "sqlite":
        return  # a planner that knows how few rows there are reads them all
    place = (WorkItem.sort_on, WorkItem.minus_worth, WorkItem.id)
    query = worklist._query(deed.today, Wanted(**wanted)).order_by(*place).limit(61)
    told = str(query.compile(db.engine, compile_kwargs={"literal_binds": True}))
    plan = " ".join(row[-1] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {told}")))
    assert "ix_work_item" in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize(
    "wanted",
    [*({"urgency": name} for name in worklist.URGENCIES), {"to_sign": True}, {"at_payer": True}, {"owner_id": 1}],
)
def test_what_only_counts_reads_an_index_and_no_row(clinic, deed, wanted):
    if db.engine.dialect.name != "sqlite":
        return  # a planner that knows how few rows there are reads them all
    told = str(
        worklist._counting(deed.today, (Wanted(**wanted),)).compile(db.engine, compile_kwargs={"literal_binds": True})
    )
    plan = [row[-1] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {told}")) if "work_item" in row[-1]]
    assert plan
    assert all("COVERING INDEX" in step for step in plan), plan


def test_the_list_of_who_covers_is_one_list_in_order(submitted, deed, later):
    with transaction():
        people = [accounts.add_user(f"{name} Reyes", f"{name}@clinic.example", ["biller"], deed)[0] for name in "abc"]
    owned = [
        deny(submitted, deed, carc, amount=f"{place + 1}0.00") for place, carc in enumerate(("50", "55", "96", "97"))
    ]
    with transaction():
        for place, denial in enumerate(owned):
            owners.assign(denial, people[place % 2], deed)
    mine = Wanted(owner_id=people[0].id, covered=(people[1].id,))
    whole, pages, after = worklist.items(deed, wanted=mine), [], None
    while page := worklist.items(deed, wanted=mine, after=after, limit=3):
        pages += page
        after = worklist.cursor(page[-1])
    assert pages == whole == worklist.items(deed)
    assert worklist.count(deed, mine).items == 4
    assert worklist.items(deed, owner_id=people[2].id) == []


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("table", MADE)
def test_nothing_open_ever_lacks_a_next_action_an_owner_or_a_day(submitted, later, deed, table, seed):
    chance = random.Random(seed)
    with transaction():
        record = MADE[table](submitted, deed)
    for day in range(1, 12):
        open_now = steps.open_to(record, later(day))
        step = chance.choice(open_now) if open_now else None
        if step is None:
            break
        with suppress(Refused, StepRefused), transaction():
            moves.take(record, step.action, later(day), **answers(record, step, later(day)))
        for item in db.session.scalars(select(WorkItem)):
            told = (item.next_action, item.because, item.act_by, item.owner_id or item.role)
            assert all(told), item.item
    workitems.rebuild()
    before = rows()
    db.session.commit()
    assert rows() == before


def test_a_booked_visit_asks_for_its_eligibility_checks(clinic, approval, deed, later):
    with transaction():
        visit = visits.schedule(
            clinic.case, clinic.coverage, clinic.provider, clinic.office, later(9).today, deed, authorization=approval
        )
    wanted = Wanted(kind="visit")
    assert worklist.items(deed, wanted=wanted) == []
    week, day = later(3), later(9)
    (item,) = worklist.items(week, wanted=wanted)
    assert (item.next_action, item.act_by) == ("Check eligibility", later(8).today)
    with transaction():
        benefits.recheck(visit.coverage, week, active=True)
    assert worklist.items(week, wanted=wanted) == []
    (item,) = worklist.items(day, wanted=wanted)
    assert item.act_by == day.today
    with transaction():
        benefits.recheck(visit.coverage, day, active=True)
    assert worklist.items(day, wanted=wanted) == []


def test_a_renewal_is_asked_for_before_the_approval_ends_until_it_is(clinic, approval, deed, later):
    assert worklist.items(deed, wanted=Wanted(kind="authorization")) == []
    (clock,) = ladders.running(approval, "authorization_renewal")
    soon = later((clock.act_by - timedelta(days=14) - deed.today).days)
    (item,) = worklist.items(soon, wanted=Wanted(kind="authorization"))
    assert (item.next_action, item.act_by, item.due) == ("Ask for the renewal", clock.act_by, approval.valid_to)
    assert item.asks_for(approval.valid_to) == "Ask for the renewal"
    assert item.asks_for(approval.valid_to + timedelta(days=1)) == "Ask for a new approval"
    assert item.why(approval.valid_to + timedelta(days=1)).startswith("The approval ended Jan 6, 2027: ")
    with transaction():
        renewal = authorizations.renew(approval, soon, reason="The response is noted at the next visit")
        authorizations.move(renewal, "submit", soon, submitted_on=soon.today, submitted_by="portal", proof="C-1")
    assert [row.next_action for row in worklist.items(later(200), wanted=Wanted(kind="authorization"))] == [
        "Call the payer"
    ]


def test_what_only_waits_for_us_goes_out_within_a_week_however_long_the_payer_would_take_it(submitted, deed, later):
    plan = submitted.coverage.plan
    with transaction():
        plan.payer_class = "medicare_ffs"
        claims.move(submitted, "note_rejected", deed)
    (clock,) = ladders.running(submitted, "timely_filing")
    assert clock.legal > later(300).today
    (item,) = worklist.items(deed, wanted=Wanted(kind="claim"))
    assert (item.next_action, item.act_by, item.due) == ("Fix and resend the claim", later(7).today, clock.legal)
    assert item.because == ["House reminder: a claim goes out within a week", *clock.because]


def test_what_is_done_in_the_evening_counts_from_the_clinics_own_day(submitted, deed):
    evening = replace(deed, at=datetime(2026, 11, 24, 1, 30, tzinfo=UTC))  # in New York still Monday the 23rd
    denial = deny(submitted, deed, "50")
    with transaction():
        denials.move(denial, "propose_write_off", evening, write_off_reason="Small")
    (item,) = worklist.items(evening, wanted=Wanted(kind="denial"))
    assert item.act_by == date(2026, 11, 30)


def test_a_letter_to_sign_and_a_write_off_to_answer_wait_a_week_at_most(submitted, deed, later):
    denial = deny(submitted, deed, "50")
    with transaction():
        denials.move(denial, "propose_write_off", later(1), write_off_reason="Small")
    (item,) = worklist.items(later(1), wanted=Wanted(kind="denial"))
    assert item.act_by == date(2026, 11, 27)  # the last business day of that week
    assert item.because[0] == "House reminder: a write-off is signed or refused within a week"
    assert item.due > later(100).today
    with transaction():
        denials.move(denial, "refuse_write_off", later(2, "M. Ortiz"))
    (item,) = worklist.items(later(2), wanted=Wanted(kind="denial"))
    assert item.act_by > later(100).today


def test_a_task_stands_on_its_owners_list_until_it_is_done(clinic, approval, deed, later):
    with transaction():
        tasks = checklists.make_tasks(approval, None, later(5).today, deed)
    shown = worklist.items(deed, wanted=Wanted(kind="task"))
    assert {item.because[0] for item in shown} == {task.what for task in tasks}
    assert {(item.act_by, item.role) for item in shown} == {(later(5).today, "authorization_coordinator")}
    with transaction():
        for task in tasks:
            checklists.finish_task(task, deed)
    assert worklist.items(deed, wanted=Wanted(kind="task")) == []


def test_pages_follow_each_other_without_gap_or_repeat(submitted, deed):
    for number, carc in enumerate(("50", "55", "96", "150", "151", "153", "272")):
        deny(submitted, deed, carc, amount=f"{number % 3 + 1}.00")
    whole = [item.id for item in worklist.items(deed)]
    pages, after = [], None
    while page := worklist.items(deed, after=after, limit=3):
        pages += [item.id for item in page]
        after = worklist.cursor(page[-1])
    assert pages == whole
    assert len(whole) == 7


def test_what_lies_with_the_payer_shows_once_it_is_late(submitted, deed, later):
    assert worklist.items(deed) == []
    assert [item.kind for item in worklist.items(deed, wanted=Wanted(at_payer=True))] == ["claim"]
    assert worklist.next_due(deed) == date(2026, 11, 22)  # ERISA gives 30 days from Oct 22
    (item,) = worklist.items(later(10), wanted=Wanted(kind="claim"))
    assert item.next_action == "Ask the payer"


def test_filters_and_counts_agree(submitted, deed):
    deny(submitted, deed, "50")
    deny(submitted, deed, "96", dated=date(2026, 5, 1), amount="10.00")
    counted = worklist.counts(deed)
    assert counted["Late"] == Count(1, Decimal("10.00"))
    assert counted["Later"] == Count(1, Decimal("652.00"))
    assert len(worklist.items(deed, wanted=Wanted(urgency="Late"))) == 1
    assert len(worklist.items(deed, wanted=Wanted(owner_id=UNASSIGNED, kind="denial"))) == 2
    assert worklist.items(deed, wanted=Wanted(payer="Nobody")) == []


def test_a_payment_that_matches_nothing_is_work(clinic, deed):
    lines = [("64612:RT", "412", "0", "CO*197*412", "")]
    with transaction():
        intake.take_in("era.835", remittance([claim("NOT-OURS", "4", "412", "0", lines)]), deed)
    (item,) = worklist.items(deed)
    assert (item.kind, item.claim, item.amount, item.act_by) == ("unmatched", "NOT-OURS", 412, date(2026, 11, 25))
