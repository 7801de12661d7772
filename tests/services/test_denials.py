from datetime import date
from decimal import Decimal

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.domain.lifecycle import StepRefused
from clinic_claims.models import Denial, Letter
from clinic_claims.services import appeals, authorizations, claims, denials, documents, ladders, steps, worklist
from clinic_claims.services.authorizations import Requested
from clinic_claims.services.deeds import Refused


@pytest.fixture
def deny(submitted, deed):
    """Deny the claim for these codes, as of a notice of Nov 10."""

    def run(*carcs, group="CO", rarcs=(), **notice):
        with transaction():
            return denials.log(
                submitted, deed, group=group, carcs=carcs, rarcs=rarcs, amount=Decimal("652.00"),
                denied_on=date(2026, 11, 10), notice_dated_on=date(2026, 11, 10), **notice,
            )  # fmt: skip

    return run


def actions(denial, deed):
    return {step.action for step in steps.open_to(denial, deed)}


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"notice_received_on": date(2026, 11, 9)}, "cannot be received before the date printed on it"),
        ({"notice_received_on": date(2026, 11, 24)}, "The day of receipt lies in the future"),
        ({"printed_deadline": date(2026, 1, 10)}, "cannot lie before the date of the notice"),
    ],
)
def test_a_denial_is_not_logged_with_days_that_no_notice_has(deny, told, why):
    with pytest.raises(Refused, match=why):
        deny("50", **told)
    assert db.session.query(Denial).count() == 0


def test_a_denial_of_a_day_to_come_is_not_logged(submitted, deed):
    told = {"group": "CO", "carcs": ["50"], "amount": Decimal("652.00"), "denied_on": date(2027, 11, 10)}
    with pytest.raises(Refused, match="The day of the decision lies in the future"), transaction():
        denials.log(submitted, deed, **told)


def test_a_write_off_takes_two_people(deny, deed, later):
    denial = deny("50")
    with transaction():
        denials.move(denial, "propose_write_off", deed, write_off_reason="Below the cost of an appeal")
    with pytest.raises(StepRefused, match="somebody other than the proposer"), transaction():
        denials.move(denial, "sign_write_off", deed)
    with transaction():
        denials.move(denial, "sign_write_off", later(1, "M. Ortiz"))
    assert (denial.state, denial.write_off_by, denial.signed_off_by) == ("written_off", "D. Park", "M. Ortiz")
    assert denial.settled_on == date(2026, 11, 21)
    assert ladders.running(denial) == []


def test_a_refused_write_off_goes_back_to_open(deny, deed, later):
    denial = deny("50")
    with transaction():
        denials.move(denial, "propose_write_off", deed, write_off_reason="Small")
        denials.move(denial, "refuse_write_off", later(1, "M. Ortiz"), reason="Appeal it.")
    assert (denial.state, denial.write_off_by) == ("open", None)


@pytest.mark.parametrize("carc", ["4", "197", "280", "9999"])
def test_what_can_be_fixed_or_nobody_understood_is_not_offered_as_a_write_off(deny, deed, carc):
    assert "propose_write_off" not in actions(deny(carc), deed)


@pytest.mark.parametrize(
    ("group", "agreed", "offered"), [("CO", False, False), ("CO", True, True), ("PR", False, True)]
)
def test_the_patient_is_billed_only_with_cause(deny, deed, submitted, group, agreed, offered):
    denial = deny("96", group=group, rarcs=("N383",))
    if agreed:
        claims.agree_self_pay(submitted, deed, document="Agreement of Oct 1, 2026")
    assert ("bill_patient" in actions(denial, deed)) is offered


def test_an_unclassified_denial_still_runs_its_clock(deny):
    denial = deny("9999")
    assert (denial.category, denial.remedy) == ("unclassified", None)
    assert ladders.running(denial, "appeal")[0].legal == date(2027, 5, 9)


def test_proved_receipt_moves_the_legal_end_and_not_the_day_to_act(deny, later):
    denial = deny("50")
    with transaction():
        denials.note_notice(denial, later(0), notice_received_on=date(2026, 11, 16), received_how="mail")
    (clock,) = ladders.running(denial, "appeal")
    assert (clock.legal, clock.act_by) == (date(2027, 5, 15), date(2027, 5, 7))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"notice_received_on": date(2026, 11, 1)}, "cannot be received before"),
        ({"notice_received_on": date(2026, 12, 24)}, "lies in the future"),
        ({"notice_dated_on": date(2027, 11, 10)}, "lies in the future: check the year"),
        ({"notice_sent_on": date(2026, 11, 9)}, "cannot be sent before"),
        ({"notice_sent_on": date(2026, 11, 15), "notice_received_on": date(2026, 11, 14)}, "before it was sent"),
        ({"printed_deadline": date(2026, 5, 10)}, "cannot lie before the date of the notice"),
    ],
)
def test_dates_of_a_notice_out_of_order_are_refused(deny, deed, fields, said):
    denial = deny("50")
    with pytest.raises(Refused, match=said), transaction():
        denials.note_notice(denial, deed, **fields)
    assert denial.notice_received_on is None


def test_upheld_starts_the_next_levels_clock_from_the_decision(deny, deed, later):
    denial = deny("50")
    with transaction():
        appeal = appeals.start(denial, deed)
    file_it(appeal, later)
    with transaction():
        appeals.move(appeal, "decide_upheld", later(20), decided_on=date(2026, 12, 8), decision_words="Not necessary.")
    assert denial.state == "upheld"
    assert [clock.started_at.date() for clock in ladders.running(denial, "appeal")] == [date(2026, 12, 10)] * 2
    with transaction():
        second = appeals.start(denial, later(21))
    assert (second.previous, second.level) == (appeal, "2")


def file_it(appeal, later):
    with transaction():
        document = documents.add(b"%PDF-1.7 letter", "letter", "Letter", later(1), about=appeal.denial)
        letter = Letter(
            appeal=appeal, document=document, kind="appeal", version=1, sha256=document.sha256, facts={}, rulebook="",
            made_at=later(1).at, made_by="D. Park", signed_at=later(1).at, signed_by="E", signed_sha256=document.sha256,
        )  # fmt: skip
        db.session.add(letter)
        appeals.move(appeal, "send_for_review", later(1))
        appeals.move(appeal, "sign", later(1))
        appeals.move(appeal, "file", later(1), filed_on=date(2026, 11, 21), filed_by="fax", proof="Report 1")


def test_the_payers_silence_becomes_work_once_its_clock_has_run_out(deny, deed, later):
    denial = deny("50")
    with transaction():
        appeal = appeals.start(denial, deed)
    file_it(appeal, later)
    wanted = worklist.Wanted(kind="appeal")
    assert worklist.items(later(30), wanted=wanted) == []
    (item,) = worklist.items(later(70), wanted=wanted)
    assert (item.item, item.next_action) == (appeal.reference, "Chase the decision")
    with pytest.raises(StepRefused, match="time to decide has run out"), transaction():
        appeals.move(appeal, "note_overdue", later(30))
    with transaction():
        appeals.move(appeal, "note_overdue", later(70))
    assert appeal.state == "overdue"


def test_a_withdrawn_appeal_is_taken_up_again_on_the_same_level(deny, deed, later):
    denial = deny("50")
    with transaction():
        first = appeals.start(denial, deed)
        appeals.move(first, "withdraw", deed)
    assert denial.state == "open"
    with transaction():
        again = appeals.start(denial, later(1))
    assert (again.id, again.level, denial.state) == (first.id, "1", "appealing")


def test_a_denied_request_opens_a_denial_of_the_authorization(clinic, deed):
    lines = [Requested(code="J0585", units=100, diagnosis="G51.31")]
    with transaction():
        asked = authorizations.plan(clinic.case, clinic.coverage, clinic.provider, clinic.office, lines, deed)
        authorizations.move(asked, "submit", deed, submitted_on=date(2026, 11, 2), submitted_by="fax")
        denial = authorizations.move(
            asked, "deny", deed, decided_on=date(2026, 11, 9), decision_reason="Not medically necessary."
        )
    assert (asked.state, denial.authorization, denial.reason_quoted) == ("denied", asked, "Not medically necessary.")
    assert ladders.running(denial, "appeal")
    assert db.session.query(Denial).count() == 1


def test_an_approval_without_its_number_is_refused(clinic, deed):
    lines = [Requested(code="J0585", units=100, diagnosis="G51.31")]
    with transaction():
        asked = authorizations.plan(clinic.case, clinic.coverage, clinic.provider, clinic.office, lines, deed)
        authorizations.move(asked, "submit", deed, submitted_on=date(2026, 11, 2), submitted_by="fax")
    with pytest.raises(Refused, match="Authorization number or UTN is missing"), transaction():
        authorizations.move(asked, "approve", deed, decided_on=date(2026, 11, 9))
    assert asked.state == "submitted"
