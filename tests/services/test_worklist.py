from datetime import date
from decimal import Decimal

from sqlalchemy import select

from clinic_claims.db import db, transaction
from clinic_claims.models import WorkItem
from clinic_claims.services import appeals, claims, denials, intake, workitems, worklist
from clinic_claims.services.worklist import UNASSIGNED, Count, Wanted

from .era import claim, remittance

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
    assert rows() == []


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
    assert worklist.waiting_at_payer(deed) == 1
    assert worklist.next_due(deed) == date(2026, 11, 22)  # ERISA gives 30 days from Oct 22
    (item,) = worklist.items(later(10))
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
