"""Start and stop the clocks a step names, and keep each computed date with its reason."""

from collections.abc import Callable
from datetime import date

from ..calendars import federal_holiday
from ..db import db
from ..domain import deadlines
from ..domain.business_days import on_or_before
from ..domain.deadlines import Case, Notice
from ..domain.lifecycle import Step
from ..models import Appeal, Authorization, Claim, Coverage, Deadline, Denial
from . import ladders
from .deeds import Deed
from .readiness import Subject

Computed = deadlines.Deadline
DRUG, PROCEDURE = "drug", "procedure"


def follow(subject: Subject, step: Step, deed: Deed) -> None:
    """Stop what the step stops, then start what it starts."""
    for clock in step.stops:
        stop(subject, clock, deed)
    for clock in step.starts:
        start(subject, clock, deed)


def stop(subject: Subject, clock: str, deed: Deed) -> None:
    """Stop every running clock of that name on the record."""
    for deadline in ladders.running(subject, clock):
        deadline.stopped_at = deed.at
    db.session.flush()


def start(subject: Subject, clock: str, deed: Deed) -> list[Deadline]:
    """Compute a clock and keep it; one that runs already is replaced."""
    stop(subject, clock, deed)
    kept = [_row(subject, clock, computed, deed) for computed in STARTERS[clock](subject, deed)]
    db.session.add_all(kept)
    db.session.flush()
    return kept


def _row(subject: Subject, clock: str, computed: Computed, deed: Deed) -> Deadline:
    return Deadline(
        **{subject.__tablename__: subject},
        clock=clock,
        label=computed.label or clock.replace("_", " ").capitalize(),
        who=computed.who,
        rule=computed.rule,
        legal=computed.legal,
        act_by=computed.act_by,
        because=list(computed.because),
        citation=computed.citation or None,
        confidence=computed.confidence,
        started_at=deed.at,
    )


def notice_of(denial: Denial) -> Notice:
    """Return what is known of the notice that the next appeal answers: the last decision, else the denial."""
    last = ladders.last_appeal(denial)
    if last is not None and last.decided_on is not None:
        return Notice(dated=last.decided_on, received=last.decision_received_on)
    return Notice(
        dated=denial.notice_dated_on,
        sent=denial.notice_sent_on,
        received=denial.notice_received_on,
        printed=denial.printed_deadline,
    )


def _appeal(subject: Denial, deed: Deed) -> list[Computed]:
    level = ladders.level_to_file(subject, deed.book)
    plan = subject.subject.coverage.plan
    computed = deadlines.appeal(
        deed.book.clocks,
        payer_class=plan.payer_class,
        level=level.level if level else "",
        notice=notice_of(subject),
        closed=federal_holiday,
        state=plan.state,
    )
    return [computed]


def _ask(clock: str, coverage: Coverage, dates: dict[str, date], deed: Deed, **case: str | None) -> Computed:
    plan = coverage.plan
    about = Case(
        payer_class=plan.payer_class,
        state=plan.state,
        payer=plan.payer.name,
        network="in" if plan.in_network else "out",
        **case,  # pyright: ignore[reportArgumentType] (the words are Case's own)
    )
    return deadlines.clock(deed.book.clocks, clock, about, dates, closed=federal_holiday)


def _authorization_decision(subject: Authorization, deed: Deed) -> list[Computed]:
    """Run a clock for the procedure and, where a toxin is asked for, one for the drug."""
    dates = {"request_received": subject.submitted_on or deed.today}
    benefits = [DRUG, PROCEDURE] if subject.case.treatment == "toxin" else [PROCEDURE]
    urgency = "expedited" if subject.urgent else "standard"
    setting = SETTINGS.get(subject.facility.place_of_service) if subject.facility else None
    return [
        _ask(
            "authorization_decision",
            subject.coverage,
            dates,
            deed,
            benefit=benefit,
            urgency=urgency,
            phase="pre_service",
            setting=setting,
        )
        for benefit in benefits
    ]


SETTINGS = {"11": "office", "19": "hospital_outpatient", "22": "hospital_outpatient", "24": "asc"}


def _authorization_end(subject: Authorization, deed: Deed) -> list[Computed]:
    """The last approved day is a fact of the approval, not a rule."""
    if subject.valid_to is None:
        because = ("The approval names no last day: ask the payer and enter it.",)
        return [Computed(clock="authorization_end", label="Authorization ends", because=because)]
    act_by = on_or_before(subject.valid_to, federal_holiday)
    because = (
        f"Authorization {subject.number} is valid to {subject.valid_to:%b} {subject.valid_to.day}, {subject.valid_to.year}",
    )
    return [
        Computed(
            clock="authorization_end",
            label="Authorization ends",
            rule="authorization_on_file",
            legal=subject.valid_to,
            act_by=act_by,
            because=because,
            confidence="verified",
            authority="notice",
        )
    ]


def _timely_filing(subject: Claim, deed: Deed) -> list[Computed]:
    dates = {"service": subject.service_to or subject.service_from or deed.today}
    return [_ask("timely_filing", subject.coverage, dates, deed, phase="post_service")]


def _payer_answer(subject: Claim, deed: Deed) -> list[Computed]:
    dates = {"claim_received": subject.submitted_on or deed.today}
    return [_ask("prompt_payment", subject.coverage, dates, deed, phase="post_service")]


def _records_request(subject: Claim, deed: Deed) -> list[Computed]:
    return [_ask("records_request", subject.coverage, {"notice_dated": deed.today}, deed, phase="post_service")]


def _appeal_decision(subject: Appeal, deed: Deed) -> list[Computed]:
    denial = subject.denial
    received = subject.payer_received_on or subject.filed_on or deed.today
    phase = "pre_service" if denial.claim_id is None else "post_service"
    dates = {"appeal_received": received, "appeal_filed": subject.filed_on or received}
    coverage = denial.subject.coverage
    return [_ask("appeal_decision", coverage, dates, deed, level=subject.level, phase=phase)]


# Each clock that a lifecycle table names, and how it is computed. The name kept is the table's.
STARTERS: dict[str, Callable[..., list[Computed]]] = {
    "appeal": _appeal,
    "authorization_decision": _authorization_decision,
    "authorization_end": _authorization_end,
    "timely_filing": _timely_filing,
    "payer_answer": _payer_answer,
    "records_request": _records_request,
    "appeal_decision": _appeal_decision,
}
