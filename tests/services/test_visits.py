"""Booking: what would be denied is stopped beforehand, with the code it would have drawn."""

from datetime import date

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Provider
from clinic_claims.services import (
    authorizations,
    benefits,
    early_visits,
    history,
    ladders,
    ledger,
    patients,
    predenial,
    uncovered_visits,
    visits,
    worklist,
)
from clinic_claims.services.deeds import Refused

from .conftest import VISIT_DAY as DAY


def test_a_visit_reserves_whole_vials_and_gives_them_back_when_called_off(book_visit, approval, deed):
    visit = book_visit()
    (procedure, drug) = ledger.entries(approval)
    assert (drug.units.reserved, drug.units.left, procedure.units.reserved) == (100, 0, 1)
    with transaction():
        visits.cancel(visit, "Patient has a cold", deed)
    assert [entry.units.reserved for entry in ledger.entries(approval)] == [0, 0]
    assert history.of(visit)[0].sentence == "Visit called off: Patient has a cold"


def test_a_visit_inside_84_days_is_stopped(book_visit, injected):
    with pytest.raises(Refused, match=r"day 31 .*CARC 151 · N640"):
        book_visit()


def test_an_injection_noted_after_the_booking_puts_the_visit_on_today(book_visit, clinic, deed):
    visit = book_visit()
    wanted = worklist.Wanted(kind="visit")
    with transaction():
        patients.add_injection(clinic.case, deed, on=date(2026, 10, 20), product="J0585", units=25)
    (item,) = worklist.items(deed, wanted=wanted)
    assert (item.next_action, item.act_by, item.item) == (early_visits.NEXT, date(2026, 11, 19), visit.reference)
    assert item.because[:2] == ["The visit is on Nov 20, 2026", "the earliest payable day is Jan 12, 2027"]
    with transaction():
        predenial.override(visit, "interval", "Corneal ulcer from forced closure", deed)
    assert [row.next_action for row in worklist.items(deed, wanted=wanted)] == ["Check eligibility"]
    with transaction():
        patients.add_injection(clinic.case, deed, on=date(2026, 11, 3), product="J0585", units=25)
    assert [row.next_action for row in worklist.items(deed, wanted=wanted)] == [early_visits.NEXT]
    with transaction():
        visits.cancel(visit, "Too early", deed)
    assert worklist.items(deed, wanted=wanted) == []


def test_what_was_let_pass_is_known_by_its_day_not_by_its_words(book_visit, clinic, deed):
    visit = book_visit()
    with transaction():
        patients.add_injection(clinic.case, deed, on=date(2026, 10, 20), product="J0585", units=25)
        (passed,) = predenial.override(visit, "interval", "Corneal ulcer from forced closure", deed)
    assert passed.earliest == date(2027, 1, 12)
    with transaction():
        passed.says = "Le 12 janvier est trop tard"
    assert early_visits.too_early([visit]) == {}


def test_an_injection_for_another_case_of_the_patient_counts_as_well(book_visit, clinic, deed):
    visit = book_visit()
    with transaction():
        other = patients.open_case(
            clinic.patient, clinic.provider, deed, treatment="toxin", condition="cervical_dystonia", diagnosis="G24.3",
            side="none", product="J0585",
        )  # fmt: skip
        patients.add_injection(other, deed, on=date(2026, 10, 20), product="J0585", units=150)
    (item,) = worklist.items(deed, wanted=worklist.Wanted(kind="visit"))
    assert item.next_action == early_visits.NEXT
    with transaction():
        predenial.override(visit, "interval", "Corneal ulcer from forced closure", deed)
    assert early_visits.too_early([visit]) == {}


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


def test_a_revoked_approval_folds_and_grants_nothing(book_visit, clinic, approval, deed):
    visit = book_visit(date(2026, 12, 1))
    with transaction():
        lost = authorizations.revoke(approval, "Benefit exhausted", deed)
    assert lost == [visit]
    (page,) = ledger.of_case(clinic.case, deed)
    assert page.folded
    assert [finding.rule for finding in predenial.stopping(visit, deed)] == ["authorization"]


def test_an_approval_that_no_longer_covers_a_booked_visit_puts_it_on_today(book_visit, approval, deed, later):
    """The payer shortens its approval, then extends it; what hangs on it follows, and the history tells both."""
    visit, wanted = book_visit(date(2026, 12, 15)), worklist.Wanted(kind="visit")
    change = {"number": "PA-8841", "decided_on": date(2026, 11, 20), "valid_from": date(2026, 10, 6)}
    with transaction():
        authorizations.move(
            approval, "modify", deed, decision_reason="Shortened.", valid_to=date(2026, 12, 14), **change
        )
    (item,) = worklist.items(deed, wanted=wanted)
    assert (item.next_action, item.item) == (uncovered_visits.NEXT, visit.reference)
    assert item.because == ["The visit is on Dec 15, 2026", "approval PA-8841 ends on Dec 14, 2026"]
    (end,) = ladders.running(approval, "authorization_end")
    assert end.legal == date(2026, 12, 14)
    with transaction():
        authorizations.move(approval, "modify", deed, decision_reason="Extended.", valid_to=date(2027, 2, 1), **change)
    assert worklist.items(deed, wanted=wanted) == []
    (end,) = ladders.running(approval, "authorization_end")
    assert (end.legal, approval.state, ledger.entries(approval)[1].units.approved) == (
        date(2027, 2, 1),
        "modified",
        100,
    )
    with transaction():
        authorizations.revoke(approval, "Coverage was terminated.", later(1))
    (item,) = worklist.items(deed, wanted=wanted)
    assert item.because[1] == "approval PA-8841 is revoked"


def test_a_visit_outside_its_approval_that_was_let_pass_is_asked_no_more(book_visit, deed):
    book_visit(date(2027, 1, 8), reasons={"dates": "Extension confirmed by telephone, reference 88"})
    assert [row.next_action for row in worklist.items(deed, wanted=worklist.Wanted(kind="visit"))] == []


@pytest.mark.parametrize(
    ("diagnosis", "side", "proposed"),
    [
        ("G51.32", "left", ["64612 LT", "J0585 None"]),
        ("G24.5", "both", ["64612 50", "J0585 None"]),
        ("G24.3", "both", ["64616 50", "J0585 None"]),
        ("G43.709", "none", ["64615 None", "J0585 None"]),
        ("K11.7", "both", ["64611 None", "J0585 None"]),  # one code for both sides
        ("G50.0", "right", ["J0585 None"]),  # the rulebook knows no injection for it
        ("G51.8", "right", ["J0585 None"]),  # nor is one read in its source for this
    ],
)
def test_the_rulebook_says_what_is_injected_for_a_diagnosis(clinic, book, diagnosis, side, proposed):
    clinic.case.diagnosis, clinic.case.side = diagnosis, side
    found = visits.propose(clinic.case, book.codes)
    assert [f"{each.code} {each.modifier}" for each in found] == proposed
    db.session.rollback()
