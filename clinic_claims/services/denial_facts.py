"""Freeze a denial: the notice that a letter answers, its last day, and what was decided before."""

from dataclasses import replace

from sqlalchemy import select

from ..db import db
from ..domain import letter_parts as parts
from ..domain.facts import LetterFacts
from ..models import Appeal, Deadline, Denial
from ..rulebook import Rulebook
from . import ladders

RECEIVED = {
    "remittance": "by electronic remittance",
    "portal": "through the payer's portal",
    "fax": "by fax",
    "mail": "by mail",
}
DISPUTE = "provider_dispute"


def of(denial: Denial, book: Rulebook) -> parts.DenialFacts:
    """Return what a letter about a denial may say of it."""
    told, decided = _first(denial, book), ladders.last_decision(denial)
    return _answering(told, decided) if decided and _is_newer(decided, told) else told


def _first(denial: Denial, book: Rulebook) -> parts.DenialFacts:
    last = ladders.last_appeal(denial)
    under_way = last if last is not None and last.decided_on is None else None
    level = ladders.next_level(denial, book)
    name = (under_way.name if under_way else level.name if level else "Appeal").split(" (")[0]
    step = under_way.level if under_way else (level.level if level else "1")
    return _timed(
        parts.DenialFacts(
            reference=denial.reference,
            category=denial.category,
            group=denial.group,
            carcs=_printed_codes(denial),
            rarcs=tuple(denial.rarcs),
            quoted=denial.reason_quoted or "",
            notice_dated=denial.notice_dated_on or denial.denied_on,
            notice_received=denial.notice_received_on,
            received_how=RECEIVED.get(denial.received_how or "", denial.received_how),
            policy_named=denial.policy_named,
            level=int(step) if step.isdigit() else 1,
            level_name=name,
            legal=None,
            act_by=None,
            time_rule=None,
            approved_before=denial.approved_before,
            earlier=_earlier(last),
        ),
        newest_clock(denial),
    )


def _timed(told: parts.DenialFacts, clock: Deadline | None) -> parts.DenialFacts:
    return replace(
        told,
        legal=clock.legal if clock else None,
        act_by=clock.act_by if clock else None,
        time_rule=clock.citation if clock else None,
        because=tuple(clock.because) if clock else (),
    )


def _is_newer(decided: Appeal, told: parts.DenialFacts) -> bool:
    """Whether the payer decided again after the notice on the denial, which staff may have noted there by hand."""
    return decided.decided_on is not None and decided.decided_on > told.notice_dated


def _answering(told: parts.DenialFacts, decided: Appeal) -> parts.DenialFacts:
    """Let the letter answer the last decision; the first notice becomes history, with its codes and its policy."""
    return replace(
        told,
        carcs=(),
        rarcs=(),
        quoted=decided.decision_words or "",
        notice_dated=decided.decided_on or told.notice_dated,
        notice_received=decided.decision_received_on,
        received_how=None,
        policy_named=None,
        first=parts.FirstNotice(dated=told.notice_dated, codes=told.codes, quoted=told.quoted),
    )


def disputed(known: LetterFacts, denial: Denial, book: Rulebook) -> LetterFacts:
    """Return the facts for the contract's own dispute: its last day, never that of the member's appeal."""
    if known.denial is None:
        return known
    name = "appeal" if ladders.no_member_route(denial, book) else DISPUTE
    told = replace(_timed(known.denial, newest_clock(denial, name)), level=1, level_name=ladders.CONTRACT["name"])
    return replace(known, denial=told)


def _printed_codes(denial: Denial) -> tuple[str, ...]:
    """A refused request carries no code of the payer's: the one on record is our own reading of it."""
    return tuple(denial.carcs) if denial.claim_id is not None else ()


def newest_clock(denial: Denial, name: str = "appeal") -> Deadline | None:
    """Return the clock of that name that runs, else the last one that ran; never one that runs beside it."""
    query = select(Deadline).where(Deadline.denial_id == denial.id, Deadline.clock == name, Deadline.part == "")
    return db.session.scalar(query.order_by(Deadline.stopped_at.is_not(None), Deadline.id.desc()).limit(1))


def _earlier(appeal: Appeal | None) -> tuple[parts.EarlierDecision, ...]:
    found: list[parts.EarlierDecision] = []
    while appeal is not None:
        if appeal.decided_on and appeal.filed_on:
            decision = parts.EarlierDecision(
                level_name=appeal.name,
                filed_on=appeal.filed_on,
                decided_on=appeal.decided_on,
                outcome=appeal.state.value.replace("_", " "),
                reasons=appeal.decision_words or "",
            )
            found.insert(0, decision)
        appeal = appeal.previous
    return tuple(found)
