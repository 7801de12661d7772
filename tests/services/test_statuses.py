"""277 and 277CA files move claims; 278 answers fill requests; a 999 is kept as what it is."""

from datetime import date

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Authorization, Denial, Event
from clinic_claims.services import authorizations, history, ladders
from clinic_claims.services.authorizations import Requested

ACK = "277ca/accepted_and_rejected.277"


def as_ours(data, **numbers):
    for theirs, ours in numbers.items():
        data = data.replace(theirs.replace("_", "-").encode(), ours.encode())
    return data


def told(record):
    return [event.sentence for event in history.of(record)]


def test_an_accepted_claim_is_accepted_and_keeps_the_payers_number(submitted, post, sample):
    answer = post(as_ours(sample(ACK), LN_1001="HL-26-1001"))
    assert (answer.status, answer.kind, answer.claims, answer.matched) == ("posted", "277CA", 2, 1)
    assert (submitted.state, submitted.payer_control_number) == ("accepted", "HH26076001")
    assert answer.unmatched == ["LN-1002"]


def test_a_rejected_claim_is_rejected_with_every_reason_and_is_no_denial(submitted, post, sample):
    answer = post(as_ours(sample(ACK), LN_1002="HL-26-1001"))
    assert (submitted.state, answer.denials, db.session.query(Denial).count()) == ("rejected", 0, 0)
    (said,) = [each for each in told(submitted) if each.startswith("Payer's status")]
    assert "rejected for invalid information (A7:562:82, A8:496:85), “RENDERING NPI NOT ON FILE”" in said
    assert ladders.running(submitted, "timely_filing")


@pytest.mark.parametrize(
    ("category", "state"),
    [("P1", "pending"), ("P2", "pending"), ("R4", "information_requested"), ("A1", "submitted"), ("F1", "submitted"),
     ("F2", "submitted"), ("A4", "submitted"), ("Z9", "submitted")],
)  # fmt: skip
def test_each_category_moves_the_claim_as_the_rulebook_says(submitted, post, sample, category, state):
    data = as_ours(sample(ACK), LN_1001="HL-26-1001").replace(b"STC*A2:20:PR", f"STC*{category}:20:PR".encode())
    assert post(data).status == "posted"
    assert submitted.state == state


def test_a_batch_rejected_whole_is_told(clinic, post, sample):
    answer = post(sample("277ca/batch_rejected.277"))
    assert answer.status == "posted"
    assert any(note.startswith("Batch ") and "rejected whole" in note for note in answer.notes)


@pytest.fixture
def asked(clinic, deed):
    """A request for two codes that waits for the payer's answer."""
    lines = [
        Requested(code="64612", units=2, diagnosis="G51.31", modifier="RT"),
        Requested(code="J0585", units=200, diagnosis="G51.31"),
    ]
    with transaction():
        made = authorizations.plan(clinic.case, clinic.coverage, clinic.provider, clinic.office, lines, deed)
        authorizations.move(made, "submit", deed, submitted_on=date(2026, 2, 1), submitted_by="electronic")
    return made


def answered(sample, name="278/approved.278", **more):
    data = sample(name).replace(b"MARLOWE*IRIS", b"CASTELLANO*RENATA").replace(b"HHP0001", b"LPX773204")
    return as_ours(data, **more)


def test_an_approval_fills_number_days_units_and_visits(asked, post, sample):
    answer = post(answered(sample))
    assert (answer.status, answer.claims, answer.matched, answer.notes) == ("posted", 1, 1, [])
    assert (asked.state, asked.number, asked.decided_on) == ("approved", "PA-5521", date(2026, 2, 5))
    assert (asked.valid_from, asked.valid_to) == (date(2026, 2, 10), date(2026, 8, 9))
    assert [(line.units_approved, line.visits_approved) for line in asked.lines] == [(2, 2), (200, 2)]
    assert not ladders.running(asked, "authorization_decision")
    assert any("DRUG BY BUY AND BILL ONLY" in sentence for sentence in told(asked))


def test_a_second_answer_to_what_was_decided_is_kept_and_told(asked, post, sample):
    post(answered(sample))
    again = post(answered(sample).replace(b"20260809", b"20261231"))
    said = f"{asked.reference} is approved already. The answer is in its history; enter a change by hand."
    assert (again.matched, again.notes) == (1, [f"CASE-17: {said}"])
    assert (asked.state, asked.valid_to) == ("approved", date(2026, 8, 9))


def test_a_reference_that_no_database_holds_finds_nothing(asked, post, sample):
    answer = post(answered(sample, CASE_17="AUTH-99999999999999999999").replace(b"LPX773204", b"SOMEONE"))
    assert (answer.status, answer.matched, asked.state) == ("posted", 0, "submitted")


def test_our_own_reference_in_the_trace_finds_the_request(asked, post, sample):
    data = answered(sample, CASE_17=asked.reference).replace(b"LPX773204", b"SOMEONE")
    assert post(data).matched == 1
    assert asked.state == "approved"


def test_an_answer_for_somebody_else_is_listed(asked, post, sample):
    answer = post(sample("278/approved.278"))
    assert (answer.unmatched, answer.notes) == (["CASE-17"], ["CASE-17: No request of ours waits for this patient."])
    assert asked.state == "submitted"


def test_a_part_approval_keeps_what_was_refused(asked, post, sample):
    data = sample("278/partly_approved_dependent.278").replace(b"ANDRADE*TOMAS", b"CASTELLANO*RENATA")
    post(data.replace(b"HHP0440", b"LPX773204"))
    assert (asked.state, asked.number) == ("partly_approved", "PA-6010")
    assert [line.units_approved for line in asked.lines] == [1, 0]
    assert "NOT MEDICALLY NECESSARY AT THIS DOSE" in asked.decision_reason


def test_not_certified_is_a_denial_with_its_appeal_clock(asked, post, sample):
    data = answered(sample).replace(b"HCR*A1*PA-5521", b"HCR*A3**0V").replace(b"HCR*A1*PA-5522", b"HCR*A3**0V")
    answer = post(data)
    (denial,) = db.session.query(Denial).all()
    assert (asked.state, answer.denials, denial.authorization_id) == ("denied", 1, asked.id)
    assert "Not certified; reason 0V" in denial.reason_quoted
    assert ladders.running(denial, "appeal")


@pytest.mark.parametrize(
    ("code", "state"), [("A4", "pended"), ("NA", "not_required"), ("CT", "submitted"), ("C", "cancelled")]
)
def test_each_other_outcome_moves_the_request_as_the_rulebook_says(asked, post, sample, code, state):
    post(answered(sample).replace(b"HCR*A1*PA-5521", b"HCR*" + code.encode()))
    assert asked.state == state


def test_an_approval_without_a_last_day_is_left_for_a_person(asked, post, sample):
    lines = answered(sample).split(b"\n")
    kept = [line for line in lines if not line.startswith((b"DTP*036", b"DTP*472"))]
    data = b"\n".join(kept).replace(b"SE*36", b"SE*33")
    answer = post(data)
    assert answer.notes == ["CASE-17: The answer names no last approved day: enter it from the letter."]
    assert db.session.query(Authorization).one().state == "submitted"


def test_a_999_tells_what_became_of_the_files_we_sent(clinic, post, sample):
    answer = post(sample("999/partly_accepted.999"))
    assert (answer.status, answer.claims, answer.matched) == ("posted", 3, 2)
    assert answer.notes[:2] == [
        "Transaction set 0001 (837) was taken in (A).",
        "Transaction set 0002 (837) was rejected (R).",
    ]
    assert (
        "Transaction set 0002 (837): segment NM1 number 22 (8: an element in it is wrong); "
        "element 9 (1: missing); element 8:1 (7: not a valid code)." in answer.notes
    )
    event = db.session.query(Event).filter_by(action="acknowledge_file").one()
    assert event.sentence == "File 18 that we sent was taken in (P)."
