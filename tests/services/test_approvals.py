"""Renewals, silence, calls, checklists and operations: each deed with what it refuses."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Facility
from clinic_claims.services import (
    authorizations,
    checklists,
    clocks,
    documents,
    history,
    ledger,
    patients,
    peer_calls,
    sessions,
    surgery,
    visits,
)
from clinic_claims.services.authorizations import Granted, Requested
from clinic_claims.services.deeds import Refused

DUE = date(2026, 11, 30)


@pytest.fixture
def request_sent(clinic, deed):
    """A second request, sent on Nov 2 and not answered."""
    lines = [
        Requested(code="64612", units=1, diagnosis="G51.31", modifier="RT"),
        Requested(code="J0585", units=400, diagnosis="G51.31"),
    ]
    with transaction():
        made = authorizations.plan(clinic.case, clinic.coverage, clinic.provider, clinic.office, lines, deed)
        authorizations.move(made, "submit", deed, submitted_on=date(2026, 11, 2), submitted_by="portal")
    return made


def approve_in_part(request, deed, granted):
    authorizations.grant(request, granted, deed)
    authorizations.move(
        request, "approve_in_part", deed, number="PA-9", decided_on=date(2026, 11, 10),
        valid_from=date(2026, 11, 10), valid_to=date(2027, 11, 9), decision_reason="Two sessions at first",
    )  # fmt: skip


def test_a_part_approval_is_reckoned_by_what_was_granted(request_sent, deed):
    with transaction():
        approve_in_part(
            request_sent, deed, {"64612": Granted(units=2, visits=2), "J0585": Granted(units=200, visits=2)}
        )
    procedure, drug = ledger.entries(request_sent)
    assert (drug.units.requested, drug.units.approved, drug.units.left, drug.cycles_left) == (400, 200, 200, 2)
    assert procedure.visits is not None
    assert procedure.visits.left == 2
    with pytest.raises(Refused, match="J0586 was not asked for"):
        authorizations.grant(request_sent, {"J0586": Granted(units=60)}, deed)


def test_one_code_on_two_lines_is_never_granted_twice(clinic, deed):
    lines = [Requested(code="64612", units=1, diagnosis="G51.31", modifier=side) for side in ("RT", "LT")]
    with transaction():
        made = authorizations.plan(clinic.case, clinic.coverage, clinic.provider, clinic.office, lines, deed)
        authorizations.move(made, "submit", deed, submitted_on=date(2026, 11, 2), submitted_by="portal")
        approve_in_part(made, deed, {"64612": Granted(units=3)})
    assert [line.units_approved for line in made.lines] == [1, 2]
    assert sum(entry.units.approved for entry in ledger.entries(made)) == 3


def test_several_approvals_hold_at_once_and_the_one_that_ends_first_is_used_first(approval, request_sent, clinic, deed):
    with transaction():
        approve_in_part(request_sent, deed, {"64612": Granted(units=2), "J0585": Granted(units=200)})
    assert authorizations.live(clinic.case, date(2026, 11, 20)) == [approval, request_sent]
    assert authorizations.live(clinic.case, date(2027, 1, 7)) == [request_sent]
    assert [page.authorization for page in ledger.of_case(clinic.case, deed)] == [request_sent, approval]


def test_drug_and_procedure_may_stand_on_two_approvals(clinic, deed, approval):
    with transaction():
        made = [
            authorizations.plan(clinic.case, clinic.coverage, clinic.provider, clinic.office, [line], deed)
            for line in (
                Requested(code="64612", units=1, diagnosis="G51.31", modifier="RT"),
                Requested(code="J0585", units=100, diagnosis="G51.31"),
            )
        ]
        for place, request in enumerate(made):
            authorizations.move(request, "submit", deed, submitted_on=date(2026, 11, 2), submitted_by="fax")
            authorizations.move(
                request, "approve", deed, number=f"PA-{place}", decided_on=date(2026, 11, 10),
                valid_from=date(2026, 11, 10), valid_to=date(2027, 2, 9),
            )  # fmt: skip
    procedure, drug = made
    parties = (clinic.case, clinic.coverage, clinic.provider, clinic.office, date(2026, 12, 1), deed)
    with pytest.raises(Refused, match=r"Drug and procedure: approved procedure.*CARC 197 · N356"):
        visits.schedule(*parties, authorization=procedure)
    db.session.rollback()
    with transaction():
        visits.schedule(*parties, authorization=procedure, drug_authorization=drug)
    assert [entry.units.reserved for request in made for entry in ledger.entries(request)] == [1, 100]


def test_a_renewal_asks_for_the_response_first(approval, clinic, deed):
    with pytest.raises(Refused, match="No earlier session is on record"):
        authorizations.renew(approval, deed)
    with transaction():
        session = patients.add_injection(clinic.case, deed, on=date(2026, 8, 1), product="J0585", units=25)
    lacking = "session of August 1, 2026: scale before, scale after, weeks of benefit"
    with pytest.raises(Refused, match=lacking):
        authorizations.renew(approval, deed)
    with transaction():
        sessions.respond(session, deed, scale_before=Decimal(6), scale_after=Decimal(1), benefit_weeks=Decimal(11))
        request = authorizations.renew(approval, deed)
    assert (request.renews, request.state) == (approval, "planned")
    assert [(line.code, line.units_requested) for line in request.lines] == [("64612", 1), ("J0585", 100)]


def test_a_renewal_without_response_keeps_its_reason(approval, clinic, deed):
    with transaction():
        request = authorizations.renew(approval, deed, reason="First session was elsewhere; records asked for")
    assert "records asked for" in history.of(request)[0].sentence


def test_retroactive_requests_need_a_reason_and_a_payer_that_knows_them(clinic, deed):
    with transaction():
        request = authorizations.plan(clinic.case, clinic.coverage, clinic.provider, clinic.office, [], deed)
    with pytest.raises(Refused, match="reason for the delay"):
        authorizations.ask_retroactively(request, " ", deed)
    authorizations.ask_retroactively(request, "Emergency on a Sunday", deed)
    assert request.retroactive_reason == "Emergency on a Sunday"
    clinic.plan.payer_class = "medicare_ffs"
    with pytest.raises(Refused, match="Original Medicare gives no retroactive authorization"):
        authorizations.ask_retroactively(request, "Emergency", deed)


def test_silence_past_the_clock_names_the_next_lawful_step(request_sent, deed):
    told = authorizations.silence(request_sent, deed)
    assert {(late.due, late.days_late) for late in told} == {(date(2026, 11, 17), 3)}
    assert all("deemed exhausted" in late.consequence and "2560.503-1" in late.citation for late in told)
    request_sent.submitted_on = date(2026, 11, 19)
    clocks.start(request_sent, "authorization_decision", deed)
    assert authorizations.silence(request_sent, deed) == []


def test_a_call_has_a_slot_a_brief_and_an_outcome_that_moves_the_denial(request_sent, clinic, deed, later):
    with transaction():
        denial = authorizations.move(
            request_sent, "deny", deed, decided_on=date(2026, 11, 16), decision_reason="Not medically necessary"
        )
    assert denial is not None
    slot = datetime(2026, 11, 25, 0, 30, tzinfo=UTC)  # in the evening before, at the clinic
    with pytest.raises(Refused, match="lies in the past"):
        peer_calls.arrange(denial, deed.at - timedelta(hours=1), clinic.provider, deed)
    with transaction():
        call = peer_calls.arrange(denial, slot, clinic.provider, deed, payer_physician="Dr. Stone")
        brief = peer_calls.brief(call, deed)
    assert denial.state == "peer_to_peer"
    assert documents.read(brief).startswith(b"%PDF-")
    assert brief.title == "Brief for the call of Nov 24, 2026"
    assert "Nov 24, 2026, 7:30 PM" in history.of(call)[0].sentence
    assert peer_calls.of(denial) == [call]
    with pytest.raises(Refused, match="what the payer's physician said"):
        peer_calls.finish(call, "overturned", "", later(4))
    with transaction():
        peer_calls.finish(call, "overturned", "Approves 400 units, reference 7781", later(4))
    assert (denial.state, call.held_on) == ("overturned", date(2026, 11, 24))
    with pytest.raises(Refused, match="on record already"):
        peer_calls.finish(call, "upheld", "No", later(5))


def test_the_checklist_asks_the_policy_of_the_day_of_service(request_sent, clinic, deed):
    clinic.plan.policy_id = "lcd_l39909"
    policy = checklists.policy_of(request_sent, deed)
    assert policy is not None
    assert policy.id == "lcd_l39909"
    request_sent.valid_from = date(2026, 1, 15)
    policy = checklists.policy_of(request_sent, deed)
    assert policy is not None
    assert policy.id == "lcd_l34635"


def test_what_is_missing_becomes_tasks_that_an_answer_closes(request_sent, clinic, deed):
    lines = {line.item: line for line in checklists.lines(request_sent, deed)}
    assert lines["evidence:severity"].missing
    with transaction():
        made = checklists.make_tasks(request_sent, None, DUE, deed)
        assert checklists.make_tasks(request_sent, None, DUE, deed) == []
        note = documents.add(b"%PDF-1.7 note", "clinic_notes", "Note", deed, about=clinic.case)
    assert {task.item for task in made} == {line.item for line in checklists.missing(request_sent, deed)}
    for told, reason, said in (
        ("waived", None, "reason for waiving"),
        ("met", None, "document and page"),
        ("so", "", "so"),
    ):
        with pytest.raises(Refused, match=said):
            checklists.answer(request_sent, "evidence:severity", told, deed, reason=reason)
    with transaction():
        checklists.answer(request_sent, "evidence:severity", "met", deed, document_id=note.id, page=2)
        checklists.answer(request_sent, "evidence:function", "waived", deed, reason="Child of four")
    open_items = {task.item for task in checklists.open_tasks(clinic.case)}
    assert {task.item for task in made} - open_items == {"evidence:severity", "evidence:function"}
    with transaction():
        checklists.answer(request_sent, "evidence:severity", "not_met", deed)
    assert "evidence:severity" in {line.item for line in checklists.missing(request_sent, deed)}
    told = [event.sentence for event in history.of(request_sent) if event.action == "answer_criterion"]
    assert len(told) == 3


def test_a_task_has_a_day_ahead_and_is_done_once(clinic, deed):
    with pytest.raises(Refused, match="has passed already"):
        checklists.add_task(clinic.case, "Call the payer", date(2026, 11, 19), deed)
    with transaction():
        task = checklists.add_task(clinic.case, "Call the payer", DUE, deed)
        checklists.finish_task(task, deed)
    assert checklists.open_tasks(clinic.case) == []
    with pytest.raises(Refused, match="Park has done this already"):
        checklists.finish_task(task, deed)


@pytest.fixture
def operation(clinic, deed):
    with transaction():
        hospital = Facility(name="Westmere General", npi="1467560003", place_of_service="21")
        db.session.add(hospital)
        case = patients.open_case(
            clinic.patient, clinic.provider, deed, treatment="mvd", condition="hemifacial_spasm", diagnosis="G51.31",
            side="right",
        )  # fmt: skip
        planned = surgery.plan(case, hospital, "61458", deed, on=date(2026, 11, 18))
        surgery.add_part(planned, "surgeon", "Samuel K. Adeyemi, MD", deed, npi="1003004003", in_network=True)
    return planned


def test_each_part_of_an_operation_stands_on_its_own_approval(operation, clinic, deed):
    with transaction():
        theatre = surgery.add_part(operation, "facility", "Westmere General", deed, ours=False, in_network=True)
        sleep = surgery.add_part(operation, "anesthesia", "Bay Anesthesia", deed, ours=False, in_network=False)
        surgery.add_part(operation, "inpatient", "Westmere General", deed, ours=False, in_network=True)
        surgery.note_outside_approval(theatre, "H-1", deed)
        surgery.note_outside_approval(sleep, "A-1", deed)
    assert surgery.missing(operation) == [
        "Surgeon (Samuel K. Adeyemi, MD) has no approval.",
        "Bay Anesthesia is out of network: ask for an exception, and tell the patient.",
        "Inpatient (Westmere General) has no approval.",
        "The inpatient days asked for are not entered.",
        "Accreditation of Westmere General is not on file.",
        "Nobody confirmed that Westmere General is in the network.",
        "MRI and MRA report is not on file.",
        "No medicine trial is on file: dose, dates and result of each.",
    ]


def test_a_surgeon_does_not_bill_the_monitoring(operation, deed):
    with pytest.raises(Refused, match="cannot bill the monitoring"):
        surgery.add_part(operation, "monitoring", "Samuel K. Adeyemi, MD", deed, npi="1003004003")
    with pytest.raises(Refused, match="takes no part"):
        surgery.add_part(operation, "priest", "N. N.", deed)


def test_a_code_changed_in_theatre_asks_for_the_approvals_to_be_changed(operation, clinic, approval, deed):
    (surgeon,) = operation.parts
    with transaction():
        surgery.approve_part(surgeon, approval, deed)
        told = surgery.record_performed(operation, "61460", date(2026, 11, 18), deed)
    assert told == [
        "Ask the payer to change PA-8841 (surgeon) from 61458 to 61460 before the claim goes out: it would be denied "
        "with CARC 284."
    ]
    assert [task.what for task in checklists.open_tasks(operation.case)] == told


def test_an_operation_as_planned_asks_for_nothing(operation, deed):
    with transaction():
        assert surgery.record_performed(operation, "61458", date(2026, 11, 18), deed) == []
    assert checklists.open_tasks(operation.case) == []
    with pytest.raises(Refused, match="in the future"):
        surgery.record_performed(operation, "61458", date(2026, 11, 21), deed)
