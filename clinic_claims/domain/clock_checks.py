"""What makes a clock rule wrong in itself, beside its neighbors, or by its own example."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations

from .business_days import Closed
from .clock_rules import Example, Rule
from .counting import spoken
from .deadlines import ClockBook
from .reckoning import evaluate

YEAR = timedelta(days=365)


def faults(book: ClockBook) -> Iterator[tuple[str, str]]:
    """Yield each rule that does not add up, as its id and what is wrong with it."""
    for rule in book.rules.values():
        yield from ((rule.id, fault) for fault in (*_alone(rule), *_unknown_names(rule, book)))
    for one, other in combinations(book.rules.values(), 2):
        if _clash(one, other):
            yield other.id, f"speaks for the same cases and days as {one.id}"


def _alone(rule: Rule) -> Iterator[str]:
    if bool(rule.length) == bool(rule.unknown):
        yield "needs either a length or, in unknown, why there is none"
    if rule.length and not rule.length.days and (rule.backwards or rule.day_one):
        yield "length: counting backwards or from day 1 is for days only"
    if rule.confidence == "partly_verified" and not rule.recalled_parts:
        yield "recalled_parts: partly verified needs the parts that were not read"
    if rule.presumed_receipt_days and rule.starts != "notice_received":
        yield "presumed_receipt_days: only a clock that starts on receipt can presume it"
    if not rule.example:
        yield "needs at least one example"


def _unknown_names(rule: Rule, book: ClockBook) -> Iterator[str]:
    for payer_class in rule.when.payer_class:
        if payer_class not in book.classes:
            yield f"when: payer class {payer_class} is not in payer_classes.toml"
        for level in rule.when.level:
            if rule.clock in ("appeal", "external_review", "court") and not book.step(payer_class, level):
                yield f"when: {payer_class} has no level {level}"


def _clash(one: Rule, other: Rule) -> bool:
    if (one.clock, one.when, one.authority) != (other.clock, other.when, other.authority):
        return False
    return max(one.in_force.first, other.in_force.first) <= min(one.in_force.last, other.in_force.last)


def failing_examples(book: ClockBook, closed: Closed) -> list[tuple[str, str]]:
    """Name each example that its own rule answers otherwise, as the rule's id and both answers."""
    return [
        (rule.id, f"example {_said(example)} expects {_pair(expected)}, the rule gives {_pair(found)}")
        for rule in book.rules.values()
        for example in rule.example
        if (expected := (example.legal, example.act_by)) != (found := _answer(rule, example, closed))
    ]


def _answer(rule: Rule, example: Example, closed: Closed) -> tuple[date | None, date | None]:
    found = evaluate(rule, example.dates, closed, printed=example.printed)
    return found.legal, found.act_by


def _pair(answer: tuple[date | None, date | None]) -> str:
    return "legal {}, act by {}".format(*(day or "not known" for day in answer))


def _said(example: Example) -> str:
    return ", ".join(f"{name} {day}" for name, day in example.dates.items())


def stale(book: ClockBook, today: date) -> list[tuple[str, str]]:
    """List rules and levels whose source was not read in the past year, was never read, or is no longer in force."""
    rules = [(rule.id, staleness(rule.checked, rule.in_force.last, today)) for rule in book.rules.values()]
    levels = [(level.id, staleness(level.checked, date.max, today)) for level in book.levels.values()]
    return [(name, why) for name, why in (*rules, *levels) if why]


def staleness(read: date | None, last: date, today: date) -> str:
    """Say why a row read on that day, and in force until the last, must be read again; empty when it need not."""
    if last < today:
        return f"in force until {spoken(last)}"
    if read is None:
        return "source never read: recalled only"
    return f"source last read on {read}" if read < today - YEAR else ""
