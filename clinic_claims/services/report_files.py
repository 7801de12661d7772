"""The denied-claims report as a paper, and in each of its forms: terminal, CSV, JSON, workbook, PDF."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from ..domain import words
from ..domain.papers import Bar, Chart, Column, Paper, Section, Table
from ..rulebook import Rulebook
from .answering import category_name
from .deeds import Deed
from .denial_columns import DIMENSIONS
from .denial_filters import covered
from .paper_files import json_parts, laid_out, plain, to_pdf, to_xlsx
from .reports import Filters, Group, Report, Row, csv_lines, empty_group, lines

MOST_BARS = 12
MOST_MONTHS = 24
MOST_PRINTED = 500  # groups, and denials, in a PDF; the other forms hold all
ROW = Row._fields
SUMS = (
    Column("Denials", "count", "How many denials the row counts."),
    Column("Won", "count", "How many of them were overturned or brought money back, wholly or in part."),
    Column("Denied $", "money", "Dollars the payer refused."),
    Column(
        "Won back $", "money", "Money that came for what was denied, by correction or appeal, and was not taken back."
    ),
    Column("Written off $", "money", "Dollars given up for good, signed by two people."),
    Column(
        "Otherwise $",
        "money",
        "Dollars moved to the patient, or settled without money: by an approval, a write-down or a newer denial.",
    ),
    Column("Open $", "money", "Dollars still in dispute: denied less won back, written off and settled otherwise."),
)
LINES = (
    Column("Denied on", "day", "The day of the payer's decision: the remittance date, or the date on the notice."),
    Column("Denial", "text", "Our number of the denial. One claim may have several."),
    Column("Claim", "text", "Claim number as billed, or our number of the request that was denied."),
    Column("Patient"),
    Column("Payer"),
    Column("Plan"),
    Column("Plan class", "text", "Which law binds the plan, and so every clock."),
    Column("Treatment", "text", "Botulinum toxin or MVD surgery, from the treatment case."),
    Column("Condition"),
    Column("Reason", "text", "Why it was denied, read from the adjustment and remark codes by the rulebook."),
    Column("Reason code", "text", "Group and claim adjustment reason codes (CARC) as sent."),
    Column("Remarks", "text", "Remittance advice remark codes (RARC) as sent."),
    Column("Approval before", "text", "Whether an approval was on file when the service was billed."),
    Column("State", "text", "Where the work on the denial stands today."),
    Column("Level of appeal", "text", "The newest level of appeal that was started."),
    Column("Provider"),
    Column("Facility"),
    Column("Owner", "text", "Whose work it is."),
    Column("Service on", "day"),
    Column("Decided on", "day", "The day of the newest decision on an appeal, else the day the denial was settled."),
    Column("Denied $", "money"),
    Column("Won back $", "money"),
    Column("Written off $", "money"),
    Column("Open $", "money"),
)


def group_words(name: str, value: str, book: Rulebook) -> str:
    """Write the value of a group in words."""
    match name:
        case "category":
            return category_name(value, book)
        case "plan_class":
            found = book.clocks.find_class(value)
            return found.name if found else value.replace("_", " ")
        case "state" | "condition":
            return value.replace("_", " ").capitalize()
        case "month":
            return words.month(date.fromisoformat(f"{value}-01"))
        case "level":
            return "No appeal" if value == "none" else f"Level {value}"
        case "approved_before":
            return value.capitalize()
        case _:
            return value


def group_label(report: Report, group: Group, book: Rulebook) -> str:
    """Write all values of a group in one line."""
    return " · ".join(values_in_words(report, group, book)) or "All"


def values_in_words(report: Report, group: Group, book: Rulebook) -> list[str]:
    """Write each value of a group."""
    return [group_words(name, value, book) for name, value in zip(report.group_by, group.values, strict=True)]


def covered_in_words(filters: Filters, book: Rulebook) -> str:
    """Say in words what a report covers."""
    return covered(filters, lambda name, value: group_words(name, value, book))


def sums_of(group: Group) -> tuple[Any, ...]:
    """Return the figures of a group in the order of SUMS."""
    money = (group.denied, group.recovered, group.written_off, group.otherwise, group.open)
    return group.denials, group.overturned, *money


def chart(report: Report, book: Rulebook) -> Chart:
    """Draw dollars denied by group, the part won back darker; months stand in their order."""
    by_month = report.group_by == ("month",)
    groups = without_gaps(report.groups)[-MOST_MONTHS:] if by_month else list(report.groups[:MOST_BARS])
    more = len(report.groups) - sum(group.denials > 0 for group in groups)
    which = f"last {MOST_MONTHS} months" if by_month else f"{len(groups)} largest of {len(report.groups)} groups"
    rest = f" The {which}." if more > 0 else ""
    return Chart(
        id="denied-chart",
        kind="columns" if by_month else "bars",
        title="Dollars denied, and won back",
        description=f"The table below holds the same figures.{rest}",
        whole="Denied",
        part="Won back",
        bars=tuple(_bar(group_label(report, group, book), group.denied, group.recovered) for group in groups),
    )


def without_gaps(groups: Sequence[Group]) -> list[Group]:
    """Return groups by month in their order, with the months between that had no denial: time passes evenly."""
    known = {group.values[0]: group for group in groups}
    if not known:
        return []
    first, last = (date.fromisoformat(f"{end}-01") for end in (min(known), max(known)))
    months = range(12 * first.year + first.month - 1, 12 * last.year + last.month)
    names = [f"{month // 12}-{month % 12 + 1:02d}" for month in months]
    return [known.get(name) or empty_group(name) for name in names]


def _bar(label: str, denied: Decimal, recovered: Decimal) -> Bar:
    shown = (f"${denied:,.0f}", f"${recovered:,.0f}" if recovered else "")
    return Bar(label=label, value=float(denied), part=float(recovered), shown=shown[0], part_shown=shown[1])


def summary(report: Report, book: Rulebook, most: int | None = None) -> Table:
    """Return groups, at most so many, and the total of all."""
    keys = tuple(Column(DIMENSIONS[name].label) for name in report.group_by) or (Column("Group"),)
    rows = [(*(values_in_words(report, group, book) or ["All"]), *sums_of(group)) for group in report.groups[:most]]
    total = ("Total", *[None] * (len(keys) - 1), *sums_of(report.total))
    return Table(name="Summary", columns=(*keys, *SUMS), rows=rows, total=total, empty="No denial in this range.")


def _line(row: Row, book: Rulebook) -> tuple[Any, ...]:
    say = {name: group_words(name, getattr(row, name), book) for name in ("category", "plan_class", "state", "level")}
    return (
        row.denied_on, row.reference, row.claim, row.patient, row.payer, row.plan, say["plan_class"], row.treatment,
        row.condition, say["category"], row.code, row.remarks, row.approved_before, say["state"], say["level"],
        row.provider, row.facility, row.owner, row.service_on, row.decided_on, row.denied, row.recovered,
        row.written_off, row.open,
    )  # fmt: skip


PRINTED = (0, 1, 2, 3, 4, 10, 13, 20, 21, 23)  # columns of LINES that fit on paper


def paper(report: Report, book: Rulebook) -> Paper:
    """Return the report with every line."""
    rows = (_line(row, book) for row in lines(report))
    return _paper(report, book, Table(name="Denials", columns=LINES, rows=rows))


def printed_paper(report: Report, book: Rulebook) -> Paper:
    """Return the report with the lines and columns that fit on paper."""
    rows = [tuple(_line(row, book)[place] for place in PRINTED) for row in lines(report, limit=MOST_PRINTED)]
    text = _cut("newest", len(rows), report.total.denials)
    table = Table(name="Denials", columns=tuple(LINES[place] for place in PRINTED), rows=rows)
    return _paper(report, book, table, text, MOST_PRINTED)


def _cut(which: str, shown: int, every: int) -> str:
    return f"The {which} {shown} of {every:,}; the workbook holds all." if shown < every else ""


def _paper(report: Report, book: Rulebook, table: Table, text: str = "", most: int | None = None) -> Paper:
    by = ", ".join(DIMENSIONS[name].label.lower() for name in report.group_by)
    means = tuple((column.label, column.means) for column in (*SUMS, *LINES) if column.means)
    first = Section(
        title=f"By {by}" if by else "In all",
        text=_cut("first", most, len(report.groups)) if most else "",
        chart=chart(report, book) if report.groups else None,
        table=summary(report, book, most),
    )
    return Paper(
        title="Denied claims",
        about=f"{covered_in_words(report.filters, book)}.",
        sections=(first, Section(title="Denials", text=text, table=table)),
        means=means,
        slug="denied-claims",
    )


def to_text(report: Report, book: Rulebook) -> str:
    """Lay the groups out for a terminal."""
    return laid_out(covered_in_words(report.filters, book), summary(report, book))


def to_csv(report: Report) -> Iterator[str]:
    """Write the lines as CSV in parts; no cell can start a formula."""
    return csv_lines(report)


def to_json(report: Report) -> Iterator[str]:
    """Write filters, groups, rows, one a line, and total, with ISO dates and money strings."""
    head = {
        "filters": {name: plain(value) for name, value in asdict(report.filters).items()},
        "group_by": list(report.group_by),
        "groups": [_named(group, report.group_by) for group in report.groups],
    }
    total = json.dumps(_named(report.total, ()), ensure_ascii=False)
    yield json.dumps(head, indent=1, ensure_ascii=False).removesuffix("\n}") + ',\n "rows": '
    yield from json_parts(dict(zip(ROW, map(plain, row), strict=True)) for row in lines(report))
    yield f',\n "total": {total}\n}}\n'


def _named(group: Group, group_by: Sequence[str]) -> dict[str, Any]:
    names = ("denials", "overturned", "denied", "recovered", "written_off", "otherwise", "open")
    sums = {name: plain(getattr(group, name)) for name in names}
    return dict(zip(group_by, group.values, strict=True)) | sums


FORMS: dict[str, Callable[[Report, Deed], Iterable[bytes]]] = {
    "table": lambda report, deed: [to_text(report, deed.book).encode()],
    "csv": lambda report, deed: map(str.encode, to_csv(report)),
    "json": lambda report, deed: map(str.encode, to_json(report)),
    "xlsx": lambda report, deed: to_xlsx(paper(report, deed.book)),
    "pdf": lambda report, deed: [to_pdf(printed_paper(report, deed.book), deed)],
}
"""Each form of the report, as the parts of a file: the next is made when the one before has been sent."""
