"""From booking to claim: what would be denied is stopped beforehand, with the code it would have drawn."""

from datetime import date
from decimal import Decimal

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.domain.lifecycle import StepRefused
from clinic_claims.models import Facility, Provider
from clinic_claims.services import (
    authorizations,
    benefits,
    claims,
    comparing,
    estimates,
    history,
    ledger,
    patients,
    predenial,
    sessions,
    steps,
    vials,
    visits,
)
from clinic_claims.services.deeds import Refused
from clinic_claims.services.sessions import Site

DAY = date(2026, 11, 20)
PRICES = {"64612": Decimal("412.00"), "J0585": Decimal("8.00")}


@pytest.fixture
def book_visit(clinic, approval, deed):
    """Book a visit of the clinic's toxin patient; what differs is given."""

    def run(on=DAY, *, who=deed, **more):
        place = more.pop("facility", clinic.office)
        provider = more.pop("provider", clinic.provider)
        with transaction():
            return visits.schedule(
                clinic.case, clinic.coverage, provider, place, on, who, **{"authorization": approval, **more}
            )

    return run


@pytest.fixture
def hospital(clinic):
    with transaction():
        made = Facility(name="Westmere General", npi="1467560003", place_of_service="22")
        db.session.add(made)
    return made


@pytest.fixture
def injected(clinic, deed):
    """A session 31 days before the visit."""
    with transaction():
        patients.add_injection(clinic.case, deed, on=date(2026, 10, 20), product="J0585", units=25)


def open_vial(clinic, deed, lot="C7001", size=100):
    return vials.open_vial("J0585", size, lot, date(2027, 6, 30), clinic.office, deed)


def face(*units):
    muscles = ("orbicularis oculi", "zygomaticus major", "risorius")
    return [Site(muscle=name, side="right", units=Decimal(unit)) for name, unit in zip(muscles, units, strict=False)]


def test_a_visit_reserves_whole_vials_and_gives_them_back_when_called_off(book_visit, approval, deed):
    visit = book_visit()
    (procedure, drug) = ledger.entries(approval)
    assert (drug.units.reserved, drug.units.left, procedure.units.reserved) == (100, 0, 1)
    with transaction():
        visits.cancel(visit, "Patient has a cold", deed)
    assert [entry.units.reserved for entry in ledger.entries(approval)] == [0, 0]
    assert history.of(visit)[0].sentence == "Visit called off: Patient has a cold"


# What must be stopped, and with which code: the pre-service checks.
def test_a_visit_inside_84_days_is_stopped(book_visit, injected):
    with pytest.raises(Refused, match=r"day 31 .*CARC 151 · N640"):
        book_visit()


def test_a_clinical_reason_lets_an_early_visit_through_and_stands_on_the_history(book_visit, injected):
    visit = book_visit(reasons={"interval": "Corneal ulcer from forced closure"})
    assert visit.early_reason == "Corneal ulcer from forced closure"
    assert "Corneal ulcer" in history.of(visit)[0].sentence


def test_units_beyond_the_approval_are_stopped(book_visit, clinic):
    book_visit()
    with pytest.raises(Refused, match=r"J0585 units with waste: approved 0, performed 100 \(CARC 198"):
        book_visit(date(2026, 12, 1))


def test_the_wrong_side_is_stopped(book_visit):
    with pytest.raises(Refused, match=r"Side: approved right, performed left \(CARC 284 · N54\)"):
        book_visit(side="left")


def test_the_wrong_facility_is_stopped(book_visit, hospital):
    with pytest.raises(Refused, match=r"Facility .*\(CARC 296") as refused:
        book_visit(facility=hospital)
    assert any("Place of service: approved 11, performed 22 (CARC 5" in reason for reason in refused.value.reasons)


def test_a_day_after_the_approval_is_stopped(book_visit):
    with pytest.raises(Refused, match=r"CARC 302"):
        book_visit(date(2027, 1, 7))


def test_another_clinician_is_stopped(book_visit, clinic):
    with transaction():
        other = Provider(name="Samuel K. Adeyemi, MD", credentials="", specialty="neurosurgeon", npi="1003004003")
        db.session.add(other)
    with pytest.raises(Refused, match=r"Rendering provider .*CARC 296"):
        book_visit(provider=other)


def test_no_approval_and_no_referral_are_stopped(book_visit, clinic, deed):
    with transaction():
        benefits.recheck(clinic.coverage, deed, active=True)
        made = benefits.check(
            clinic.coverage,
            deed,
            number_called="(800) 555-0100",
            spoke_with="Dana",
            reference="C-1",
            covered="Yes, under the medical benefit",
            to_get_covered="Prior authorization and a referral",
            referral_needed=True,
        )
    with pytest.raises(Refused) as refused:
        book_visit(authorization=None)
    assert {"CARC 197", "CARC 288"} <= {reason[reason.index("CARC") :][:8] for reason in refused.value.reasons}
    with transaction():
        made.referral_number = "R-77"
    book_visit()


def test_moving_a_visit_runs_the_checks_again(book_visit, hospital, deed):
    visit = book_visit()
    with pytest.raises(Refused, match="CARC 302"), transaction():
        visits.move(visit, deed, on=date(2027, 2, 1))
    db.session.refresh(visit)
    assert visit.on == DAY
    with pytest.raises(Refused, match="CARC 296"), transaction():
        visits.move(visit, deed, facility=hospital)
    with transaction():
        visits.move(visit, deed, on=date(2026, 12, 2))
    assert history.of(visit)[0].action == "move_visit"


def test_a_reason_for_one_day_does_not_move_with_the_visit(book_visit, injected, deed):
    visit = book_visit(reasons={"interval": "Corneal ulcer"})
    with pytest.raises(Refused, match="CARC 151"), transaction():
        visits.move(visit, deed, on=date(2026, 12, 1))


def test_an_override_holds_for_the_very_words_alone(book_visit, hospital, deed):
    reasons = {"facility": "Payer added the site by telephone, call 4471", "place": "As above"}
    visit = book_visit(facility=hospital, reasons=reasons)
    told = [row.reason for row in predenial.overrides(visit)]
    assert sorted(told) == sorted(reasons.values())
    assert [row.stops for row in predenial.check(visit, deed)].count(True) == 0
    hospital.npi = "1003004003"
    assert [finding.rule for finding in predenial.stopping(visit, deed)] == ["facility"]
    with pytest.raises(Refused, match="Give the reason"):
        predenial.override(visit, "facility", " ", deed)
    with pytest.raises(Refused, match="no such error"):
        predenial.override(visit, "units", "It is so", deed)


# The day of the visit.
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


# Before the claim goes out.
@pytest.fixture
def ready(clinic, approval, deed):
    """A claim of the wrong side, ready to be sent."""
    lines = [claims.Line(code="64612", diagnosis="G51.31", charged=Decimal(412), modifiers=["LT"])]
    with transaction():
        claim = claims.enter(
            "HL-77", clinic.case, clinic.coverage, clinic.provider, clinic.office, lines, deed, authorization=approval
        )
        claims.move(claim, "record_service", deed, service_from=DAY)
        claims.move(claim, "finish_coding", deed)
    return claim


def test_a_claim_with_an_error_is_not_sent_by_any_door(ready, deed):
    with (
        pytest.raises(Refused, match=r"64612: G51.31 says right, the modifiers say left.*\(CARC 4 or 11\)"),
        transaction(),
    ):
        claims.move(ready, "submit", deed, submitted_on=DAY)
    with pytest.raises(StepRefused, match="the check before billing finds no error"), transaction():
        steps.take(ready, "submit", deed, submitted_on=DAY)
    assert ready.state == "ready_to_bill"


def test_a_claim_goes_out_once_every_error_was_let_pass_with_a_reason(ready, deed):
    with transaction():
        for rule in {finding.rule for finding in predenial.stopping(ready, deed)}:
            predenial.override(ready, rule, "Payer confirmed the left side, call 8812", deed)
        claims.move(ready, "submit", deed, submitted_on=DAY)
    assert ready.state == "submitted"
    told = [event.sentence for event in history.of(ready) if event.action == "override_check"]
    assert told
    assert all("Payer confirmed the left side, call 8812" in sentence for sentence in told)


def test_the_three_columns_print_as_an_exhibit(ready, deed):
    with transaction():
        document = comparing.exhibit(ready, deed)
    assert (document.kind, document.media_type, document.claim_id) == ("comparison", "application/pdf", ready.id)


# The plan, the patient, the money.
def test_a_benefits_check_needs_every_answer(clinic, deed):
    with pytest.raises(Refused) as refused:
        benefits.check(clinic.coverage, deed, number_called="(800) 555-0100", covered="Yes")
    assert refused.value.reasons == [
        "Enter who answered.",
        "Enter the reference number of the call.",
        "Enter what is needed to get it covered.",
    ]


def test_eligibility_is_due_in_the_week_and_on_the_day(book_visit, clinic, deed, later):
    visit = book_visit(date(2026, 11, 25))
    assert [each.due for each in benefits.due(deed)] == [date(2026, 11, 24), date(2026, 11, 25)]
    with transaction():
        benefits.recheck(clinic.coverage, deed, active=True)
    assert [each.due for each in benefits.due_for(visit)] == [date(2026, 11, 25)]
    with transaction():
        benefits.recheck(clinic.coverage, later(5), active=False)
    assert benefits.due_for(visit) == []
    assert [each.finding.rule for each in predenial.check(visit, deed) if each.stops] == ["coverage_ended"]


def test_the_estimate_sets_the_plan_beside_cash_and_prints_one_page(book_visit, clinic, deed):
    with transaction():
        benefits.check(
            clinic.coverage,
            deed,
            number_called="(800) 555-0100",
            spoke_with="Dana",
            reference="C-1",
            covered="Yes",
            to_get_covered="Approval",
            deductible_left=Decimal("500.00"),
            coinsurance=Decimal(20),
            copay=Decimal("30.00"),
            out_of_pocket_left=Decimal("2000.00"),
        )
        made = estimates.make(
            clinic.case,
            clinic.coverage,
            [
                estimates.Priced(code="64612", units=1, allowed=Decimal("200.00"), cash=Decimal("150.00")),
                estimates.Priced(code="J0585", units=100, allowed=Decimal("700.00"), cash=Decimal("200.00")),
            ],
            deed,
            appeal_hours=Decimal(6),
            hourly_cost=Decimal("60.00"),
        )
        document = estimates.print_notice(made, deed)
    assert (made.patient_share, made.cash_price, made.appeal_cost) == (610, 350, 360)
    assert "$260.00 cheaper" in made.advice[0]
    assert "an appeal costs about $360.00 of work for a session of $350.00" in made.advice[1]
    assert (document.kind, document.pages) == ("estimate", 1)
    with pytest.raises(Refused, match="Original Medicare alone"):
        estimates.make(clinic.case, clinic.coverage, [], deed, notice_reason="injected under 12 weeks")


def test_original_medicare_gets_ga_with_a_signed_notice_and_gz_without(book_visit, clinic, approval, deed):
    with transaction():
        clinic.plan.payer_class = "medicare_ffs"
        visit = book_visit()
        made = estimates.make(
            clinic.case, clinic.coverage, [], deed, visit=visit, notice_reason="injected under 12 weeks"
        )
    assert estimates.modifier(visit) == "GZ"
    with transaction():
        estimates.sign(made, estimates.print_notice(made, deed), deed)
    assert estimates.modifier(visit) == "GA"


def test_the_calendar_shows_sessions_visits_and_both_clocks(book_visit, injected, clinic, deed):
    book_visit(reasons={"interval": "Corneal ulcer"})
    shown = [(entry.on.isoformat(), entry.kind) for entry in visits.calendar(clinic.case, deed)]
    assert shown == [
        ("2026-10-06", "approved_from"),
        ("2026-10-20", "injected"),
        ("2026-11-20", "scheduled"),
        ("2027-01-06", "approved_to"),
        ("2027-01-12", "earliest"),
    ]
    (page,) = ledger.of_case(clinic.case, deed)
    assert page.timeline.window is None
    assert any("falls after the approval ends" in trouble for trouble in page.troubles)


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


def test_a_revoked_approval_folds_and_grants_nothing(book_visit, clinic, approval, deed):
    visit = book_visit(date(2026, 12, 1))
    with transaction():
        lost = authorizations.revoke(approval, "Benefit exhausted", deed)
    assert lost == [visit]
    (page,) = ledger.of_case(clinic.case, deed)
    assert page.folded
    assert [finding.rule for finding in predenial.stopping(visit, deed)] == ["authorization"]


@pytest.mark.parametrize(
    ("diagnosis", "side", "proposed"),
    [
        ("G51.32", "left", ["64612 LT", "J0585 None"]),
        ("G24.5", "both", ["64612 50", "J0585 None"]),
        ("G24.3", "both", ["64616 50", "J0585 None"]),
        ("G43.709", "none", ["64615 None", "J0585 None"]),
        ("K11.7", "both", ["64611 None", "J0585 None"]),  # one code for both sides
        ("G50.0", "right", ["J0585 None"]),  # the rulebook knows no injection for it
    ],
)
def test_the_rulebook_says_what_is_injected_for_a_diagnosis(clinic, book, diagnosis, side, proposed):
    clinic.case.diagnosis, clinic.case.side = diagnosis, side
    found = visits.propose(clinic.case, book.codes)
    assert [f"{each.code} {each.modifier}" for each in found] == proposed
    db.session.rollback()
