"""Open denials, work them, and settle them."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from ..db import db
from ..domain.lifecycle import CLAIM, DenialState
from ..domain.words import money
from ..models import Authorization, Claim, Denial, DenialLine, ServiceLine
from . import clocks, steps, strokes
from .deeds import Deed, Refused
from .history import record
from .readiness import SETTLED, is_granted
from .sorting import read

NOTICE = ("notice_dated_on", "notice_sent_on", "notice_received_on", "received_how", "printed_deadline")

# Two days of a notice, the earlier first, and what to say when they are the wrong way round.
DISORDER = (
    ("notice_dated_on", "notice_received_on", "The notice cannot be received before the date printed on it."),
    ("notice_dated_on", "notice_sent_on", "The notice cannot be sent before the date printed on it."),
    ("notice_sent_on", "notice_received_on", "The notice cannot be received before it was sent."),
    ("notice_dated_on", "printed_deadline", "The last day printed cannot lie before the date of the notice."),
)
AHEAD = {
    "denied_on": "The day of the decision lies in the future.",
    "notice_dated_on": "The date of the notice lies in the future: check the year.",
    "notice_sent_on": "The day the notice was sent lies in the future.",
    "notice_received_on": "The day of receipt lies in the future.",
}

NOTED = {
    "notice_dated_on": "its date",
    "notice_sent_on": "day sent",
    "notice_received_on": "day received",
    "received_how": "how it came",
    "printed_deadline": "last day printed",
    "reason_quoted": "reason word for word",
    "policy_named": "policy named",
}


def month_of(day: date) -> int:
    """Return the report's month key: 202611 for any day of November 2026."""
    return day.year * 100 + day.month


def open_denial(
    subject: Claim | Authorization,
    deed: Deed,
    *,
    group: str | None,
    carcs: Iterable[str],
    rarcs: Iterable[str] = (),
    amount: Decimal,
    denied_on: date,
    lines: Iterable[tuple[ServiceLine, Decimal]] = (),
    **more: Any,
) -> Denial:
    """Put a denial on record, read its codes by the rulebook and start its clocks.

    `more` holds what the notice says, and the key of the payment that brought it. A remittance can name a day to come,
    on which its money moves: as a notice it counts from the day it is in hand.
    """
    _count_from_today(more, deed)
    approved = _approved_before(subject)
    carcs, rarcs = list(carcs), list(rarcs)
    reading = read(deed.book.denial_codes, group or "", carcs, rarcs, approved_before=approved)
    denial = Denial(
        **{subject.__tablename__: subject, f"{subject.__tablename__}_id": subject.id},
        group=group,
        carcs=carcs,
        rarcs=rarcs,
        category=reading.category,
        remedy=reading.remedy,
        approved_before=approved,
        amount=amount,
        recovered=Decimal(0),
        denied_on=denied_on,
        month=month_of(denied_on),
        owner_id=subject.owner_id,
        created_at=deed.at,
        **more,
    )
    denial.lines = [DenialLine(line=line, amount=refused) for line, refused in lines]
    what = denial.codes or "no reason code"
    record(denial, "open_denial", deed, sentence=f"Denied: {what}.", reached="open", amount=amount)
    strokes.hang(denial.lines)
    clocks.start_denial(denial, deed)
    return denial


def _count_from_today(notice: dict[str, Any], deed: Deed) -> None:
    if _is_before(deed.today, notice.get("notice_dated_on")):
        notice["notice_dated_on"] = deed.today


def read_anew(
    denial: Denial,
    deed: Deed,
    *,
    told: str,
    group: str | None,
    carcs: Iterable[str],
    rarcs: Iterable[str],
    amount: Decimal,
    lines: Iterable[tuple[ServiceLine, Decimal]],
    **more: Any,
) -> None:
    """Put the payer's newer answer in place of the one a denial was opened with; its clocks start anew.

    `told` is the sentence of the history, which keeps the earlier answer; the denial keeps its day and its work.
    """
    names = ("group", "carcs", "rarcs", "amount", *NOTICE)
    before = {name: getattr(denial, name) for name in names}
    reading = read(
        deed.book.denial_codes, group or "", list(carcs), list(rarcs), approved_before=denial.approved_before
    )
    given = {"group": group, "carcs": list(carcs), "rarcs": list(rarcs), "amount": amount}
    _count_from_today(more, deed)
    news = dict.fromkeys(NOTICE) | given | {"category": reading.category, "remedy": reading.remedy, **more}
    for name, value in news.items():
        setattr(denial, name, value)
    denial.lines = [DenialLine(line=line, amount=refused) for line, refused in lines]
    record(denial, "read_anew", deed, sentence=told, before=before, codes=denial.codes, amount=amount)
    if denial.state == DenialState.CORRECTING:
        move(denial, "resume", deed, reason="The payer answered the corrected claim.")
    else:
        clocks.start_denial(denial, deed)


def log(subject: Claim | Authorization, deed: Deed, **told: Any) -> Denial:
    """Log a denial by hand, from a letter or a call; a claim that waited for its answer becomes denied.

    Raises Refused when the very same denial is on record already, or for days that no notice can have.
    """
    _refuse_disorder(told, deed, told)
    if before := _same(subject, told):
        raise Refused(f"This denial is on record already: {before.reference}.")
    denial = open_denial(subject, deed, **told)
    if isinstance(subject, Claim):
        action = "post_part_payment" if subject.paid > 0 else "post_denial"
        if any(step.action == action and subject.state in step.leaves for step in CLAIM.steps):
            steps.take(subject, action, deed, reason=f"Logged by hand as {denial.reference}.")
    return denial


def _same(subject: Claim | Authorization, told: dict[str, Any]) -> Denial | None:
    """Find a denial of that record with the same day, dollars and codes."""
    column = Denial.claim_id if isinstance(subject, Claim) else Denial.authorization_id
    query = select(Denial).where(
        column == subject.id, Denial.denied_on == told["denied_on"], Denial.amount == told["amount"]
    )
    found = db.session.scalars(query.order_by(Denial.id))
    return next((row for row in found if row.carcs == list(told["carcs"])), None)


def _approved_before(subject: Claim | Authorization) -> bool:
    """An approval was on file and the service was billed under it."""
    return isinstance(subject, Claim) and is_granted(subject.authorization)


def of_authorization(authorization: Authorization, deed: Deed, **notice: Any) -> Denial:
    """Open the denial of a request for approval; money at risk is what a linked claim would bill."""
    charged = db.session.scalar(select(Claim.charged).where(Claim.authorization_id == authorization.id)) or Decimal(0)
    decided = authorization.decided_on or deed.today
    given: dict[str, Any] = {"notice_dated_on": decided, "reason_quoted": authorization.decision_reason, **notice}
    return open_denial(authorization, deed, group=None, carcs=["39"], amount=charged, denied_on=decided, **given)


def note_notice(denial: Denial, deed: Deed, **fields: Any) -> None:
    """Note what the payer's notice says: its dates, its words, the policy it names. Restarts its clocks.

    Raises Refused for dates out of order or a settled denial.
    """
    if denial.state in SETTLED:
        raise Refused("This denial is settled; its notice no longer changes.")
    before = {name: getattr(denial, name) for name in fields}
    for name, value in fields.items():
        setattr(denial, name, value)
    changed = {name: [before[name], value] for name, value in fields.items() if before[name] != value}
    _refuse_disorder({name: getattr(denial, name) for name in NOTICE}, deed, changed)
    told = ", ".join(NOTED[name] for name in fields if name in changed) or "nothing new"
    record(denial, "note_notice", deed, sentence=f"Notice noted: {told}.", changed=changed)
    if changed.keys() & set(NOTICE):
        for clock in {deadline.clock for deadline in clocks.ladders.running(denial)}:
            clocks.start(denial, clock, deed)


def _refuse_disorder(told: Mapping[str, Any], deed: Deed, given: Iterable[str]) -> None:
    """Refuse days of a notice that no notice can have; a day that lies ahead only where somebody just gave it."""
    found = [sentence for one, other, sentence in DISORDER if _is_before(told.get(other), told.get(one))]
    ahead = [name for name in given if name in AHEAD and _is_before(deed.today, told.get(name))]
    if found or ahead:
        raise Refused(*found, *(AHEAD[name] for name in ahead))


def _is_before(one: date | None, other: date | None) -> bool:
    return one is not None and other is not None and one < other


def move(denial: Denial, action: str, deed: Deed, *, reason: str | None = None, **given: Any) -> None:
    """Take a step; a write-off takes two people, and a settled denial notes the day."""
    if action == "propose_write_off":
        denial.write_off_by = deed.actor
    if action == "sign_write_off":
        denial.signed_off_by = deed.actor
    steps.take(denial, action, deed, reason=reason, **given)
    if action == "refuse_write_off":
        denial.write_off_by = None  # once it is no longer proposed: until then a proposal names its proposer
    clocks.follow_denial(denial, action, deed)
    if denial.state in SETTLED:
        clocks.stop(denial, None, deed)
        denial.settled_on = deed.today
    if denial.state == DenialState.OVERTURNED and denial.claim_id is None:
        denial.settled_otherwise = denial.amount - denial.recovered  # an approval brings none by itself: its claims do


def recover(denial: Denial, amount: Decimal, deed: Deed, *, source: str, done: bool = False) -> None:
    """Credit money that came for a denial in work; paid in full, or as much as can be (`done`), it is overturned."""
    whole = done or denial.recovered + amount >= denial.amount
    if whole and denial.state == DenialState.WRITE_OFF_PROPOSED:
        move(denial, "refuse_write_off", deed, reason="The payer paid.")
    count(denial, amount, deed, source=source)
    if whole:
        move(denial, "note_overturned", deed, reason=f"Source: {source}.")
    elif denial.state not in (DenialState.PARTLY_OVERTURNED, DenialState.WRITE_OFF_PROPOSED):
        move(denial, "note_partly", deed, reason=f"Source: {source}.")


def count(denial: Denial, amount: Decimal, deed: Deed, *, source: str) -> None:
    """Add dollars to what a denial has won back, or take away those that the payer took back; no state changes."""
    if not amount:
        return
    before, denial.recovered = denial.recovered, denial.recovered + amount
    left = f"Of {money(before)} won back, {money(denial.recovered)} is left after {source}."
    told = f"{money(amount)} won back by {source}." if amount > 0 else left
    record(denial, "count_won_back", deed, sentence=told, changed=[before, denial.recovered])
