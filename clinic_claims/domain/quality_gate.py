"""The quality gate: every item that must be done before a letter leaves, with what is done or what to do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .gaps import Gap
from .letters import Letter
from .words import capitalized, day, listed

State = Literal["done", "todo", "later"]


@dataclass(frozen=True, kw_only=True)
class Course:
    """What a letter cannot know of itself: who signed it and when, how it went out, and the level after this one."""

    signed: str = ""
    sent: str = ""
    after: str = ""


@dataclass(frozen=True)
class Check:
    """One item of the gate. `said` is what is done, or what comes later; what to do stands in the gaps."""

    item: str
    label: str
    state: State
    said: str
    gaps: tuple[Gap, ...] = ()


def gate(letter: Letter, course: Course) -> tuple[Check, ...]:
    """Return every item of the gate; a letter may leave when none is left to do."""
    own = (_check(letter, item, label, say) for item, (label, say) in _ITEMS.items())
    signer = letter.facts.signer.name or "The clinician"
    signed = course.signed if "signature" in letter.kind.ending else "It carries none."
    return (
        *own,
        _course("signed", "Signature", signed, f"{signer} signs it once it is sent for signature."),
        _course("sent", "Proof of delivery", course.sent, "Chosen when it is sent: fax, certified mail, portal."),
        Check("after", "Next level", "done", course.after or "None follows this letter."),
    )


def open_items(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """Return the items that still stop the letter."""
    return tuple(check for check in checks if check.state == "todo")


def _check(letter: Letter, item: str, label: str, say: Callable[[Letter], str]) -> Check:
    gaps = tuple(gap for gap in letter.gaps if gap.item == item)
    return Check(item, label, "todo" if gaps else "done", "" if gaps else say(letter), gaps)


def _course(item: str, label: str, done: str, later: str) -> Check:
    return Check(item, label, "done" if done else "later", done or later)


def _time(letter: Letter) -> str:
    denial = letter.facts.denial
    if not letter.kind.timed or denial is None or denial.legal is None:
        return "No last day runs on this letter."
    return f"It may be filed until {day(denial.legal)}."


def _level(letter: Letter) -> str:
    denial = letter.facts.denial
    if denial and not letter.kind.levelled:
        return "No appeal: it takes no level."
    return f"{denial.level_name}." if denial else "No appeal: a request before the service."


def _law(letter: Letter) -> str:
    given = [request for group in (letter.requests, *letter.grounds.values()) for request in group]
    named = sum(request.law is not None for request in given)
    return f"{named} law{'s' if named != 1 else ''} named, all of this payer class." if named else "No law is named."


def _side(letter: Letter) -> str:
    side = letter.facts.treatment.side
    return f"{capitalized(side)} in case, codes and notes." if side else "This condition has no side."


def _interval(letter: Letter) -> str:
    facts = letter.facts
    if facts.treatment.treatment != "toxin":
        return "Does not apply to surgery."
    return f"{listed(facts.intervals)} days between sessions." if facts.intervals else "No earlier session is on file."


def _policy(letter: Letter) -> str:
    policy = letter.facts.policy
    return f"{policy.number}, {policy.version}." if policy else "No policy is on file; the letter names none."


def _counted(count: int, what: str, none: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}." if count else none


_ITEMS: dict[str, tuple[str, Callable[[Letter], str]]] = {
    "time": ("In time", _time),
    "level": ("Right level", _level),
    "law": ("Law of this payer class", _law),
    "filled": ("Nothing left blank", lambda letter: "Identifiers, address and criteria are complete."),
    "enclosed": ("Enclosures", lambda letter: _counted(len(letter.exhibits), "document", "None is needed.")),
    "side": ("One side throughout", _side),
    "interval": ("Intervals", _interval),
    "cited": ("References verified", lambda letter: _counted(len(letter.citations), "reference", "None is cited.")),
    "policy": ("Policy of the day", _policy),
    "claims": ("Nothing overstated", lambda letter: "No claim that a reviewer could refute."),
}
