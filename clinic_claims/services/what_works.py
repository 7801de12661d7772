"""What wins: the share of appeals won by argument, exhibit, path, payer, code and level, each with how many stand
behind it, drawn towards the clinic's own average while they are few; and where denials begin.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Text, case, cast, exists, func, select

from ..db import db
from ..domain import letters as composing
from ..domain.chances import Tally, chance
from ..domain.facts import LetterFacts
from ..domain.intervals import SMALL, percent, wilson
from ..domain.lifecycle import words
from ..domain.papers import Bar, Chart, Column, Paper, Section, Table
from ..models import Appeal, Denial, Event, Letter, Payer, PeerToPeer
from ..reading import Misread, from_json
from ..rulebook import Rulebook
from . import exposure
from .answering import category_name
from .chances import DECIDED, WON, history
from .deeds import Deed
from .denial_columns import ANSWERED, IS_WON, codes_in_words, from_denials
from .measures import Period

NEWEST = 1000  # letters read again for their arguments and exhibits
HALF = Tally(1, 2)  # what an average starts from before anything was decided
WEIGHT = 6  # cases that the average counts for
RATES = (
    Column("Won", "count", "Appeals overturned, wholly or in part."),
    Column("Decided", "count", "Appeals overturned, partly overturned, upheld or dismissed."),
    Column("Share won", "percent"),
    Column("95 % sure between", "text", "The Wilson interval of the share."),
    Column("Weighed", "percent", "The share drawn towards the average of all, which counts for six cases."),
    Column("Standing"),
)
Tallies = dict[str, Tally]


def paper(period: Period, deed: Deed, about: str) -> Paper:
    """Return the whole report."""
    book = deed.book
    arguments, exhibits = _from_letters(period, book)
    decided = _decided(period)
    parts: tuple[tuple[str, Tallies], ...] = (
        ("By payer", _by(decided, lambda row: row.payer)),
        ("By reason", _by(decided, lambda row: category_name(row.category, book))),
        ("By reason code", _by(decided, lambda row: codes_in_words(row.group, row.carcs) or "no code")),
        ("By level of appeal", _by(decided, lambda row: f"Level {row.level}")),
        ("By argument", arguments),
        ("By exhibit", exhibits),
        ("By path", _by_path(period)),
    )
    average = sum(parts[0][1].values(), Tally()) + HALF
    sections = [_section(title, tallies, average, number) for number, (title, tallies) in enumerate(parts)]
    return Paper(
        title="What works",
        about=about,
        sections=(*sections, _chances(book), _causes(period, book)),
        means=tuple((column.label, column.means) for column in (*RATES, *CAUSES) if column.means),
        slug="what-works",
    )


def _decided(period: Period) -> Sequence[Any]:
    """Count the appeals decided in the period by everything that stands on appeal and denial, in one look."""
    keys = (Payer.name.label("payer"), Denial.category, Denial.group, cast(Denial.carcs, Text).label("carcs"))
    won = case((Appeal.state.in_(WON), 1), else_=0).label("won")
    each = from_denials((*keys, Appeal.level, won), ("payer",)).join(Appeal, Appeal.denial_id == Denial.id)
    each = each.where(Appeal.state.in_(DECIDED), period.holds(Appeal.decided_on)).subquery()
    by = (each.c.payer, each.c.category, each.c.group, each.c.carcs, each.c.level)
    return db.session.execute(
        select(*by, func.sum(each.c.won).label("won"), func.count().label("n")).group_by(*by)
    ).all()


def _by(rows: Iterable[Any], say: Callable[[Any], str]) -> Tallies:
    """Tally the appeals by one thing that stands on them."""
    found: Tallies = {}
    for row in rows:
        found[say(row)] = found.get(say(row), Tally()) + Tally(int(row.won), row.n)
    return found


def _by_path(period: Period) -> Tallies:
    """Tally denials that were answered by the way that was taken."""
    resent = exists().where(Event.subject == "denial", Event.subject_id == Denial.id, Event.action == "correct")
    path = case(
        (exists().where(Appeal.denial_id == Denial.id), "Appeal"),
        (exists().where(PeerToPeer.denial_id == Denial.id), "Peer-to-peer call"),
        (resent, "Corrected claim"),
        else_="Nothing sent",
    )
    won = case((IS_WON, 1), else_=0)
    answered = Denial.state.in_(ANSWERED) | IS_WON
    each = select(path.label("path"), won.label("won")).where(answered, period.holds(Denial.denied_on)).subquery()
    rows = db.session.execute(select(each.c.path, func.sum(each.c.won), func.count()).group_by(each.c.path))
    return {name: Tally(int(wins), count) for name, wins, count in rows}


def _from_letters(period: Period, book: Rulebook) -> tuple[Tallies, Tallies]:
    """Tally arguments and exhibits of the newest letters whose appeals were decided."""
    last = select(func.max(Letter.id)).where(Letter.appeal_id.is_not(None)).group_by(Letter.appeal_id)
    query = (
        select(Letter.facts, Letter.kind, Appeal.chosen, Appeal.state)
        .join(Appeal, Appeal.id == Letter.appeal_id)
        .where(Letter.id.in_(last), Appeal.state.in_(DECIDED), period.holds(Appeal.decided_on))
        .order_by(Appeal.decided_on.desc(), Appeal.id.desc())
        .limit(NEWEST)
    )
    arguments: Tallies = {}
    exhibits: Tallies = {}
    for facts, kind, chosen, state in db.session.execute(query):
        result = Tally(int(state in WON), 1)
        if letter := _read(facts, kind, book):
            _add(arguments, (row.heading for row in letter.arguments if not chosen or row.id in chosen), result)
            _add(exhibits, (words(row.document.kind).capitalize() for row in letter.exhibits), result)
    return arguments, exhibits


def _read(facts: Mapping[str, Any], kind: str, book: Rulebook) -> composing.Letter | None:
    """Compose a letter again from the facts kept with it; None where they are of an older shape."""
    try:
        return composing.compose(from_json(facts, LetterFacts), book.letters, kind)
    except (Misread, KeyError):
        return None


def _add(tallies: Tallies, names: Iterable[str], result: Tally) -> None:
    for name in dict.fromkeys(names):
        tallies[name] = tallies.get(name, Tally()) + result


def _section(title: str, tallies: Tallies, average: Tally, number: int) -> Section:
    ordered = sorted(tallies.items(), key=lambda item: (-item[1].decided, item[0]))
    table = Table(
        name=title,
        columns=(Column(title.removeprefix("By ").capitalize()), *RATES),
        rows=[(name, *_rate(tally, average)) for name, tally in ordered],
        empty="No appeal was decided in this range.",
    )
    text = "Counted in denials that were answered, by the way that was taken." if title == "By path" else ""
    return Section(title=title, text=text, chart=_chart(title, ordered, number) if ordered else None, table=table)


def _rate(tally: Tally, average: Tally) -> tuple[Any, ...]:
    low, high = wilson(tally.won, tally.decided)
    weighed = (tally.won + WEIGHT * average.won / average.decided) / (tally.decided + WEIGHT)
    standing = "" if tally.decided >= SMALL else "few cases"
    between = f"{100 * low:.0f} and {100 * high:.0f} %"
    return tally.won, tally.decided, percent(tally.won, tally.decided), between, percent(weighed, 1), standing


def _chart(title: str, ordered: list[tuple[str, Tally]], number: int) -> Chart:
    return Chart(
        id=f"rate-{number}",
        kind="ranges",
        title=f"Share of appeals won, {title.lower()}",
        description="A dot for the share, a band for its 95 % interval; the table below holds the same figures.",
        whole="95 % interval",
        part="Share won",
        bars=tuple(_bars(ordered[:12])),
    )


def _bars(ordered: list[tuple[str, Tally]]) -> Iterator[Bar]:
    for name, tally in ordered:
        low, high = wilson(tally.won, tally.decided)
        shown = f"{tally.won} of {tally.decided}"
        yield Bar(label=name, value=100 * tally.won / tally.decided, shown=shown, low=100 * low, high=100 * high)


CHANCES = (
    Column("Reason"),
    Column("Treatment"),
    Column("Payer"),
    Column("Own cases", "count"),
    Column("Chance", "percent"),
    Column("95 % sure between"),
    Column("It rests on"),
)


def _chances(book: Rulebook) -> Section:
    """Tell the chance of the next denial of each kind that was decided before."""
    known = history(book)
    rows = []
    for category, treatment, payer in sorted(known.own):
        found = chance(category, treatment, payer, known)
        between = f"{100 * found.low:.0f} and {100 * found.high:.0f} %"
        told = (category_name(category, book), {"toxin": "Toxin", "mvd": "MVD"}[treatment], payer)
        rows.append((*told, found.n, percent(found.value, 1), between, found.words))
    text = "The chance of the next such denial: own results, starting from public decisions while they are few."
    return Section(title="Chances", text=text, table=Table(name="Chances", columns=CHANCES, rows=rows))


CAUSES = (
    Column("Reason"),
    Column("Begins at", "text", "The place in the clinic where such a denial begins."),
    Column("Denials", "count"),
    Column("Denied $", "money"),
    Column("Looked for", "count", "Denials whose codes say what the check before billing looks for."),
    Column("Looked for $", "money"),
    Column("Checks", "text", "The checks before billing that look for it."),
    Column("What stops it"),
)


def _causes(period: Period, book: Rulebook) -> Section:
    found = exposure.causes(period, book)
    rows = [
        (
            *(category_name(cause.category, book), cause.place, cause.denials, cause.amount, cause.caught),
            *(cause.caught_amount, ", ".join(cause.checks) or "–", cause.cure),
        )
        for cause in found
    ]
    denials, caught = sum(cause.denials for cause in found), sum(cause.caught for cause in found)
    dollars = [sum((getattr(cause, name) for cause in found), Decimal(0)) for name in ("amount", "caught_amount")]
    text = f"Of {denials} denials, {caught} are of a kind that the check before billing looks for." if denials else ""
    total = ("Total", "", denials, dollars[0], caught, dollars[1], "", "") if rows else None
    return Section(
        title="Where denials begin", text=text, table=Table(name="Causes", columns=CAUSES, rows=rows, total=total)
    )
