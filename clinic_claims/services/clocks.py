"""Start and stop the clocks a step names, and keep each computed date with its reason."""

from collections.abc import Iterable

from sqlalchemy import select

from ..calendars import federal_holiday
from ..db import db
from ..domain import deadlines
from ..domain.lifecycle import Step, words
from ..models import Authorization, Claim, ContractTerm, Deadline, Denial
from ..reading import from_json
from ..rulebook import Rulebook
from . import contracts, ladders, questions, strokes
from .deeds import Deed
from .questions import Question, Subject, notice_of
from .workitems import touch

Computed = deadlines.Deadline
BESIDE = {questions.SKIPPED: ", where the plan hears no second appeal"}
CLOSES = {  # what each deed on a denial answers, beside what its lifecycle table stops
    "file": (*ladders.FILING, "peer_to_peer"),
    "note_upheld": ("provider_dispute", "peer_to_peer"),
    "note_partly": ("provider_dispute", "peer_to_peer"),
}


def follow(subject: Subject, step: Step, deed: Deed) -> None:
    """Stop what the step stops, then start what it starts."""
    _end((each for each in ladders.running(subject) if each.clock in step.stops) if step.stops else (), deed)
    for clock in step.starts:
        start(subject, clock, deed)
    if step.action == "submit":
        _answered(subject, deed)


def _answered(subject: Subject, deed: Deed) -> None:
    """A claim sent again answers its denials' correction clocks; a new request answers the approval before it."""
    if isinstance(subject, Claim):
        for denial in db.session.scalars(select(Denial).where(Denial.claim_id == subject.id).order_by(Denial.id)):
            stop(denial, "corrected_claim", deed)
    if isinstance(subject, Authorization):
        query = select(Authorization).where(Authorization.case_id == subject.case_id, Authorization.id != subject.id)
        for earlier in db.session.scalars(query.order_by(Authorization.id)):
            stop(earlier, "authorization_renewal", deed)
            touch(db.session(), "authorization", earlier.id)


def stop(subject: Subject, clock: str | None, deed: Deed) -> None:
    """Stop every running clock of that name on the record, or every one at all."""
    _end(ladders.running(subject, clock), deed)


def _end(running: Iterable[Deadline], deed: Deed) -> None:
    for deadline in running:
        strokes.put(deadline, stopped_at=deed.at)
    strokes.flush()


def start(subject: Subject, clock: str, deed: Deed) -> list[Deadline]:
    """Ask the rulebook and keep the answers; a clock that runs already is replaced."""
    stop(subject, clock, deed)
    kept = _begun(subject, clock, _terms(subject), deed)
    strokes.flush()
    return kept


def _terms(subject: Subject) -> Iterable[ContractTerm]:
    plan = questions.plan_of(subject)
    return strokes.once(("terms", plan.id), lambda: contracts.holding(plan)) if plan else []


def _begun(subject: Subject, clock: str, terms: Iterable[ContractTerm], deed: Deed) -> list[Deadline]:
    kept: list[Deadline] = []
    for question in questions.ASKED[clock](subject, deed):
        asked = ("clock", *question.told, *terms)
        computed = strokes.once(asked, lambda each=question: deadlines.contest(hear(each, terms, deed.book)).act_on)
        if computed.rule or computed.act_by or not question.optional:
            kept.append(_row(subject, clock, question, computed, deed))
    strokes.hang(kept)
    return kept


def start_denial(denial: Denial, deed: Deed) -> None:
    """Start every clock that a new denial sets going; asked for together, as remittances bring hundreds."""
    clocks = (*ladders.FILING, *ladders.BESIDE)
    _end((each for each in ladders.running(denial) if each.clock in clocks), deed)
    terms = list(_terms(denial))
    with db.session.no_autoflush:
        for clock in clocks:
            _begun(denial, clock, terms, deed)
    strokes.flush()


def follow_denial(denial: Denial, action: str, deed: Deed) -> None:
    """Stop what a deed on a denial answers; back to open, every way is open again."""
    for clock in CLOSES.get(action, ()):
        stop(denial, clock, deed)
    if action == "resume":
        start_denial(denial, deed)


def hear(question: Question, terms: Iterable[ContractTerm], book: Rulebook) -> tuple[Computed, ...]:
    """Return every source's word on a question: the notice, the contract, the payer's rule, the law."""
    if question.clock == "authorization_renewal":
        ends, days = question.dates["approval_ends"], question.turnaround_days
        return (deadlines.renewal(book.clocks, ends, closed=federal_holiday, turnaround_days=days),)
    return deadlines.sources(
        book.clocks,
        question.clock,
        question.case,
        question.dates,
        closed=federal_holiday,
        printed=question.printed,
        contract=contracts.rules(terms, question.dates),
    )


def question_of(deadline: Deadline) -> Question | None:
    """Return the question a clock on record was started with; None for one that came without."""
    return from_json(deadline.asked, Question) if deadline.asked else None


def sources_of(deadline: Deadline, book: Rulebook) -> deadlines.Contest | None:
    """Hear every source on a clock again, by today's rulebook and contracts, ranked, with the one acted on."""
    question, plan = question_of(deadline), questions.plan_of(deadline.subject)
    if question is None:
        return None
    return deadlines.contest(hear(question, contracts.holding(plan) if plan else [], book))


def write(deadline: Deadline, computed: Computed) -> None:
    """Put an answer of the rulebook into a row."""
    label = computed.label if computed.rule else words(deadline.clock).capitalize()
    deadline.label = label + BESIDE.get(deadline.part, "")
    deadline.who, deadline.not_before = computed.who, computed.not_before
    deadline.rule, deadline.authority = computed.rule, computed.authority
    deadline.legal, deadline.act_by = computed.legal, computed.act_by
    deadline.because, deadline.citation = list(computed.because), computed.citation or None
    deadline.confidence, deadline.caution = computed.confidence, computed.caution


def _row(subject: Subject, clock: str, question: Question, computed: Computed, deed: Deed) -> Deadline:
    row = Deadline(clock=clock, part=question.part, asked=question.to_json(), started_at=deed.at)
    setattr(row, subject.__tablename__, subject)
    write(row, computed)
    if stroke := strokes.current():
        stroke.clocks.setdefault((subject.__tablename__, subject.id), []).append(row)
    return row


__all__ = [
    "follow",
    "follow_denial",
    "hear",
    "notice_of",
    "question_of",
    "sources_of",
    "start",
    "start_denial",
    "stop",
    "write",
]
