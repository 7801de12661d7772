"""Each story of the demo stands where it is meant to: claims, denials, appeals, letters and papers."""

import re
from collections import Counter
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from clinic_claims.db import db
from clinic_claims.models import Appeal, Claim, Denial, Document, Event, Letter, Patient, Plan, Remittance, Vial, Visit
from clinic_claims.services import documents, facts, ladders, letters, vials

from .demo_clinic import rows, text_of


@pytest.fixture(scope="module")
def deed(wednesday):
    return wednesday


def of_claim(number):
    return db.session.query(Denial).join(Claim).filter(Claim.number == number).one()


def patient(last_name):
    return db.session.query(Patient).filter_by(last_name=last_name).one()


def test_every_claim_stands_where_its_story_leaves_it(loaded):
    states = {claim.number: claim.state.value for claim in rows(Claim)}
    assert states == {
        "HL-104063": "denied",
        "HL-104066": "denied",
        "HL-104071": "denied",
        "HL-104077": "denied",
        "HL-104082": "closed",
        "HL-104092": "closed",
        "HL-104094": "denied",
        "HL-104098": "denied",
        "HL-104104": "denied",
        "HL-104109": "closed",
        "HL-104117": "denied",
        "HL-104119": "partly_paid",
        "HL-104121": "information_requested",
        "HL-104124": "closed",
        "HL-104128": "paid",
        "HL-104131": "denied",
        "HL-104143": "accepted",
        "HL-104149": "rejected",
        "HL-104158": "awaiting_approval",
        "HL-104160": "ready_to_bill",
        "HL-104162": "submitted",
        "HL-104164": "service_given",
        "HL-104165": "awaiting_approval",
    }


def test_every_denial_is_read_and_stands_where_its_story_leaves_it(loaded):
    found = {
        denial.claim.number if denial.claim else "pre-approval": (denial.codes, denial.category, denial.state.value)
        for denial in rows(Denial)
    }
    assert found == {
        "HL-104063": ("CO-55", "experimental", "upheld"),
        "HL-104066": ("CO-50 · N688", "pre_approved_then_denied", "open"),
        "HL-104071": ("CO-50", "medical_necessity", "appealing"),
        "HL-104077": ("CO-50 · N115", "medical_necessity", "appealing"),
        "HL-104092": ("PR-96 · N130", "noncovered_benefit", "patient_balance"),
        "HL-104094": ("CO-50 · N115", "medical_necessity", "appealing"),
        "HL-104098": ("CO-50", "pre_approved_then_denied", "appealing"),
        "HL-104104": ("CO-151 · N362", "frequency", "open"),
        "HL-104117": ("CO-197 · N54", "prior_auth_mismatch", "appealing"),
        "HL-104119": ("CO-97 · M15", "bundling", "write_off_proposed"),
        "HL-104131": ("PR-96 · N383", "cosmetic", "appealing"),
        "pre-approval": ("39", "prior_auth_denied", "overturned"),
    }


def test_appeals_stand_at_every_stage(loaded):
    assert Counter(appeal.state.value for appeal in rows(Appeal)) == {
        "drafting": 1,
        "in_review": 1,
        "ready": 2,
        "filed": 1,
        "overdue": 1,
        "overturned": 1,
        "upheld": 1,
    }


def test_the_approved_service_was_billed_exactly_as_approved(loaded, deed):
    denial = of_claim("HL-104117")
    assert denial.approved_before
    assert facts.of_denial(denial, deed).billed_as_approved


def test_the_refused_operation_was_won_back_done_and_paid(loaded):
    (appeal,) = [appeal for appeal in rows(Appeal) if appeal.denial.authorization]
    request = appeal.denial.authorization
    claim = db.session.query(Claim).filter_by(authorization_id=request.id).one()
    assert (request.state, appeal.state, claim.number) == ("approved", "overturned", "HL-104109")
    assert appeal.decided_on <= request.decided_on <= claim.service_from
    assert (claim.paid, claim.adjusted, claim.patient_owes) == (5796, 3410, 644)


def test_the_payment_taken_back_is_gone_and_kept_from_the_next_one(loaded):
    first, second = (db.session.query(Claim).filter_by(number=n).one() for n in ("HL-104066", "HL-104128"))
    assert (first.paid, first.adjusted, first.patient_owes, second.paid) == (0, 0, 0, 696)
    kept = db.session.query(Remittance).filter_by(trace="STR4425107").one()
    assert kept.amount == Decimal(0)  # the 696 of the second session, kept for the first


def test_the_small_dose_is_the_patients_by_a_paper_of_before(loaded):
    claim = of_claim("HL-104092").claim
    paper = db.session.query(Document).filter_by(kind="agreement").one()
    assert claim.self_pay_agreed
    assert (paper.claim_id, paper.dated_on) == (claim.id, claim.service_from)


def test_the_utn_counts_its_day_of_decision_as_the_first_of_120(loaded):
    claim = db.session.query(Claim).filter_by(number="HL-104124").one()
    approval = claim.authorization
    assert (approval.valid_from, (approval.valid_to - approval.decided_on).days) == (approval.decided_on, 119)
    assert (claim.facility.place_of_service, len(approval.number)) == ("22", 14)


def test_the_second_operation_must_be_appealed_this_week(loaded, deed):
    (clock,) = ladders.running(of_claim("HL-104098"), "appeal")
    assert 0 <= (clock.act_by - deed.today).days <= 7


def test_payers_of_six_classes_and_every_kind_of_condition_take_part(loaded):
    assert {plan.payer_class for plan in rows(Plan)} == {
        "commercial_fully_insured",
        "erisa_self_funded",
        "fehb",
        "medicaid_managed_care",
        "medicare_advantage_enrollee",
        "medicare_ffs",
    }
    assert {claim.case.condition for claim in rows(Claim)} == {
        "hemifacial_spasm",
        "blepharospasm",
        "cervical_dystonia",
        "chronic_migraine",
        "trigeminal_neuralgia",
    }


@pytest.mark.parametrize(
    ("mistake", "carc"),
    [
        ("is day 77 after the injection", "CARC 151"),
        ("approved 100, performed 200", "CARC 198"),
        ("Side: approved left, performed right", "CARC 284"),
        ("Facility (NPI): approved", "CARC 296"),
    ],
)
def test_each_mistake_in_booking_was_stopped_with_the_denial_it_would_have_been(loaded, mistake, carc):
    told = [event.sentence for event in rows(Event) if event.action == "stop_visit"]
    assert len(told) == 4
    (stopped,) = [sentence for sentence in told if mistake in sentence]
    assert carc in stopped


def test_the_vial_log_of_two_patients_closes_at_zero(loaded):
    (vial,) = rows(Vial)
    assert {use.visit.case.patient.last_name for use in vial.uses} == {"Ferrante", "Holm"}
    assert sum(use.injected + use.wasted for use in vial.uses) == vial.size
    assert [balance.left for balance in vials.log(vial.opened_on, vial.facility)] == [0]
    drug = [service for visit in rows(Visit) for service in visit.services if service.code == "J0585"]
    assert [(row.units_used, row.units_wasted) for row in drug[:2]] == [(25, 0), (30, 45)]


def test_the_finished_letter_says_what_a_payer_needs(loaded):
    letter = db.session.query(Letter).join(Appeal).join(Denial).join(Claim).filter(Claim.number == "HL-104117").one()
    said = text_of(letter.document)
    for needed in (
        "Renata Castellano",
        "LPX773204118",
        "LP26236-771904",
        "HL-104117",
        "Precertification, authorization or notification is absent for the services billed.",
        "reached us by electronic remittance on October 7, 2026",
        "The time to file ends on April 5, 2027",
        "PA-8841207",
        "Enclosures",
        "Exhibit A Remittance advice of October 5, 2026",
    ):
        assert needed in said
    cited = {int(number) for number in re.findall(r"\[(\d)\]", said)}
    assert cited >= {1, 2}
    assert all(f"{number}. " in said.split("References")[1] for number in cited)
    assert not re.search(r"\[[A-Za-z ]+\]|\{|\}|_{3,}|TODO|None|DRAFT", said)
    assert (letter.signed_by, letter.signed_sha256) == ("Elena R. Park, MD", letter.sha256)


def test_only_the_letter_whose_chart_has_gaps_could_not_be_finished(loaded, deed):
    unfinished = [appeal for appeal in rows(Appeal) if not appeal.letters]
    assert [appeal.denial.claim.number for appeal in unfinished] == ["HL-104077"]
    assert letters.compose(unfinished[0], deed).gaps


def test_a_letter_encloses_no_papers_of_the_other_claims_of_its_case(loaded, deed):
    enclosed = [document.title for document in facts.of_denial(of_claim("HL-104117"), deed).documents]
    assert "Approval letter of July 30, 2026" in enclosed
    assert "Approval letter of October 16, 2026" not in enclosed


def test_papers_have_the_pages_they_claim_and_say_what_the_chart_quotes(loaded):
    papers = [document for document in rows(Document) if document.pages]
    assert len(papers) > 60
    for paper in papers:
        assert len(PdfReader(BytesIO(documents.read(paper))).pages) == paper.pages
    notes = db.session.query(Document).filter_by(kind="clinic_notes", patient_id=patient("Okafor").id).one()
    assert "taken off the road on March 16, 2026" in text_of(notes)
