"""How a payer behaves, for a contract talk or a complaint: late answers, missing reasons, denials that did not hold,
approvals that were broken. Every figure with the dates and the proof behind it.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import Text, case, cast, func, select

from ..db import db
from ..domain.intervals import SMALL, wilson
from ..domain.papers import Column, Paper, Ref, Section, Table
from ..models import Authorization, Claim, Denial, Payer
from ..rulebook import Rulebook
from . import broken_approvals, late_answers
from .deeds import Deed
from .denial_columns import ANSWERED, IS_WON, from_denials
from .measures import Period

MOST = 300
LATE = (
    Column("Record"),
    Column("Clock"),
    Column("Asked on", "day"),
    Column("Proof", "text", "How it can be shown that and when the payer was asked."),
    Column("Answer due", "day", "The last lawful day for the payer's answer, by the clock named."),
    Column("Answered on", "day"),
    Column("Days late", "count"),
    Column("Law or contract", "text", "What binds the payer to that day, and how surely we read it."),
)
UNREASONED = (
    Column("Denied on", "day"),
    Column("Denial"),
    Column("Claim"),
    Column("What it said"),
    Column("What is missing"),
    Column("Denied $", "money"),
)
OVERTURNED = (
    Column("Denied on", "day"),
    Column("Denial"),
    Column("Claim"),
    Column("Denied for"),
    Column("Decided on", "day"),
    Column("Won back $", "money"),
)
SUMMARY = (
    Column("What"),
    Column("Count", "count"),
    Column("Of", "count"),
    Column("Share", "percent"),
    Column("95 % sure between"),
)


def payers() -> list[str]:
    """Return every payer on record, by name."""
    return list(db.session.scalars(select(Payer.name).order_by(Payer.name)))


def paper(payer: str, period: Period, deed: Deed, about: str) -> Paper:
    """Return the scorecard of one payer."""
    broken = list(broken_approvals.cases(period, deed, payer))
    unreasoned = list(_unreasoned(payer, period, deed.book))
    answers = list(late_answers.late(period, deed.today, payer))
    sections = (
        Section(title="In short", table=_summary(payer, period, deed, unreasoned)),
        Section(
            title="Late answers",
            text="Answers that came after the last lawful day, or have not come yet, the longest first.",
            table=Table(name="Late answers", columns=LATE, rows=[_late(row) for row in answers], empty="None."),
        ),
        Section(
            title="Approvals broken",
            text="Services that were denied although an approval was on file.",
            table=Table(
                name="Approvals broken",
                columns=broken_approvals.CASES,
                rows=[broken_approvals.case_cells(case) for case in broken],
                empty="None.",
            ),
        ),
        Section(
            title="Reasons missing",
            text="Denials that do not say, in codes or words, what was wrong.",
            table=Table(name="Reasons missing", columns=UNREASONED, rows=unreasoned, empty="None."),
        ),
        Section(
            title="Denials that did not hold",
            text="Denials overturned or paid after all, wholly or in part.",
            table=Table(name="Overturned", columns=OVERTURNED, rows=list(_overturned(payer, period)), empty="None."),
        ),
    )
    columns = (*LATE, *broken_approvals.CASES)
    return Paper(
        title=f"Scorecard: {payer}",
        about=about,
        sections=sections,
        means=tuple((column.label, column.means) for column in columns if column.means),
        slug="payer-scorecard",
    )


def _summary(payer: str, period: Period, deed: Deed, unreasoned: list[Any]) -> Table:
    score = next(iter(late_answers.scores(period, deed.today, payer)), None)
    denials, answered, won, approved = _counts(payer, period)
    rows = [
        _share("Answers late, of those owed", score.late if score else 0, score.owed if score else 0),
        _share("Denials overturned, of those answered", won, answered),
        _share("Denials of approved services, of all denials", approved, denials),
        _share("Denials without a reason, of all denials", len(unreasoned), denials),
    ]
    return Table(name="In short", columns=SUMMARY, rows=rows)


def _counts(payer: str, period: Period) -> tuple[int, int, int, int]:
    answered = Denial.state.in_(ANSWERED) | IS_WON
    counts = (
        func.count(),
        func.count(case((answered, 1))),
        func.count(case((IS_WON, 1))),
        func.count(case((Denial.approved_before & Denial.claim_id.is_not(None), 1))),
    )
    query: Any = from_denials(counts, ("payer",)).where(Payer.name == payer, period.holds(Denial.denied_on))
    found: Any = db.session.execute(query).one()
    return tuple(found)


def _share(what: str, part: int, whole: int) -> tuple[Any, ...]:
    if not whole:
        return what, part, whole, None, "nothing to count"
    low, high = wilson(part, whole)
    few = ", few cases" if whole < SMALL else ""
    return what, part, whole, Decimal(100 * part) / whole, f"{100 * low:.0f} and {100 * high:.0f} %{few}"


def _late(row: late_answers.Answer) -> tuple[Any, ...]:
    read = "" if row.confidence == "verified" else f" ({row.confidence.replace('_', ' ')})"
    return row.record, row.clock, row.asked_on, row.proof, row.due, row.on, row.late, f"{row.citation}{read}"


_CELLS = (
    Denial.id, Denial.denied_on, Denial.group, Denial.carcs, Denial.rarcs, Denial.amount, Denial.recovered,
    Denial.settled_on, Denial.reason_quoted, Claim.id.label("claim"), Claim.number, Authorization.id.label("request"),
)  # fmt: skip


def _unreasoned(payer: str, period: Period, book: Rulebook) -> Iterator[tuple[Any, ...]]:
    """Yield denials whose codes say nothing specific and whose notice gives no words either."""
    needing = [code for code, carc in book.denial_codes.carcs.items() if carc.needs_remark]
    wanted = cast(Denial.carcs, Text).in_([json.dumps([code]) for code in needing] + ["[]"])
    query = from_denials(_CELLS, ("payer",)).where(Payer.name == payer, period.holds(Denial.denied_on), wanted)
    silent = query.where(cast(Denial.rarcs, Text) == "[]", func.coalesce(Denial.reason_quoted, "") == "")
    for row in db.session.execute(silent.order_by(Denial.denied_on.desc(), Denial.id.desc()).limit(MOST)):
        missing = "the remark code that this reason asks for" if row.carcs else "any reason"
        yield row.denied_on, _denial(row), _about(row), _codes(row) or "no code", missing, row.amount


def _overturned(payer: str, period: Period) -> Iterator[tuple[Any, ...]]:
    query = from_denials(_CELLS, ("payer",)).where(Payer.name == payer, period.holds(Denial.denied_on), IS_WON)
    for row in db.session.execute(query.order_by(Denial.denied_on.desc(), Denial.id.desc()).limit(MOST)):
        yield row.denied_on, _denial(row), _about(row), _codes(row), row.settled_on, row.recovered


def _denial(row: Any) -> Ref:
    return Ref("denial", row.id, f"DEN-{row.id:05d}")


def _about(row: Any) -> Ref:
    if row.claim:
        return Ref("claim", row.claim, row.number)
    return Ref("authorization", row.request, f"AUTH-{row.request:05d}")


def _codes(row: Any) -> str:
    return " · ".join([*(f"{row.group}-{carc}" if row.group else carc for carc in row.carcs), *row.rarcs])
