"""Answer each need of the lifecycle tables from what is on file."""

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


def holds(subject: Subject, deed: Deed) -> dict[str, bool]:
    """Say for each need of this record's table whether it holds now."""
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


def _authorization(subject: Authorization, today: date) -> dict[str, bool]:
    return {
        "lines_on_file": bool(subject.lines),
        "number_on_file": bool(subject.number),
        "past_valid_to": subject.valid_to is not None and subject.valid_to < today,
        "clock_run_out": _ran_out(subject, "authorization_decision", today),
    }


def _claim(subject: Claim, deed: Deed) -> dict[str, bool]:
    required = subject.coverage.plan.wants_approval
    granted = is_granted(subject.authorization)
    waived = subject.authorization is not None and subject.authorization.state == AuthorizationState.NOT_REQUIRED
    return {
        "approval_required": required,
        "approval_on_file": granted,
        "approval_settled": granted or waived or not required,
        "service_date_on_file": subject.service_from is not None and subject.service_from <= deed.today,
        "lines_on_file": bool(subject.lines),
        "billed_on_file": bool(subject.lines) and all(line.charged > 0 for line in subject.lines),
        "paid_in_full": open_balance(subject) <= 0,
        "something_paid": subject.paid > 0,
        "nothing_paid": subject.paid <= 0,
        "check_clear": subject.state != ClaimState.READY_TO_BILL or not predenial.stopping(subject, deed),
        "no_open_denial": all(denial.state in SETTLED for denial in denials_of(subject)),
    }


def _denial(subject: Denial, deed: Deed) -> dict[str, bool]:
    claim = subject.claim
    return {
        "another_level": ladders.next_level(subject, deed.book) is not None,
        "patient_may_be_billed": subject.group == "PR" or (claim is not None and claim.self_pay_agreed),
        "second_person": subject.write_off_by is not None and deed.actor != subject.write_off_by,
        "not_fixable": subject.state != DenialState.OPEN or subject.remedy not in FIXABLE,
    }


def _appeal(subject: Appeal, today: date) -> dict[str, bool]:
    letter = subject.letters[-1] if subject.letters else None
    return {
        "letter_without_gaps": letter is not None,
        "letter_signed": letter is not None and letter.signed_at is not None,
        "proof_or_reason": bool(subject.proof or subject.no_proof_reason),
        "clock_run_out": _ran_out(subject, "appeal_decision", today),
    }


def _ran_out(subject: Authorization | Appeal, clock: str, today: date) -> bool:
    """The payer is late once the last day of its running clock has passed."""
    running = ladders.running(subject, clock)
    return any(deadline.legal is not None and deadline.legal < today for deadline in running)
