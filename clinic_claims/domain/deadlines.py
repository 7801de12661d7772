"""Find the rules that speak on a clock, count each one out, and act on the earliest.

`appeal` answers for a step of a payer class's ladder, `clock` for every other clock by name, `sources` for all that
is said of one. An unknown class, level or date is answered with "not known" and the reason, never with a guess.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from .business_days import Closed, on_or_before
from .clock_rules import RANK, Case, Rule, Urgency, choose, still_asked
from .counting import Length, spoken_with_closure
from .payer_classes import Amount, Level, PayerClass, ladder
from .reckoning import Deadline, Notice, evaluate

__all__ = [
    "Case",
    "ClockBook",
    "Contest",
    "Deadline",
    "Notice",
    "appeal",
    "clock",
    "contest",
    "renewal",
    "sources",
    "to_json",
]

SAME_LIMIT: Mapping[str, frozenset[str]] = {
    "appeal": frozenset({"appeal", "external_review", "court"}),
    "corrected_claim": frozenset({"timely_filing"}),
}
"""Clocks answered by the rules of others: every step of a ladder is filed like an appeal, and a corrected claim
must meet the limit of the first one."""

ASK: Mapping[str, str] = {
    "payer_class": "the class of payer",
    "level": "the level of appeal",
    "state": "the state",
    "payer": "the payer",
    "benefit": "whether this is the drug or the procedure",
    "urgency": "whether it is expedited",
    "phase": "whether the service was already given",
    "network": "whether the clinic is in the payer's network",
    "setting": "the place of service",
    "internal_levels": "how many internal levels the plan has",
}


@dataclass(frozen=True, kw_only=True)
class ClockBook:
    """Every rule about time: payer classes, the steps of their ladders, clock rules and yearly amounts."""

    classes: Mapping[str, PayerClass]
    levels: Mapping[str, Level]
    rules: Mapping[str, Rule]
    amounts: tuple[Amount, ...]

    def find_class(self, name: str | None) -> PayerClass | None:
        """Return the payer class of that id or other name."""
        also = (row for row in self.classes.values() if name in row.also)
        return self.classes.get(name or "") or next(also, None)

    def step(self, payer_class: str, level: str) -> Level | None:
        """Return one step of a payer class's ladder."""
        row = self.find_class(payer_class)
        return self.levels.get(f"{row.id}/{level}") if row else None

    def about(self, clocks: Collection[str]) -> list[Rule]:
        """Return the rules of those clocks."""
        return [rule for rule in self.rules.values() if rule.clock in clocks]


@dataclass(frozen=True, kw_only=True)
class Contest:
    """Every source's word on one clock, by rank, and the one staff act on: the earliest."""

    act_on: Deadline
    all: tuple[Deadline, ...]


def appeal(
    book: ClockBook,
    *,
    payer_class: str,
    level: str,
    notice: Notice,
    closed: Closed,
    state: str | None = None,
    urgency: Urgency = "standard",
    service: date | None = None,
    contract: Iterable[Rule] = (),
) -> Deadline:
    """Say until when a step of the ladder may be filed.

    `contract` holds the clinic's own terms with the payer; `service` is the day of care, from which some suits run.
    """
    case = Case(payer_class=payer_class, level=level, state=state, urgency=urgency)
    dates = notice.dates() | ({"service": service} if service else {})
    found = clock(book, "appeal", case, dates, closed=closed, printed=notice.printed, contract=contract)
    return replace(found, step=book.step(payer_class, level))


def clock(
    book: ClockBook,
    name: str,
    case: Case,
    dates: Mapping[str, date],
    *,
    closed: Closed,
    printed: date | None = None,
    extended: bool = False,
    contract: Iterable[Rule] = (),
) -> Deadline:
    """Answer for any clock by its name, acting on the earliest of what the sources say."""
    heard = sources(book, name, case, dates, closed=closed, printed=printed, extended=extended, contract=contract)
    return contest(heard).act_on


def sources(
    book: ClockBook,
    name: str,
    case: Case,
    dates: Mapping[str, date],
    *,
    closed: Closed,
    printed: date | None = None,
    extended: bool = False,
    contract: Iterable[Rule] = (),
) -> tuple[Deadline, ...]:
    """Return every source's word on a clock: at least one, which may be "not known".

    `dates` are named as the anchors of the rules; a clock in hours needs a moment with its time zone, else it is
    counted in whole days. `printed` is the last day the notice names, `extended` whether the payer took more time.
    A contract term is a Rule of authority "contract"; those of other clocks are passed over. Raises ValueError when a
    moment has no time zone.
    """
    if stranger := _stranger(book, name, case):
        return (_unknown(name, stranger),)
    found, names = book.find_class(case.payer_class), SAME_LIMIT.get(name, frozenset({name}))
    rules = [*book.about(names), *(term for term in contract if term.clock in (name, *names))]
    case = replace(case, payer_class=found and found.id, payer=_short_name(case.payer, rules))
    fitting = [rule for rule in rules if not rule.when.rules_out(case)]
    heard = [
        evaluate(rule, dates, closed, printed=printed, extended=extended)
        for authority in RANK
        for rule in choose((rule for rule in fitting if rule.authority == authority), case, dates)
    ]
    on_paper = [_on_paper(name, printed, closed)] if printed else []
    return tuple(heard + on_paper) or (_unknown(name, _why_silent(rules, case, dates)),)


def contest(deadlines: Iterable[Deadline]) -> Contest:
    """Rank notice before contract before payer before law, and act on the earliest. Raises ValueError when empty.

    Where two ask for the same day, the one with a rule behind it is acted on: it also knows the lawful end.
    """
    ranked = sorted(deadlines, key=lambda deadline: RANK.index(deadline.authority))
    act_on = min(ranked, key=lambda deadline: (deadline.act_by or date.max, not deadline.rule))
    return Contest(act_on=act_on, all=tuple(ranked))


def to_json(deadline: Deadline) -> dict[str, Any]:
    """Return the document that the `deadline` command prints."""
    return {
        "rule": deadline.rule or None,
        "legal": deadline.legal and deadline.legal.isoformat(),
        "act_by": deadline.act_by and deadline.act_by.isoformat(),
        "because": list(deadline.because),
        "citation": deadline.citation,
        "confidence": deadline.confidence,
    }


def renewal(book: ClockBook, approval_ends: date, *, closed: Closed, turnaround_days: int | None = None) -> Deadline:
    """Say by when to ask for a renewal: in this payer's own measured turnaround (days) where the usual is shorter."""
    usual = next(rule for rule in book.about({"authorization_renewal"}))
    lead = usual.length.days if usual.length else 0
    if not turnaround_days or turnaround_days <= lead:
        return evaluate(usual, {"approval_ends": approval_ends}, closed)
    slower = replace(usual, length=Length(days=turnaround_days))
    found = evaluate(slower, {"approval_ends": approval_ends}, closed)
    return replace(found, because=(f"this payer has taken {turnaround_days} days to decide", *found.because))


def _short_name(payer: str | None, rules: Iterable[Rule]) -> str | None:
    """Return the short name that rules use for a payer known as, say, United Healthcare of Ohio."""
    if payer is None:
        return None
    letters = "".join(letter for letter in payer.lower() if letter.isalnum())
    return next((name for rule in rules for name in rule.when.payer if name in letters), letters)


def _on_paper(name: str, printed: date, closed: Closed) -> Deadline:
    said = "the approval is valid to" if name == "authorization_end" else "the notice itself prints"
    return Deadline(
        clock=name,
        label="Date printed in the notice",
        legal=printed,
        act_by=on_or_before(printed, closed),
        because=(f"{said} {spoken_with_closure(printed, closed)}",),
        citation="The payer's notice",
        confidence="verified",
        authority="notice",
    )


def _unknown(name: str, why: str) -> Deadline:
    return Deadline(clock=name, because=(why,))


def _stranger(book: ClockBook, name: str, case: Case) -> str:
    """Say which payer class or level of the case the rulebook does not know; empty when it knows them."""
    found = book.find_class(case.payer_class)
    if not found:
        return "" if case.payer_class is None else f"not known: payer class {case.payer_class} is not in the rulebook"
    if name != "appeal" or case.level is None or book.step(found.id, case.level):
        return ""
    levels = ", ".join(step.level for step in ladder(book.levels.values(), found.id))
    if not case.level:
        return f"not known: {found.name} has no further level of appeal; levels on file: {levels or 'none'}"
    return f"not known: {found.name} has no level {case.level}; levels on file: {levels or 'none'}"


def _why_silent(rules: Iterable[Rule], case: Case, dates: Mapping[str, date]) -> str:
    asked = [ASK[name] for name in still_asked(rules, case, dates)]
    if asked:
        return f"not known: it depends on {' and on '.join(asked)}"
    return "not known: no rule on file for this case; enter the date from the notice or the contract"
