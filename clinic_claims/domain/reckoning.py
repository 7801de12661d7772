"""Turn a clock rule and the dates of a case into a deadline that explains itself.

`legal` is the last lawful day by the rule's own formula (the first one where the rule says "not before").
`act_by` is the business day staff must work to: the earliest of the legal end, the date printed in the notice and
the notice date plus the length (never leaning on presumed receipt), moved back to a day when offices are open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from .business_days import ONE_DAY, Closed, on_or_after, on_or_before
from .clock_rules import FALLBACK, Authority, Rule
from .counting import Length, add, day_of, spoken, spoken_with_closure
from .payer_classes import Level

ANCHORS: Mapping[str, tuple[str, str]] = {
    "notice_dated": ("Notice dated", "the date on the notice"),
    "notice_sent": ("Notice sent", "the day the notice was sent"),
    "notice_received": ("Notice received", "the day the notice was received"),
    "service": ("Service given", "the day of service"),
    "request_received": ("Request received by the payer", "the day the payer received the request"),
    "claim_received": ("Claim received by the payer", "the day the payer received the claim"),
    "appeal_received": ("Appeal received by the reviewer", "the day the reviewer received the appeal"),
    "appeal_filed": ("Appeal filed", "the day the appeal was filed"),
    "decided": ("Decision dated", "the date of the decision"),
    "payment": ("Payment made", "the day of payment"),
    "overpayment_identified": ("Overpayment identified", "the day the overpayment was identified"),
    "injected": ("Last injection", "the day of the last injection"),
    "approval_ends": ("Approval ends", "the last day of the approval"),
    "enrolled": ("Coverage began", "the day coverage began"),
    "network_left": ("Network left", "the day the clinic left the network"),
    "negotiation_ended": ("Open negotiation ended", "the day open negotiation ended"),
}
"""What a rule may start from: how to say it in a sentence, and what is missing when it is not on file."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What is known of a payer's notice: `received` only with proof, `printed` is the deadline it names."""

    dated: date | None = None
    sent: date | None = None
    received: date | None = None
    printed: date | None = None

    def dates(self) -> dict[str, date]:
        """Return the known dates under the names that rules start from."""
        named = {"notice_dated": self.dated, "notice_sent": self.sent, "notice_received": self.received}
        return {name: day for name, day in named.items() if day}


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """When a clock ends, and why. `at` is the exact moment of a clock counted in hours.

    `rule` is empty and `confidence` is "unknown" where no rule speaks; `because` then says what is missing.
    """

    clock: str
    rule: str = ""
    label: str = ""
    legal: date | None = None
    act_by: date | None = None
    at: datetime | None = None
    because: tuple[str, ...]
    citation: str = ""
    confidence: Literal["verified", "partly_verified", "recalled", "unknown"] = "unknown"
    recalled_parts: str = ""
    authority: Authority = "law"
    who: Literal["clinic", "payer"] = "clinic"
    not_before: bool = False
    step: Level | None = None

    @property
    def caution(self) -> str:
        """Say what must be checked before relying on it; empty when the rule was read in its source."""
        if self.confidence == "recalled":
            return "unverified: check the notice"
        return f"partly unverified: {self.recalled_parts}" if self.confidence == "partly_verified" else ""


@dataclass(frozen=True, kw_only=True)
class _Count:
    """A count under way: the day reached (before and after any roll) and the sentences so far."""

    end: date | None = None
    legal: date | None = None
    because: tuple[str, ...] = ()


def evaluate(
    rule: Rule, dates: Mapping[str, date], closed: Closed, *, printed: date | None = None, extended: bool = False
) -> Deadline:
    """Count one rule out. Raises ValueError when a clock in hours starts at a moment without a time zone."""
    count = _legal_end(rule, dates, closed, extended)
    legal, heard = _with_printed(rule, count, printed)
    act_by, acted = _act_by(rule, dates, count, printed, closed)
    return Deadline(
        clock=rule.clock,
        rule=rule.id,
        label=rule.label,
        legal=day_of(legal) if legal else None,
        act_by=act_by,
        at=legal if isinstance(legal, datetime) else None,
        because=(*count.because, *heard, *acted),
        citation=rule.citation,
        confidence=rule.confidence,
        recalled_parts=rule.recalled_parts,
        authority=rule.authority,
        who=rule.who,
        not_before=rule.not_before,
    )


def _legal_end(rule: Rule, dates: Mapping[str, date], closed: Closed, extended: bool) -> _Count:
    """Count from the anchor by the rule's formula."""
    if not rule.length:
        return _Count(because=(rule.unknown,))
    if fault := _contradiction(dates):
        return _Count(because=(fault,))
    start, told = _start(rule, dates)
    if start is None:
        return _Count(because=told)
    end = _add(rule, rule.length, start, closed)
    told = (*told, f"{_length(rule)} is {spoken_with_closure(end, closed)}")
    if extended and rule.extension:
        end = add(end, rule.extension, closed)
        told = (*told, f"extended by {rule.extension}: {spoken_with_closure(end, closed)}")
    if rule.if_closed == "roll_forward" and (rolled := on_or_after(day_of(end), closed)) != day_of(end):
        return _Count(end=end, legal=rolled, because=(*told, f"the rule moves a closed day to {spoken(rolled)}"))
    return _Count(end=end, legal=end, because=told)


def _contradiction(dates: Mapping[str, date]) -> str:
    dated, received = dates.get("notice_dated"), dates.get("notice_received")
    if dated and received and received < dated:
        return f"received {spoken(received)}, before the notice's own date {spoken(dated)}: check both dates"
    return ""


def _start(rule: Rule, dates: Mapping[str, date]) -> tuple[date | None, tuple[str, ...]]:
    """Find day zero and say how it was found."""
    chain = FALLBACK.get(rule.starts, (rule.starts,))
    anchor = next((name for name in chain if name in dates), None)
    if anchor is None:
        return None, (f"not known: this clock runs from {ANCHORS[chain[-1]][1]}, which is not on file",)
    day = dates[anchor]
    told = _told_anchor(rule, anchor, dates)
    if rule.starts != "notice_received" or anchor == "notice_received":
        return day, told
    if not rule.presumed_receipt_days:
        return day, (*told, "receipt is not proved, so the count starts at that date")
    presumed = day + rule.presumed_receipt_days * ONE_DAY
    return presumed, (*told, f"receipt is presumed {rule.presumed_receipt_days} days later: {spoken(presumed)}")


def _told_anchor(rule: Rule, anchor: str, dates: Mapping[str, date]) -> tuple[str, ...]:
    day = spoken(dates[anchor])
    dated = (f"{rule.notice} dated {spoken(dates['notice_dated'])}",) if "notice_dated" in dates else ()
    match anchor:
        case "notice_dated":
            return dated
        case "notice_received" | "notice_sent":
            verb = anchor.removeprefix("notice_")
            return (*dated, f"{verb} {day}") if dated else (f"{rule.notice} {verb} {day}",)
        case _:
            return (f"{ANCHORS[anchor][0]} {day}",)


def _add(rule: Rule, length: Length, start: date, closed: Closed) -> date:
    """Move from day zero to the last day of the count, in the way the rule counts."""
    if rule.backwards:
        return day_of(start) - length.days * ONE_DAY
    if rule.day_one:
        start = day_of(start) - ONE_DAY
    end = add(start, length, closed, rule.month_end)
    return date(end.year, 12, 31) if rule.to_year_end else end


def _length(rule: Rule) -> str:
    if rule.backwards:
        return f"{rule.length} before"
    if rule.day_one:
        return f"that day is day 1, so day {rule.length}".replace(" days", "")
    return f"plus {rule.length}, to the end of that year," if rule.to_year_end else f"plus {rule.length}"


def _with_printed(rule: Rule, count: _Count, printed: date | None) -> tuple[date | None, tuple[str, ...]]:
    """Weigh the date printed in the notice against the formula's: it fills a gap, it never extends a day."""
    if printed is None:
        return count.legal, ()
    said = f"the notice itself prints {spoken(printed)}"
    if count.legal is None:
        return printed, (f"{said}: the only last day on file",)
    legal = day_of(count.legal)
    if printed > legal:
        return count.legal, (f"{said}, later than the day counted: do not rely on it",)
    return count.legal, (f"{said}, earlier than the day counted" if printed < legal else f"{said} too",)


def _act_by(
    rule: Rule, dates: Mapping[str, date], count: _Count, printed: date | None, closed: Closed
) -> tuple[date | None, tuple[str, ...]]:
    """Choose the earliest day anything speaks for and move it to a day when offices are open."""
    if rule.not_before:
        return _open_from(count, closed)
    choices = [(day_of(count.end), "the last lawful day")] if count.end else []
    choices += _from_notice(rule, dates, closed)
    choices += [(printed, "the day printed in the notice")] if printed else []
    if not choices:
        return None, ()
    day, reason = min(choices, key=lambda choice: choice[0])
    open_day = on_or_before(day, closed)
    moved = "" if open_day == day else f"; the last business day before is {spoken(open_day)}"
    verb = "act by" if rule.who == "clinic" else "ask the payer by"
    return open_day, (f"{verb}: {reason}, {spoken_with_closure(day, closed)}{moved}",)


def _from_notice(rule: Rule, dates: Mapping[str, date], closed: Closed) -> list[tuple[date, str]]:
    """Count from the date on the notice, as if it had been received that day."""
    length = rule.act_within or rule.length
    if not length or "notice_dated" not in dates or not rule.starts.startswith("notice_") or _contradiction(dates):
        return []
    return [(day_of(_add(rule, length, dates["notice_dated"], closed)), f"notice date plus {length}")]


def _open_from(count: _Count, closed: Closed) -> tuple[date | None, tuple[str, ...]]:
    if not count.legal:
        return None, ()
    day = on_or_after(day_of(count.legal), closed)
    return day, (f"not before {spoken(day_of(count.legal))}; the first business day from then is {spoken(day)}",)
