"""A payer that answers the same lines again without taking its first answer back: the newest adjudication holds."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import filterfalse

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, selectinload

from ..db import db
from ..domain.words import money
from ..domain.x12_codes import LATER_PAYER
from ..models import ClaimPayment, Remittance
from ..rulebook import Rulebook
from .pairing import REVERSED

ELSEWHERE = ("forwarded", "predetermination")  # CLP02 23 and 25: no word on the claim itself
DUPLICATE = "duplicate"  # category of the reasons that only name an earlier claim


def answered_before(claims: Iterable[int], newer: Collection[int]) -> set[int]:
    """Return those of the claims that a payment other than these new ones stands on."""
    wanted = list(claims)
    if not wanted:
        return set()
    query = select(ClaimPayment.claim_id).where(ClaimPayment.claim_id.in_(wanted), ClaimPayment.id.not_in(newer))
    return {key for key in db.session.scalars(query) if key is not None}


def answers_of(claim_id: int, ahead: Collection[int] = ()) -> list[ClaimPayment]:
    """Return every payment of a claim with its lines and reasons, in the order of the payer's days.

    `ahead` are payments of the same file that are not applied yet.
    """
    query = select(ClaimPayment).where(ClaimPayment.claim_id == claim_id).join(ClaimPayment.remittance)
    parts = selectinload(ClaimPayment.lines), selectinload(ClaimPayment.adjustments)
    query = query.options(*parts, contains_eager(ClaimPayment.remittance))
    found = db.session.scalars(query.order_by(Remittance.paid_on, ClaimPayment.id))
    return [each for each in found if each.id not in ahead]


def standing(rows: Sequence[ClaimPayment], book: Rulebook) -> list[ClaimPayment]:
    """Leave out what was taken back, with its reversal, what a newer answer replaced, and what only repeats."""
    gone = {each.reverses_id for each in rows if each.reverses_id}
    found: list[ClaimPayment] = []
    for row in rows:
        if row.reverses_id or row.id in gone or is_elsewhere(row.status, book):
            continue
        before = [each for each in found if answers_anew(row, each)]
        if not (before and is_duplicate(row, book)):
            found = [*filterfalse(before.__contains__, found), row]
    return found


@dataclass(frozen=True)
class Place:
    """How an answer stands to the others of the same payer to the same lines.

    `earlier` are those before it, taken back or not; `replaced` those that stood until it came; `newer` the one that
    came after it.
    """

    earlier: tuple[ClaimPayment, ...] = ()
    replaced: tuple[ClaimPayment, ...] = ()
    newer: ClaimPayment | None = None


def place_of(row: ClaimPayment, book: Rulebook, ahead: Collection[int] = ()) -> Place:
    """Find the answers of the same payer to the same lines that stand, before this one and after it."""
    rows = answers_of(row.claim_id or 0, ahead)
    at = rows.index(row)
    earlier = [each for each in rows[:at] if answers_anew(row, each)]
    stood = standing(rows[:at], book)
    after = [each for each in standing(rows[at + 1 :], book) if answers_anew(each, row)]
    replaced = tuple(each for each in earlier if each in stood)
    return Place(tuple(earlier), replaced, next((each for each in after if not is_duplicate(each, book)), None))


def is_elsewhere(status: str, book: Rulebook) -> bool:
    """Say whether an answer settles nothing: forwarded unprocessed, or a price without a claim."""
    known = book.x12.claim_payments.get(status)
    return known is not None and known.kind in ELSEWHERE


def answers_anew(row: ClaimPayment, before: ClaimPayment) -> bool:
    """Say whether two first answers are of the same payer and to the same lines; parts of a split claim are not."""
    if {row.status, before.status} & {REVERSED, *LATER_PAYER} or not _same_payer(row.remittance, before.remittance):
        return False
    mine, theirs = _lines(row), _lines(before)
    return bool(mine & theirs) if mine and theirs else row.charged == before.charged


def _same_payer(one: Remittance, other: Remittance) -> bool:
    if one.payer_id and other.payer_id:
        return one.payer_id == other.payer_id
    return one.payer_name.casefold() == other.payer_name.casefold()


def _lines(row: ClaimPayment) -> set[int | str]:
    return {line.service_line_id or line.procedure for line in row.lines}


def is_duplicate(row: ClaimPayment, book: Rulebook) -> bool:
    """Say whether an answer only names an earlier one: nothing paid, and every reason says duplicate."""
    known = [book.denial_codes.carcs.get(each.carc) for each in row.adjustments]
    return row.paid == 0 and bool(known) and all(each and each.category == DUPLICATE for each in known)


def adds_nothing(row: ClaimPayment, place: Place, book: Rulebook) -> str:
    """Say why an answer decides nothing beside those on record; "" where it does."""
    if place.newer is not None:
        return f"Claim {row.claim_number}: {_named(place.newer)} answered it later; that answer stands."
    if place.replaced and is_duplicate(row, book):
        return f"Claim {row.claim_number}: denied as a duplicate; the answer of {_named(place.replaced[-1])} stands."
    return ""


def doubts(row: ClaimPayment, place: Place) -> Iterator[str]:
    """Say which money of a replaced answer nobody took back; the very same amount is told of elsewhere."""
    for before in place.replaced:
        if before.paid not in (0, row.paid):
            told = f"{_named(before)} paid {money(before.paid)}, which this newer answer does not take back"
            yield f"Claim {row.claim_number}: {told}; ask the payer whether both stand."


def _named(row: ClaimPayment) -> str:
    return f"remittance {row.remittance.trace} of {row.remittance.paid_on}"
