"""Enter what the clinic's contracts with payers say about time, and turn it into rules that join the contest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from ..clock import day_of
from ..db import db
from ..domain.clock_rules import Anchor, Rule, Span, in_force
from ..domain.counting import Length, spoken
from ..domain.lifecycle import words
from ..models import ContractTerm, Document, Payer, Plan
from .deeds import Deed, Refused
from .history import record

NOTICES: tuple[Anchor, ...] = ("notice_dated", "notice_sent", "notice_received")
STARTS: Mapping[str, tuple[Anchor, ...]] = {
    "provider_dispute": NOTICES,
    "appeal": NOTICES,
    "corrected_claim": (*NOTICES, "service"),
    "timely_filing": ("service",),
    "records_request": NOTICES,
    "peer_to_peer": NOTICES,
    "authorization_decision": ("request_received",),
    "appeal_decision": ("appeal_received", "appeal_filed"),
    "prompt_payment": ("claim_received",),
    "takeback_lookback": ("payment",),
}
"""The clocks a contract may set, and what each may count from."""

PAYERS = frozenset({"authorization_decision", "appeal_decision", "prompt_payment", "takeback_lookback"})
"""The clocks that bind the payer, not the clinic."""

UNITS = ("days", "business_days", "months", "years")
LONGEST = 3660  # days: ten years, beyond which a number is a slip of the finger


@dataclass(frozen=True, kw_only=True)
class Term:
    """What a person reads from the contract: the clock, its length, its day zero and the days it is in force."""

    clock: str
    count: int
    unit: str
    starts: str
    since: date
    words: str
    source: str
    if_closed: str = "stay"
    until: date | None = None
    page: int | None = None
    plan: Plan | None = None
    document: Document | None = None


def enter(payer: Payer, term: Term, deed: Deed) -> ContractTerm:
    """Put a term on record. Raises Refused for a slip, or where it overlaps one on file for the same clock."""
    if reasons := _faults(payer, term):
        raise Refused(*reasons)
    made = ContractTerm(
        payer=payer,
        plan=term.plan,
        clock=term.clock,
        count=term.count,
        unit=term.unit,
        starts=term.starts,
        if_closed=term.if_closed,
        since=term.since,
        until=term.until,
        words=term.words,
        source=term.source,
        page=term.page,
        document=term.document,
        entered_by=deed.actor,
        entered_at=deed.at,
    )
    record(made, "enter_contract_term", deed, sentence=f"Contract term entered: {said(made)}.")
    return made


def end(term: ContractTerm, until: date, deed: Deed) -> None:
    """Let a term end with that day; a clock that began before keeps it. Raises Refused for a day before its first."""
    if until < term.since:
        raise Refused(f"The term began on {spoken(term.since)}: it cannot end before that.")
    before, term.until = term.until, until
    record(term, "end_contract_term", deed, sentence=f"Contract term ends {spoken(until)}.", changed=[before, until])


def said(term: ContractTerm) -> str:
    """Say a term in a line: "provider dispute, 60 days from the notice's date"."""
    return f"{words(term.clock)}, {length(term)} from {words(term.starts)}"


def of_payer(payer: Payer) -> list[ContractTerm]:
    """Return the terms of a payer, by clock, the newest first."""
    query = select(ContractTerm).where(ContractTerm.payer_id == payer.id)
    return list(db.session.scalars(query.order_by(ContractTerm.clock, ContractTerm.since.desc(), ContractTerm.id)))


def holding(plan: Plan) -> list[ContractTerm]:
    """Return every term that may speak for a plan: its own and those for the whole payer."""
    own = or_(ContractTerm.plan_id == plan.id, ContractTerm.plan_id.is_(None))
    query = select(ContractTerm).where(ContractTerm.payer_id == plan.payer_id, own).order_by(ContractTerm.id)
    return list(db.session.scalars(query))


def rules(terms: Iterable[ContractTerm], dates: Mapping[str, date]) -> list[Rule]:
    """Turn terms into rules; where one for the very plan is in force, those for the whole payer are silent."""
    by_scope = {True: list[Rule](), False: list[Rule]()}
    for term in terms:
        by_scope[term.plan_id is not None].append(rule(term))
    own = in_force(by_scope[True], dates)
    settled = {each.clock for each in own}
    return [*own, *(each for each in by_scope[False] if each.clock not in settled)]


def rule(term: ContractTerm) -> Rule:
    """Turn one term into a rule of authority "contract"."""
    return Rule(
        id=f"contract-{term.id}",
        clock=term.clock,
        label=f"{words(term.clock).capitalize()}, contract with {term.payer.name}",
        starts=term.starts,  # pyright: ignore[reportArgumentType] (checked against STARTS when entered)
        length=length(term),
        if_closed="roll_forward" if term.if_closed == "roll_forward" else "stay",
        who="payer" if term.clock in PAYERS else "clinic",
        in_force=Span(since=term.since, until=term.until),
        authority="contract",
        note=term.words,
        citation=f"{term.source}, page {term.page}" if term.page else term.source,
        source=term.source,
        confidence="verified",
        checked=day_of(term.entered_at),
    )


def length(term: ContractTerm) -> Length:
    """Return how long the term's clock runs."""
    return Length(**{term.unit: term.count})


def _faults(payer: Payer, term: Term) -> list[str]:
    found = [f"{name} is missing." for name in ("words", "source") if not getattr(term, name).strip()]
    if term.clock not in STARTS:
        found.append(f"A contract sets no {words(term.clock)}. Choose one of the clocks in the list.")
    elif term.starts not in STARTS[term.clock]:
        allowed = " or ".join(words(name) for name in STARTS[term.clock])
        found.append(f"{words(term.clock).capitalize()} counts from {allowed}.")
    if term.unit not in UNITS or not 0 < term.count <= LONGEST:
        found.append("Enter a length such as 60 days.")
    if term.until and term.until < term.since:
        found.append("The term cannot end before it begins.")
    if term.plan and term.plan.payer_id != payer.id:
        found.append("This plan belongs to another payer.")
    return found or _overlaps(payer, term)


def _overlaps(payer: Payer, term: Term) -> list[str]:
    """A clock has one term at a time for the same plan, so that nobody has to guess which holds."""
    for other in of_payer(payer):
        same = other.clock == term.clock and other.plan_id == (term.plan.id if term.plan else None)
        if same and other.since <= (term.until or date.max) and term.since <= (other.until or date.max):
            return [f"A term of {spoken(other.since)} is in force for this clock: {said(other)}. End it first."]
    return []
