"""Answer each need of the lifecycle tables from what is on file."""

from collections.abc import Callable, Collection
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from ..db import db
from ..domain.lifecycle import AuthorizationState, ClaimState, DenialState
from ..models import Appeal, Authorization, Claim, Denial
from . import ladders, predenial
from .deeds import Deed
from .grants import is_granted

Subject = Authorization | Claim | Denial | Appeal
SETTLED = (DenialState.OVERTURNED, DenialState.PATIENT_BALANCE, DenialState.WRITTEN_OFF)
FIXABLE = ("correct_resubmit", "either", "records", "reroute", None)  # None: nobody could classify it


def holds(subject: Subject, deed: Deed, needs: Collection[str] | None = None) -> dict[str, bool]:
    """Say for each need of this record's table whether it holds now; only for some `needs` where they are named."""
    answers = _answers(subject, deed)
    return {need: bool(answer()) for need, answer in answers.items() if needs is None or need in needs}


def _answers(subject: Subject, deed: Deed) -> dict[str, Callable[[], bool]]:
    """Give for each need what finds it out: some ask the database, and few are asked for."""
    match subject:
        case Authorization():
            return _authorization(subject, deed.today)
        case Claim():
            return _claim(subject, deed)
        case Denial():
            return _denial(subject, deed)
        case Appeal():
            return _appeal(subject, deed.today)


def open_balance(claim: Claim) -> Decimal:
    """Dollars that neither payment, contract write-down nor patient share accounts for."""
    return claim.charged - claim.paid - claim.adjusted - claim.patient_owes


def denials_of(claim: Claim) -> list[Denial]:
    """Return every denial on the claim, oldest first."""
    return list(db.session.scalars(select(Denial).where(Denial.claim_id == claim.id).order_by(Denial.id)))


def _authorization(subject: Authorization, today: date) -> dict[str, Callable[[], bool]]:
    return {
        "lines_on_file": lambda: bool(subject.lines),
        "number_on_file": lambda: bool(subject.number),
        "past_valid_to": lambda: subject.valid_to is not None and subject.valid_to < today,
        "clock_run_out": lambda: _ran_out(subject, "authorization_decision", today),
    }


def _claim(subject: Claim, deed: Deed) -> dict[str, Callable[[], bool]]:
    approval = subject.authorization
    waived = approval is not None and approval.state == AuthorizationState.NOT_REQUIRED
    return {
        "approval_required": lambda: subject.coverage.plan.wants_approval,
        "approval_on_file": lambda: is_granted(approval),
        "approval_settled": lambda: waived or is_granted(approval) or not subject.coverage.plan.wants_approval,
        "service_date_on_file": lambda: subject.service_from is not None and subject.service_from <= deed.today,
        "lines_on_file": lambda: bool(subject.lines),
        "billed_on_file": lambda: bool(subject.lines) and all(line.charged > 0 for line in subject.lines),
        "paid_in_full": lambda: open_balance(subject) <= 0,
        "something_paid": lambda: subject.paid > 0,
        "nothing_paid": lambda: subject.paid <= 0,
        "check_clear": lambda: subject.state != ClaimState.READY_TO_BILL or not predenial.stopping(subject, deed),
        "no_open_denial": lambda: all(denial.state in SETTLED for denial in denials_of(subject)),
    }


def _denial(subject: Denial, deed: Deed) -> dict[str, Callable[[], bool]]:
    claim = subject.claim
    return {
        "another_level": lambda: ladders.next_level(subject, deed.book) is not None,
        "patient_may_be_billed": lambda: subject.group == "PR" or (claim is not None and claim.self_pay_agreed),
        "second_person": lambda: subject.write_off_by is not None and deed.actor != subject.write_off_by,
        "not_fixable": lambda: subject.state != DenialState.OPEN or subject.remedy not in FIXABLE,
    }


def _appeal(subject: Appeal, today: date) -> dict[str, Callable[[], bool]]:
    letter = subject.letters[-1] if subject.letters else None
    return {
        "letter_without_gaps": lambda: letter is not None,
        "letter_signed": lambda: letter is not None and letter.signed_at is not None,
        "proof_or_reason": lambda: bool(subject.proof or subject.no_proof_reason),
        "clock_run_out": lambda: _ran_out(subject, "appeal_decision", today),
    }


def _ran_out(subject: Authorization | Appeal, clock: str, today: date) -> bool:
    """The payer is late once the last day of its running clock has passed."""
    running = ladders.running(subject, clock)
    return any(deadline.legal is not None and deadline.legal < today for deadline in running)
