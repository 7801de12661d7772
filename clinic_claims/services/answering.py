"""What a denial says, in plain words, and how it may be answered: codes, contradictions, ways, and every clock."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..calendars import federal_holiday
from ..domain import deadlines
from ..domain import denials as codes
from ..domain.deadlines import Case, Contest
from ..domain.denial_checks import contradictions
from ..domain.denial_reading import UNCLASSIFIED, Reading
from ..domain.denial_routes import Standing, Way, ways
from ..domain.payer_classes import Level, amount_in_controversy
from ..models import Authorization, Claim, Denial
from ..rulebook import Rulebook
from . import clocks, ladders
from .deeds import Deed


@dataclass(frozen=True, kw_only=True)
class CodeWords:
    """One code of the denial, in the rulebook's own short words; empty where the rulebook does not know it."""

    code: str
    words: str
    note: str = ""
    confidence: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Everything one page says of a denial."""

    reading: Reading
    category: str
    meaning: str
    codes: tuple[CodeWords, ...]
    contradictions: tuple[str, ...]
    ways: tuple[Way, ...]
    levels: dict[str, Level]
    contest: Contest


def answer(denial: Denial, book: Rulebook) -> Answer:
    """Read a denial by the rulebook and find every way to answer it."""
    reading = codes.read(
        book.denial_codes, denial.group or "", denial.carcs, denial.rarcs, approved_before=denial.approved_before
    )
    category = book.denial_codes.categories.get(denial.category)
    found = ways(book.denial_routes.values(), reading, _class_of(denial, book), _standing(denial))
    return Answer(
        reading=reading,
        category=category.name if category else "Not classified",
        meaning=category.meaning if category else reading.plain,
        codes=tuple(_in_words(denial, book)),
        contradictions=contradictions(book.denial_codes, reading, denial.reason_quoted or ""),
        ways=found,
        levels={way.level: step for way in found if way.level and (step := book.clocks.levels.get(way.level))},
        contest=appeal_clocks(denial, book),
    )


def appeal_clocks(denial: Denial, book: Rulebook) -> Contest:
    """Return what every source says of the time to appeal, and which of them is acted on."""
    for running in ladders.running(denial, "appeal"):
        if heard := clocks.sources_of(running, book):
            return heard
    level = ladders.level_to_file(denial, book)
    plan, notice = denial.subject.coverage.plan, clocks.notice_of(denial)
    case = Case(payer_class=plan.payer_class, level=level.level if level else "", state=plan.state)
    return deadlines.contest(
        deadlines.sources(book.clocks, "appeal", case, notice.dates(), closed=federal_holiday, printed=notice.printed)
    )


def in_controversy(denial: Denial, level: Level, deed: Deed) -> str:
    """Say what must be in controversy (USD) for a level filed this year, and what is; empty where nothing must."""
    needed = amount_in_controversy(level, deed.today.year, deed.book.clocks.amounts)
    if needed is None or isinstance(needed, str):
        return needed or ""
    open_still = denial.amount - denial.recovered
    reached = "" if open_still >= needed else f", and only ${open_still:,.2f} is open"
    return f"At least ${needed:,.0f} must be in controversy in {deed.today.year}{reached}"


def category_name(category: str, book: Rulebook) -> str:
    """Return a category in words."""
    known = book.denial_codes.categories.get(category)
    return known.name if known else ("Not classified" if category == UNCLASSIFIED else category)


def _class_of(denial: Denial, book: Rulebook) -> str:
    found = book.clocks.find_class(ladders.payer_class(denial))
    return found.id if found else ladders.payer_class(denial)


def _standing(denial: Denial) -> Standing:
    about: Claim | Authorization = denial.subject
    return Standing(
        network="in" if about.coverage.plan.in_network else "out",
        stage="post_service" if denial.claim_id else "pre_service",
    )


def _in_words(denial: Denial, book: Rulebook) -> Iterator[CodeWords]:
    known = book.denial_codes
    for code in denial.carcs:
        carc, shown = known.carcs.get(code), f"{denial.group}-{code}" if denial.group else f"CARC {code}"
        said = carc.short if carc else "not in the rulebook: read the notice"
        yield CodeWords(code=shown, words=said, note=_owed(denial, book), confidence=carc.confidence if carc else "")
    for code in denial.rarcs:
        rarc = known.rarcs.get(code)
        said = rarc.short if rarc else "not in the rulebook: read the notice"
        yield CodeWords(code=code, words=said, confidence=rarc.confidence if rarc else "")


def _owed(denial: Denial, book: Rulebook) -> str:
    group = book.denial_codes.groups.get(denial.group or "")
    return group.meaning if group else ""
