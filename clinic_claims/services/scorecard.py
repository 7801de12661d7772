"""How a payer behaves, for a contract talk or a complaint: late answers, missing reasons, denials that did not hold,
approvals that were broken. Every figure with the dates and the proof behind it.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Text, cast, func, select

from ..db import db
from ..domain.intervals import SMALL, percent, wilson
from ..domain.papers import Column, Paper, Ref, Section, Table
from ..models import Authorization, Claim, Denial, Payer
from ..rulebook import Rulebook
from . import broken_approvals, late_answers
from .deeds import Deed
from .denial_columns import ANSWERED, DECIDED_ON, IS_WON, from_denials
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
LISTS = {
    "Late answers": "Answers that came after the last lawful day, or have not come yet, the longest first.",
    "Approvals broken": "Services that were denied although an approval was on file.",
    "Reasons missing": "Denials that do not say, in codes or words, what was wrong.",
    "Denials that did not hold": "Denials overturned or paid after all, wholly or in part.",
}
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
    score = next(iter(late_answers.scores(period, deed.today, payer)), late_answers.Score(payer, 0, 0, 0))
    counts = _counts(payer, period, deed.book)
    columns = (*LATE, *broken_approvals.CASES)
    return Paper(
        title=f"Scorecard: {payer}",
        about=about,
        sections=(
            Section(title="In short", table=_summary(score, counts)),
            _late_answers(payer, period, deed, score.late),
            _broken(payer, period, deed, counts.approved),
            _list("Reasons missing", UNREASONED, list(_unreasoned(payer, period, deed.book)), counts.silent),
            _list("Denials that did not hold", OVERTURNED, list(_overturned(payer, period)), counts.won),
        ),
        means=tuple((column.label, column.means) for column in columns if column.means),
        slug="payer-scorecard",
    )


def _late_answers(payer: str, period: Period, deed: Deed, every: int) -> Section:
    return _list("Late answers", LATE, [_late(row) for row in late_answers.late(period, deed.today, payer)], every)


def _broken(payer: str, period: Period, deed: Deed, every: int) -> Section:
    """List the cases without the payer, who is the same in all."""
    place = next(place for place, column in enumerate(broken_approvals.CASES) if column.label == "Payer")
    rows = [broken_approvals.case_cells(case) for case in broken_approvals.cases(period, deed, payer)]
    columns, *kept = (cells[:place] + cells[place + 1 :] for cells in (broken_approvals.CASES, *rows))
    return _list("Approvals broken", columns, kept, every)


def _list(title: str, columns: tuple[Column, ...], rows: list[Any], every: int) -> Section:
    """Return a list that says how many more there are than it shows."""
    more = f" Shown are {len(rows)} of {every:,}." if every > len(rows) else ""
    table = Table(name=title, columns=columns, rows=rows, empty="None.")
    return Section(title=title, text=f"{LISTS[title]}{more}", table=table)


def _summary(score: late_answers.Score, counts: "_Counts") -> Table:
    rows = [
        _share("Answers late, of those owed", score.late, score.owed),
        _share("Denials overturned, of those answered", counts.won, counts.answered),
        _share("Denials of approved services, of all denials", counts.approved, counts.denials),
        _share("Denials without a reason, of all denials", counts.silent, counts.denials),
    ]
    return Table(name="In short", columns=SUMMARY, rows=rows)


class _Counts(NamedTuple):
    """Denials of the payer: all, those answered, won, of approved services, and those that give no reason."""

    denials: int
    answered: int
    won: int
    approved: int
    silent: int


def _counts(payer: str, period: Period, book: Rulebook) -> _Counts:
    conditions = (
        Denial.state.in_(ANSWERED) | IS_WON,
        IS_WON,
        Denial.approved_before & Denial.claim_id.is_not(None),
        _says_nothing(book),
    )
    counts = (func.count(), *(func.count().filter(condition) for condition in conditions))
    query: Any = from_denials(counts, ("payer",), most=True).where(Payer.name == payer, period.holds(Denial.denied_on))
    return _Counts(*db.session.execute(query).one())


def _share(what: str, part: int, whole: int) -> tuple[Any, ...]:
    if not whole:
        return what, part, whole, None, "nothing to count"
    low, high = wilson(part, whole)
    few = ", few cases" if whole < SMALL else ""
    return what, part, whole, percent(part, whole), f"{100 * low:.0f} and {100 * high:.0f} %{few}"


def _late(row: late_answers.Answer) -> tuple[Any, ...]:
    read = "" if row.confidence == "verified" else f" ({row.confidence.replace('_', ' ')})"
    return row.record, row.clock, row.asked_on, row.proof, row.due, row.on, row.late, f"{row.citation}{read}"


_CELLS = (
    Denial.id, Denial.denied_on, Denial.group, Denial.carcs, Denial.rarcs, Denial.amount, Denial.recovered,
    DECIDED_ON.label("decided_on"), Denial.reason_quoted, Claim.id.label("claim"), Claim.number,
    Authorization.id.label("request"),
)  # fmt: skip


def _says_nothing(book: Rulebook) -> Any:
    """Match denials whose codes say nothing specific and whose notice gives no words either."""
    needing = [code for code, carc in book.denial_codes.carcs.items() if carc.needs_remark]
    vague = cast(Denial.carcs, Text).in_([json.dumps([code]) for code in needing] + ["[]"])
    return vague & (cast(Denial.rarcs, Text) == "[]") & (func.coalesce(Denial.reason_quoted, "") == "")


def _unreasoned(payer: str, period: Period, book: Rulebook) -> Iterator[tuple[Any, ...]]:
    query = from_denials(_CELLS, ("payer",)).where(Payer.name == payer, period.holds(Denial.denied_on))
    silent = query.where(_says_nothing(book))
    for row in db.session.execute(silent.order_by(Denial.denied_on.desc(), Denial.id.desc()).limit(MOST)):
        missing = "the remark code that this reason asks for" if row.carcs else "any reason"
        yield row.denied_on, _denial(row), _about(row), _codes(row) or "no code", missing, row.amount


def _overturned(payer: str, period: Period) -> Iterator[tuple[Any, ...]]:
    query = from_denials(_CELLS, ("payer",)).where(Payer.name == payer, period.holds(Denial.denied_on), IS_WON)
    for row in db.session.execute(query.order_by(Denial.denied_on.desc(), Denial.id.desc()).limit(MOST)):
        yield row.denied_on, _denial(row), _about(row), _codes(row), row.decided_on, row.recovered


def _denial(row: Any) -> Ref:
    return Ref("denial", row.id, f"DEN-{row.id:05d}")


def _about(row: Any) -> Ref:
    if row.claim:
        return Ref("claim", row.claim, row.number)
    return Ref("authorization", row.request, f"AUTH-{row.request:05d}")


def _codes(row: Any) -> str:
    return " · ".join([*(f"{row.group}-{carc}" if row.group else carc for carc in row.carcs), *row.rarcs])
