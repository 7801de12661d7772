"""Rules about clocks: one row is one source's word on how long a clock runs, and for whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property
from typing import Literal

from .counting import Length, MonthEnd, day_of
from .payer_classes import Confidence

Authority = Literal["notice", "contract", "payer", "law", "practice"]
RANK: tuple[Authority, ...] = ("notice", "contract", "payer", "law", "practice")
"""Whose word goes first when several sources speak: the notice's own text, then the contract, the payer's published
rule and the law; the clinic's own practice speaks last."""

Urgency = Literal["standard", "expedited"]
Anchor = Literal[
    "notice_dated",
    "notice_sent",
    "notice_received",
    "service",
    "request_received",
    "claim_received",
    "appeal_received",
    "appeal_filed",
    "decided",
    "payment",
    "overpayment_identified",
    "injected",
    "approval_ends",
    "enrolled",
    "network_left",
    "negotiation_ended",
]
FALLBACK: Mapping[str, tuple[Anchor, ...]] = {
    "notice_received": ("notice_received", "notice_dated"),
    "notice_sent": ("notice_sent", "notice_dated"),
}
"""What to count from, in order: a notice is dated no later than it is sent or received, so falling back is safe."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is known of the situation a clock runs in; None where it is not known."""

    payer_class: str | None = None
    level: str | None = None
    state: str | None = None
    payer: str | None = None
    benefit: Literal["drug", "procedure"] | None = None
    urgency: Urgency = "standard"
    phase: Literal["pre_service", "post_service"] | None = None
    network: Literal["in", "out"] | None = None
    setting: Literal["office", "hospital_outpatient", "asc"] | None = None
    internal_levels: Literal["one", "two"] | None = None


@dataclass(frozen=True, kw_only=True)
class When:
    """For which cases a rule speaks; an empty list means any."""

    payer_class: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    payer: tuple[str, ...] = ()
    benefit: tuple[str, ...] = ()
    urgency: tuple[str, ...] = ()
    phase: tuple[str, ...] = ()
    network: tuple[str, ...] = ()
    setting: tuple[str, ...] = ()
    internal_levels: tuple[str, ...] = ()

    def rules_out(self, case: Case) -> bool:
        """Tell whether something known of the case lies outside."""
        for name, allowed in self._limits:
            known = getattr(case, name)
            if known is not None and known not in allowed:
                return True
        return False

    def still_asks(self, case: Case) -> tuple[str, ...]:
        """Name what must be known of the case before one can tell."""
        return tuple(name for name, _ in self._limits if getattr(case, name) is None)

    def weight(self) -> tuple[bool, bool, int]:
        """Rank by how closely it fits: a named payer before a named state before anything else."""
        return bool(self.payer), bool(self.state), len(self._limits)

    @cached_property
    def _limits(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(limit.name, getattr(self, limit.name)) for limit in fields(self) if getattr(self, limit.name)]


@dataclass(frozen=True, kw_only=True)
class Span:
    """The days on which a rule is in force, both ends included; None where it has no such end."""

    since: date | None = None
    until: date | None = None

    @property
    def first(self) -> date:
        """Return the first day in force."""
        return self.since or date.min

    @property
    def last(self) -> date:
        """Return the last day in force."""
        return self.until or date.max

    def __contains__(self, day: date) -> bool:
        """Tell whether the rule is in force on that day."""
        return self.first <= day <= self.last


@dataclass(frozen=True, kw_only=True)
class Example:
    """What a rule must answer for given dates; an answer left out means: not known."""

    dates: Mapping[str, date]
    printed: date | None = None
    legal: date | None = None
    act_by: date | None = None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One [[rule]] of the clock files.

    `starts` is the day zero of the count (day one with `day_one`). `unknown` says why there is no `length`.
    `act_within` is the shorter length staff work to, counted from the notice date. A rule with `not_before` names
    the first lawful day, not the last; one with `backwards` counts back from its anchor. `who` must act in time.
    `notice` is what the payer's paper is called. `checked` is the day the source was last read.
    """

    id: str
    clock: str
    label: str
    starts: Anchor
    when: When = field(default_factory=When)
    length: Length | None = None
    unknown: str = ""
    act_within: Length | None = None
    presumed_receipt_days: int = 0
    day_one: bool = False
    backwards: bool = False
    not_before: bool = False
    month_end: MonthEnd = "clamp"
    to_year_end: bool = False
    if_closed: Literal["stay", "roll_forward"] = "stay"
    extension: Length | None = None
    extension_words: str = ""
    if_missed: str = ""
    notice: str = "Notice"
    who: Literal["clinic", "payer"] = "clinic"
    in_force: Span = field(default_factory=Span)
    authority: Authority = "law"
    note: str = ""
    citation: str = ""
    source: str = ""
    confidence: Confidence
    recalled_parts: str = ""
    checked: date | None = None
    example: tuple[Example, ...] = ()

    def began(self, dates: Mapping[str, date]) -> date | None:
        """Return the day that decides which law is in force: the notice's own date, else the anchor."""
        names = ("notice_dated", *FALLBACK.get(self.starts, (self.starts,)))
        return next((day_of(dates[name]) for name in names if name in dates), None)


def choose(rules: Iterable[Rule], case: Case, dates: Mapping[str, date]) -> tuple[Rule, ...]:
    """Return the rules that fit the case most closely among those in force on its day."""
    fitting = [rule for rule in in_force(rules, dates) if not rule.when.rules_out(case)]
    fitting = [rule for rule in fitting if not rule.when.still_asks(case)]
    closest = max((rule.when.weight() for rule in fitting), default=None)
    return tuple(rule for rule in fitting if rule.when.weight() == closest)


def still_asked(rules: Iterable[Rule], case: Case, dates: Mapping[str, date]) -> tuple[str, ...]:
    """Name what must be known of the case before any rule can be chosen."""
    asked = [rule.when.still_asks(case) for rule in in_force(rules, dates) if not rule.when.rules_out(case)]
    return min(asked, key=len, default=())


def in_force(rules: Iterable[Rule], dates: Mapping[str, date]) -> list[Rule]:
    """Keep the rules in force on the day the clock began; without a day, those that have not ended."""
    return [rule for rule in rules if _speaks_on(rule.in_force, rule.began(dates))]


def _speaks_on(span: Span, day: date | None) -> bool:
    return span.until is None if day is None else day in span
