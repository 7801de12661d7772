"""The day of the visit: vials, injections, waste, and the claim that follows from them."""

from datetime import date
from decimal import Decimal

import pytest

from clinic_claims.db import transaction
from clinic_claims.services import (
    authorizations,
    benefits,
    claims,
    comparing,
    ledger,
    patients,
    predenial,
    sessions,
    vials,
    visits,
)
from clinic_claims.services.deeds import Refused
from clinic_claims.services.sessions import Site

from .conftest import VISIT_DAY as DAY

PRICES = {"64612": Decimal("412.00"), "J0585": Decimal("8.00")}


def open_vial(clinic, deed, lot="C7001", size=100):
    return vials.open_vial("J0585", size, lot, date(2027, 6, 30), clinic.office, deed)


def face(*units):
    muscles = ("orbicularis oculi", "zygomaticus major", "risorius")
    return [Site(muscle=name, side="right", units=Decimal(unit)) for name, unit in zip(muscles, units, strict=False)]


def treat(clinic, visit, deed, sites, opened):
    with transaction():
        return sessions.perform(
            visit,
            sites,
            opened,
            deed,
            scale="Jankovic Rating Scale",
            scale_before=Decimal(6),
            dilution="100 units in 2 mL",
        )


def test_from_booking_to_a_claim_that_is_all_green(book_visit, clinic, approval, deed):
    with transaction():
        benefits.recheck(clinic.coverage, deed, active=True)
    visit = book_visit()
    with transaction():
        vial = open_vial(clinic, deed)
    injection = treat(clinic, visit, deed, face("12.5", "7.5", "5"), [vial])
    assert (injection.units, injection.lot, len(injection.sites)) == (25, "C7001", 3)
    with pytest.raises(Refused, match="75 units are neither injected nor recorded"):
        sessions.lines(visit, deed)
    with transaction():
        vials.close_day(DAY, clinic.office, "Single-dose vial, no further patient", deed)
        claim = sessions.bill(visit, "HL-9001", PRICES, deed)
    assert [(line.code, line.modifiers, line.units, line.charged) for line in claim.lines] == [
        ("64612", ["RT"], 1, Decimal("412.00")),
        ("J0585", [], 25, Decimal("200.00")),
        ("J0585", ["JW"], 75, Decimal("600.00")),
    ]
    assert [match.says for match in comparing.of_claim(claim, deed) if not match.same] == []
    assert predenial.check(claim, deed) == []
    with transaction():
        claims.move(claim, "submit", deed, submitted_on=DAY)
    drug = ledger.entries(approval)[1].units
    assert (drug.used, drug.wasted, drug.reserved, drug.left) == (25, 75, 0, 0)


def test_two_patients_share_vials_and_the_day_balances_to_zero(book_visit, clinic, deed):
    with transaction():
        clinic.plan.wants_approval = False
        second = patients.enter(deed, mrn="HL-2", last_name="Okafor", first_name="Theo", born_on=date(1968, 4, 19))
        coverage = patients.add_coverage(second, clinic.plan, "LPX 9", deed)
        case = patients.open_case(
            second, clinic.provider, deed, treatment="toxin", condition="hemifacial_spasm", diagnosis="G51.31",
            side="right", product="J0585", planned_units=90,
        )  # fmt: skip
        other = visits.schedule(case, coverage, clinic.provider, clinic.office, DAY, deed)
        one, two = open_vial(clinic, deed, "C1"), open_vial(clinic, deed, "C2")
    first = book_visit()
    treat(clinic, first, deed, face("12.5", "12"), [one])
    treat(clinic, other, deed, face("60", "30"), [one, two])
    with transaction():
        closed = vials.close_day(DAY, clinic.office, "No further patient", deed)
    assert [(each.left, each.injected + each.wasted) for each in closed] == [(0, 100), (0, 100)]
    assert [(line.code, line.modifiers, line.units) for line in sessions.lines(first, deed)] == [
        ("64612", ["RT"], 1),
        ("J0585", ["JZ"], 25),
    ]
    mine, theirs = ({row.code: row for row in visit.services}["J0585"] for visit in (first, other))
    assert mine.units_used + theirs.units_used + mine.units_wasted + theirs.units_wasted == 200
    assert (mine.units_wasted, theirs.units_wasted) == (0, 85)


def test_a_vial_of_yesterday_an_expired_lot_or_another_size_is_refused(book_visit, clinic, deed, later):
    visit = book_visit(date(2026, 11, 23))
    with transaction():
        old = open_vial(clinic, deed)
    with pytest.raises(Refused, match="opened on another day"):
        sessions.perform(visit, face("25"), [old], later(3))
    with pytest.raises(Refused, match="expired on Nov 19"):
        vials.open_vial("J0585", 100, "C9", date(2026, 11, 19), clinic.office, deed)
    with pytest.raises(Refused, match="vials of 100, 200"):
        vials.open_vial("J0585", 50, "C9", date(2027, 1, 1), clinic.office, deed)


def test_the_other_side_cannot_be_recorded_on_a_visit(book_visit, clinic, deed):
    visit = book_visit()
    with transaction():
        vial = open_vial(clinic, deed)
    wrong = [Site(muscle="orbicularis oculi", side="left", units=Decimal(25))]
    with pytest.raises(Refused, match="The visit is for the right side"):
        sessions.perform(visit, wrong, [vial], deed)


def test_a_pharmacys_drug_is_neither_proposed_nor_billed_unseen(book_visit, clinic, approval, deed):
    visit = book_visit(drug_source="specialty_pharmacy")
    with transaction():
        vial = vials.open_vial("J0585", 100, "P5", date(2027, 1, 1), clinic.office, deed, kept_for=clinic.patient)
    treat(clinic, visit, deed, face("25"), [vial])
    with transaction():
        vials.close_day(DAY, clinic.office, "Sent for this patient alone", deed)
    assert [line.code for line in sessions.lines(visit, deed)] == ["64612"]
    lines = [
        claims.Line(code="64612", diagnosis="G51.31", charged=Decimal(412), modifiers=["RT"]),
        claims.Line(code="J0585", diagnosis="G51.31", units=100, charged=Decimal(800), modifiers=["JZ"]),
    ]
    with transaction():
        claim = claims.enter(
            "HL-9", clinic.case, clinic.coverage, clinic.provider, clinic.office, lines, deed, authorization=approval
        )
        visit.claim = claim
        claims.move(claim, "record_service", deed, service_from=DAY)
        claims.move(claim, "finish_coding", deed)
    with pytest.raises(Refused, match=r"Who supplied the drug.*CARC 280"), transaction():
        claims.move(claim, "submit", deed, submitted_on=DAY)


def test_a_response_is_kept_for_the_continuation_request(clinic, deed):
    with transaction():
        one = patients.add_injection(clinic.case, deed, on=date(2026, 5, 1), product="J0585", units=25)
        sessions.respond(
            one,
            deed,
            scale="JRS",
            scale_before=Decimal(6),
            scale_after=Decimal(1),
            benefit_weeks=Decimal(11),
            onset_days=4,
        )
    (session,) = authorizations.responses_of(clinic.case)
    assert (session.before, session.after, session.helped) == (6, 1, True)
    with pytest.raises(Refused, match="has no mood"):
        sessions.respond(one, deed, mood="better")
