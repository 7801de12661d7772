from datetime import date
from decimal import Decimal

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Denial
from clinic_claims.services import denials, intake
from clinic_claims.services.answering import answer, category_name, in_controversy

from .era import claim as era_claim
from .era import remittance

DENIED = [("64612:RT", "412", "0", "CO*197*412", "N54"), ("J0585:JZ", "240", "0", "CO*197*240", "N54")]


@pytest.fixture
def denial(submitted, deed):
    with transaction():
        intake.take_in("era.835", remittance([era_claim(submitted.number, "4", "652", "0", DENIED)]), deed)
    return db.session.query(Denial).one()


def test_codes_are_told_in_words_with_who_bears_the_money(denial, book):
    carc, rarc = answer(denial, book).codes
    assert (carc.code, carc.words) == ("CO-197", "Authorization or notification absent")
    assert "may not bill the patient" in carc.note
    assert rarc.code == "N54"


def test_an_unknown_code_is_said_to_be_unknown(denial, book):
    denial.carcs = ["9999"]
    assert answer(denial, book).codes[0].words == "not in the rulebook: read the notice"


def test_the_ways_are_those_of_the_payer_class(denial, book):
    found = {way.route.id: way.status for way in answer(denial, book).ways}
    assert found["member_appeal_erisa"] == "open"
    assert "redetermination" not in found


def test_the_level_of_a_way_gives_its_window(denial, book):
    found = answer(denial, book)
    way = next(way for way in found.ways if way.route.id == "member_appeal_erisa")
    assert "180 days" in found.levels[way.level].file_within


def test_every_source_is_heard_and_the_earliest_acted_on(denial, book, deed):
    with transaction():
        denials.note_notice(denial, deed, printed_deadline=date(2027, 3, 1))
    contest = answer(denial, book).contest
    assert [said.authority for said in contest.all] == ["notice", "law"]
    assert contest.act_on.act_by == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("200", "At least $200 must be in controversy in 2026"),
        ("199.99", "At least $200 must be in controversy in 2026, and only $199.99 is open"),
    ],
)
def test_a_hearing_needs_an_amount_in_controversy(denial, book, deed, amount, said):
    denial.amount = Decimal(amount)
    assert in_controversy(denial, book.clocks.levels["medicare_ffs/3"], deed) == said
    assert in_controversy(denial, book.clocks.levels["medicare_ffs/1"], deed) == ""


def test_a_category_has_a_name_even_when_nobody_could_classify_it(book):
    assert category_name("unclassified", book) == "Not classified"
    assert category_name("cosmetic", book) == "Cosmetic"
