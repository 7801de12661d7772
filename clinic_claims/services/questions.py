"""What each clock of a record asks the rulebook: for which case, counted from which days."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from ..db import db
from ..domain.deadlines import Case, Notice
from ..domain.denial_reading import Reading
from ..domain.x12_codes import LATER_PAYER
from ..models import (
    Appeal,
    Authorization,
    Claim,
    ClaimPayment,
    Coverage,
    Deadline,
    Denial,
    Plan,
    Remittance,
    TreatmentCase,
)
from . import ladders, strokes
from .deeds import Deed
from .sorting import read
from .turnarounds import turnaround

Subject = Claim | Authorization | Denial | Appeal | TreatmentCase
SKIPPED = "without_second_level"  # part of the clock that runs beside a level the plan may not have
REVERSED = "22"  # CLP02 of a payment taken back
SETTINGS = {"11": "office", "19": "hospital_outpatient", "22": "hospital_outpatient", "24": "asc"}
TAKEBACK = (
    "recoupment_rebuttal",
    "recoupment_stop",
    "recoupment_interest",
    "recoupment_start",
    "takeback_lookback",
    "takeback_notice",
)


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question to the rulebook. `part` tells apart several of one clock; `optional` ones may stay unanswered."""

    clock: str
    case: Case
    dates: Mapping[str, date]
    part: str = ""
    printed: date | None = None
    turnaround_days: int | None = None
    optional: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values; `reading.from_json` reads it back."""
        return vars(self) | {
            "case": dict(vars(self.case)),
            "dates": {name: day.isoformat() for name, day in self.dates.items()},
            "printed": self.printed.isoformat() if self.printed else None,
        }

    @property
    def told(self) -> tuple[object, ...]:
        """Return what the answer hangs on, to be compared with other questions."""
        return self.clock, self.case, *sorted(self.dates.items()), self.printed, self.turnaround_days


def plan_of(subject: Subject) -> Plan | None:
    """Return the plan whose law and contract govern the record's clocks."""
    match subject:
        case Claim() | Authorization():
            return subject.coverage.plan
        case Denial():
            coverage = denying(subject)
            return coverage.plan if coverage else None
        case Appeal():
            return plan_of(subject.denial)
        case TreatmentCase():
            return None


def under_plan(asked: Question, deadline: Deadline, plan: Plan | None, deed: Deed) -> Question:
    """Return the question of a clock as the plan stands today: another class of plan has another law and ladder."""
    if plan is None or all(getattr(asked.case, name) == value for name, value in _of_plan(plan).items()):
        return asked
    if isinstance(deadline.subject, Denial):
        anew = ASKED[deadline.clock](deadline.subject, deed)
        return next((each for each in anew if each.part == deadline.part), asked)
    return replace(asked, case=replace(asked.case, **_of_plan(plan)))


def _of_plan(plan: Plan) -> dict[str, Any]:
    """Return what of a case the plan decides."""
    return {
        "payer_class": plan.payer_class,
        "state": plan.state,
        "payer": plan.payer.name,
        "network": "in" if plan.in_network else "out",
        "internal_levels": plan.internal_levels,
    }


def denying(denial: Denial) -> Coverage | None:
    """Return the coverage whose payer refused: the claim's own, or a later payer's; None where that is not on file."""
    own = denial.subject.coverage
    if denial.claim_payment_id is None or strokes.current() is not None:  # a stroke takes first answers alone
        return own
    payment = db.session.get_one(ClaimPayment, denial.claim_payment_id)
    if payment.status not in LATER_PAYER or payment.remittance.payer_id == own.plan.payer_id:
        return own
    query = select(Coverage).join(Plan, Plan.id == Coverage.plan_id).order_by(Coverage.rank, Coverage.id)
    query = query.where(Coverage.patient_id == own.patient_id, Plan.payer_id == payment.remittance.payer_id)
    return db.session.scalar(query.limit(1))


def notice_of(denial: Denial) -> Notice:
    """Return what is known of the notice that the appeal answers: the last decision, else the denial."""
    last = ladders.last_decision(denial)
    if last is not None:
        return Notice(dated=last.decided_on, received=last.decision_received_on, printed=last.decision_deadline)
    return Notice(
        dated=denial.notice_dated_on,
        sent=denial.notice_sent_on,
        received=denial.notice_received_on,
        printed=denial.printed_deadline,
    )


def _case(coverage: Coverage, **more: Any) -> Case:
    return Case(**_of_plan(coverage.plan), **more)


def _phase(denial: Denial) -> str:
    return "pre_service" if denial.claim_id is None else "post_service"


def _about(denial: Denial, **more: Any) -> Case:
    urgent = denial.authorization is not None and denial.authorization.urgent
    told: dict[str, Any] = {"phase": _phase(denial), "urgency": "expedited" if urgent else "standard", **more}
    coverage = denying(denial)
    return _case(coverage, **told) if coverage else Case(**told)


def _dates(denial: Denial) -> dict[str, date]:
    """Days a clock on a denial may count from: the notice's, and the last day of service."""
    given = denial.claim and (denial.claim.service_to or denial.claim.service_from)
    return notice_of(denial).dates() | ({"service": given} if given else {})


def _reading(denial: Denial, deed: Deed) -> Reading:
    told = deed.book.denial_codes, denial.group or "", denial.carcs, denial.rarcs
    return read(*told, approved_before=denial.approved_before)


def _is_way(route: str, denial: Denial, deed: Deed) -> bool:
    """Say whether a route of the rulebook is worth taking for what was denied and by whom."""
    found = deed.book.clocks.find_class(ladders.payer_class(denial))
    return found is not None and deed.book.denial_routes[route].suits(_reading(denial, deed), found.id)


def _appeal(subject: Denial, deed: Deed) -> Iterator[Question]:
    printed = notice_of(subject).printed
    if ladders.no_member_route(subject, deed.book):
        yield Question(clock="provider_dispute", case=_about(subject), dates=_dates(subject), printed=printed)
        return
    level = ladders.level_to_file(subject, deed.book)
    case = _about(subject, level=level.level if level else "")
    yield Question(clock="appeal", case=case, dates=_dates(subject), printed=printed)
    if beside := ladders.level_beside(subject, level, deed.book):
        after = _about(subject, level=beside.level)
        yield Question(clock="appeal", case=after, dates=_dates(subject), part=SKIPPED)


def _provider_dispute(subject: Denial, deed: Deed) -> Iterator[Question]:
    beside = ladders.under_contract(subject) and not ladders.no_member_route(subject, deed.book)
    if beside and _is_way("provider_dispute", subject, deed):
        yield Question(clock="provider_dispute", case=_about(subject), dates=_dates(subject))


def _peer_to_peer(subject: Denial, deed: Deed) -> Iterator[Question]:
    if _is_way("peer_to_peer", subject, deed):
        yield Question(clock="peer_to_peer", case=_about(subject), dates=_dates(subject), optional=True)


def _corrected_claim(subject: Denial, deed: Deed) -> Iterator[Question]:
    if subject.claim_id is not None and _is_way("corrected_claim", subject, deed):
        yield Question(clock="corrected_claim", case=_about(subject), dates=_dates(subject), optional=True)


def _authorization_decision(subject: Authorization, deed: Deed) -> Iterator[Question]:
    """Ask for the procedure and, where a toxin is asked for, for the drug."""
    urgency = "expedited" if subject.urgent else "standard"
    case = {"urgency": urgency, "phase": "pre_service", "setting": _setting(subject)}
    for benefit in ("drug", "procedure") if subject.case.treatment == "toxin" else ("procedure",):
        yield Question(
            clock="authorization_decision",
            case=_case(subject.coverage, benefit=benefit, **case),
            dates={"request_received": subject.submitted_on or deed.today},
            part=benefit,
        )


def _setting(subject: Authorization) -> str | None:
    return SETTINGS.get(subject.facility.place_of_service) if subject.facility else None


def _authorization_end(subject: Authorization, deed: Deed) -> Iterator[Question]:
    """The last day the approval names, beside what a rule gives it."""
    dates = {"decided": subject.decided_on} if subject.decided_on else {}
    case = _case(subject.coverage, setting=_setting(subject))
    yield Question(clock="authorization_end", case=case, dates=dates, printed=subject.valid_to)


def _authorization_renewal(subject: Authorization, deed: Deed) -> Iterator[Question]:
    """A toxin is given again and again, an operation once."""
    if subject.case.treatment != "toxin":
        return
    ends = min((end.legal for end in ladders.running(subject, "authorization_end") if end.legal), default=None)
    if ends is not None:
        yield Question(
            clock="authorization_renewal",
            case=_case(subject.coverage),
            dates={"approval_ends": ends},
            turnaround_days=turnaround(subject.coverage.plan, deed),
        )


def _timely_filing(subject: Claim, deed: Deed) -> Iterator[Question]:
    dates = {"service": subject.service_to or subject.service_from or deed.today}
    yield Question(clock="timely_filing", case=_case(subject.coverage, phase="post_service"), dates=dates)


def _payer_answer(subject: Claim, deed: Deed) -> Iterator[Question]:
    dates = {"claim_received": subject.submitted_on or deed.today}
    yield Question(clock="prompt_payment", case=_case(subject.coverage, phase="post_service"), dates=dates)


def _records_request(subject: Claim, deed: Deed) -> Iterator[Question]:
    setting = SETTINGS.get(subject.facility.place_of_service)
    case = _case(subject.coverage, phase="post_service", setting=setting)
    yield Question(clock="records_request", case=case, dates={"notice_dated": deed.today})


def _takeback(subject: Claim, deed: Deed) -> Iterator[Question]:
    """What runs once the payer takes a payment back: the demand's own days, and how far back the payer may reach."""
    answered = (
        select(ClaimPayment.status, Remittance.paid_on)
        .join(Remittance, ClaimPayment.remittance_id == Remittance.id)
        .where(ClaimPayment.claim_id == subject.id)
        .order_by(Remittance.paid_on.desc(), ClaimPayment.id.desc())
    )
    told = db.session.execute(answered).all()
    demanded = next((day for status, day in told if status == REVERSED), deed.today)
    paid = next((day for status, day in told if status != REVERSED), None)
    dates = {"notice_dated": demanded} | ({"payment": paid} if paid else {})
    for clock in TAKEBACK:
        case = _case(subject.coverage, phase="post_service")
        yield Question(clock=clock, case=case, dates=dates, part=clock, optional=True)


def _appeal_decision(subject: Appeal, deed: Deed) -> Iterator[Question]:
    received = subject.payer_received_on or subject.filed_on or deed.today
    dates = {"appeal_received": received, "appeal_filed": subject.filed_on or received}
    coverage = subject.denial.subject.coverage
    case = _case(coverage, level=subject.level, phase=_phase(subject.denial))
    yield Question(clock="appeal_decision", case=case, dates=dates)


def _next_injection(subject: TreatmentCase, deed: Deed) -> Iterator[Question]:
    if subject.treatment == "toxin" and subject.injections:
        dates = {"injected": max(injection.on for injection in subject.injections)}
        yield Question(clock="next_injection", case=Case(), dates=dates)


# Each clock that runs on a record, and what it asks. The name kept on the record is the one here.
ASKED: Mapping[str, Callable[..., Iterator[Question]]] = {
    "appeal": _appeal,
    "provider_dispute": _provider_dispute,
    "peer_to_peer": _peer_to_peer,
    "corrected_claim": _corrected_claim,
    "authorization_decision": _authorization_decision,
    "authorization_end": _authorization_end,
    "authorization_renewal": _authorization_renewal,
    "timely_filing": _timely_filing,
    "payer_answer": _payer_answer,
    "records_request": _records_request,
    "takeback": _takeback,
    "appeal_decision": _appeal_decision,
    "next_injection": _next_injection,
}
