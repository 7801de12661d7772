"""One claim's whole walk, read from top to bottom: approval, service, claim, remittance, denial, clock, letter,
signature, filing with proof, decision, money, report."""

import io
from datetime import date
from decimal import Decimal

import pypdf
import pytest

from clinic_claims.db import db, transaction
from clinic_claims.domain.lifecycle import StepRefused
from clinic_claims.models import Deadline, Denial
from clinic_claims.services import (
    appeals,
    denials,
    documents,
    history,
    intake,
    ladders,
    letters,
    patients,
    reports,
    worklist,
)
from clinic_claims.services.deeds import Refused

from .services.era import claim as era_claim
from .services.era import remittance

DENIED = [("64612:RT", "412", "0", "CO*197*412", "N54"), ("J0585:JZ", "240", "0", "CO*197*240", "N54")]
PAID = [("64612:RT", "412", "412", "", ""), ("J0585:JZ", "240", "240", "", "")]


def put_the_chart_on_file(clinic, deed):
    """What the clinic knows of this patient, each fact with the page it stands on."""
    case = clinic.case
    case.onset, case.plan_of_care = "summer 2020", "I plan to continue 25 units every 12 weeks or longer."
    case.stop_rule, case.without_treatment = None, "Without treatment the right eye closes by force through the day."
    notes = documents.add(
        b"Clinic notes.", "clinic_notes", "Clinic notes of October 20, 2026", deed, about=case, pages=4
    )
    for kind, name, words, page in (
        ("examination", "Examination", "irregular clonic contractions around the right eye and cheek", 1),
        ("severity", "Jankovic Rating Scale", "Jankovic Rating Scale 6 of 8 before the session", 1),
        ("function", "Function", "The right eye is held shut for 20 seconds several times an hour.", 2),
    ):
        patients.add_finding(
            case, deed, kind=kind, name=name, words=words, on=date(2026, 10, 20), document_id=notes.id, page=page
        )
    patients.add_injection(
        case, deed, on=date(2026, 7, 20), product="J0585", units=25, response="Relief for 11 weeks",
        benefit_weeks=Decimal(11), document_id=notes.id,
    )  # fmt: skip


def put_the_enclosures_on_file(claim, deed):
    for kind, title in (
        ("denial_notice", "Remittance advice of November 18, 2026"),
        ("approval_letter", "Approval letter of October 6, 2026"),
        ("eligibility_proof", "Eligibility response of October 20, 2026"),
        ("claim_copy", "Claim as billed on October 22, 2026"),
        ("procedure_note", "Injection record of October 20, 2026"),
    ):
        documents.add(f"{title}.".encode(), kind, title, deed, about=claim, pages=1)


def test_walk(clinic, submitted, deed, later):
    claim = submitted
    with transaction():
        put_the_chart_on_file(clinic, deed)

    # The payer approved, then denies: the remittance says CO-197 although number PA-8841 was on the claim.
    with transaction():
        answer = intake.take_in("era.835", remittance([era_claim(claim.number, "4", "652", "0", DENIED)]), deed)
    assert (answer.status, answer.matched, answer.denials) == ("posted", 1, 1)
    denial = db.session.query(Denial).one()
    assert (claim.state, denial.category, denial.approved_before) == ("denied", "prior_auth_mismatch", True)

    # The clock: 180 days from receipt; with no proof of receipt, from the date of the remittance.
    (clock,) = ladders.running(denial, "appeal")
    assert (clock.legal, clock.act_by, clock.confidence) == (date(2027, 5, 17), date(2027, 5, 17), "verified")
    (item,) = worklist.items(deed)
    assert (item.item, item.act_by, item.amount) == (denial.reference, date(2027, 5, 17), Decimal("652.00"))

    # The appeal: refused while something is missing, each gap with what to do.
    with transaction():
        appeal = appeals.start(denial, later(1))
    with pytest.raises(Refused) as refused:
        letters.finish(appeal, later(1))
    assert any("Denial reason in the payer's words" in reason for reason in refused.value.reasons)
    with transaction():
        denials.note_notice(
            denial, later(1), received_how="remittance", notice_received_on=date(2026, 11, 20),
            reason_quoted="Precertification/authorization absent.",
        )  # fmt: skip
        put_the_enclosures_on_file(claim, later(1))
    (clock,) = ladders.running(denial, "appeal")
    assert (clock.legal, clock.act_by) == (date(2027, 5, 19), date(2027, 5, 17))

    # The letter: finished, read, signed by the physician, the signature bound to the very bytes.
    with transaction():
        letter = letters.finish(appeal, later(2))
        appeals.move(appeal, "send_for_review", later(2))
    with pytest.raises(StepRefused, match="the physician signed the letter"), transaction():
        appeals.move(appeal, "sign", later(2))
    with transaction():
        letters.sign(letter, later(3, "Elena R. Park, MD"))
        appeals.move(appeal, "sign", later(3, "Elena R. Park, MD"))
    pages = pypdf.PdfReader(io.BytesIO(documents.read(letter.document)))
    words = " ".join(" ".join(page.extract_text() for page in pages.pages).split())
    for said in ("Renata Castellano", "LPX 773 204", "LP-1", "Precertification/authorization absent.", "PA-8841"):
        assert said in words.replace("\xa0", " ")

    # Filed: not without proof or a reason; then the payer's clock runs.
    with pytest.raises(StepRefused, match="a proof of delivery is on file"), transaction():
        appeals.move(appeal, "file", later(4), filed_on=date(2026, 11, 24), filed_by="fax")
    with transaction():
        appeals.move(appeal, "file", later(4), filed_on=date(2026, 11, 24), filed_by="fax", proof="Fax report 4471")
    assert ladders.running(denial, "appeal") == []
    (clock,) = ladders.running(appeal, "appeal_decision")
    assert (clock.who, clock.legal) == ("payer", date(2027, 1, 23))  # 60 days for a post-service claim
    assert [item.next_action for item in worklist.items(later(5))] == ["Ask for the renewal"]

    # The money comes: claim, denial and appeal are settled by the remittance itself.
    with transaction():
        paid = remittance([era_claim(claim.number, "1", "652", "652", PAID)], trace="EFT-2", day="20270105")
        intake.take_in("paid.835", paid, later(46))
    assert (claim.state, denial.state, appeal.state) == ("paid", "overturned", "overturned")
    assert db.session.query(Deadline).filter_by(denial_id=denial.id, stopped_at=None).count() == 0
    total = reports.denied(reports.Filters(), later(46)).total
    assert (total.denials, total.denied, total.recovered, total.open) == (1, 652, 652, 0)
    assert [event.action for event in reversed(history.of(appeal))] == [
        "start_appeal", "send_for_review", "sign", "file", "decide_overturned",
    ]  # fmt: skip
