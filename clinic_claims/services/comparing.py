"""Fill the three columns, approved, performed and billed, from what is on file, and print them as an exhibit."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from ..db import db
from ..domain import matching
from ..domain.authorizations import VisitState
from ..domain.codes import side_of_diagnosis
from ..domain.matching import Column, Item, Match
from ..models import Authorization, Claim, Clinic, Coverage, Document, Facility, Provider, Visit
from ..rulebook import Rulebook
from . import documents, ledger, notices
from .deeds import Deed
from .grants import is_granted


def of_visit(visit: Visit, deed: Deed) -> tuple[Match, ...]:
    """Compare a visit with its approvals, and with its claim once there is one."""
    if visit.claim is not None:
        return of_claim(visit.claim, deed)
    approved = _approved(_approvals(visit), deed.book, visit=visit)
    return matching.compare(approved, performed(visit, deed.book), None, deed.book.mismatches, deed.book.codes)


def of_claim(claim: Claim, deed: Deed) -> tuple[Match, ...]:
    """Compare a claim with its approval and with the visit it bills, as far as they are on file."""
    return of_billed(claim, visit_of(claim), deed)


def of_billed(claim: Claim, visit: Visit | None, deed: Deed) -> tuple[Match, ...]:
    """Compare a claim with its approval and with this visit."""
    asked = _approvals(visit) if visit else []
    asked += [claim.authorization] if claim.authorization and claim.authorization not in asked else []
    done = performed(visit, deed.book) if visit else None
    approved = _approved(asked, deed.book, visit=visit, claim=claim)
    return matching.compare(approved, done, billed(claim, deed.book), deed.book.mismatches, deed.book.codes)


def visit_of(claim: Claim) -> Visit | None:
    """Return the visit that a claim bills."""
    return db.session.scalar(select(Visit).where(Visit.claim_id == claim.id).limit(1))


def _approvals(visit: Visit) -> list[Authorization]:
    return [each for each in (visit.authorization, visit.drug_authorization) if each is not None]


def _approved(
    asked: Iterable[Authorization], book: Rulebook, *, visit: Visit | None = None, claim: Claim | None = None
) -> Column | None:
    """Add up what the approvals still grant this visit or claim; None when nothing is approved."""
    granted = [each for each in asked if is_granted(each)]
    if not granted:
        return None
    first = granted[0]
    items = [item for each in granted for item in _granted(each, visit, claim)]
    starts = [each.valid_from for each in granted if each.valid_from]
    ends = [each.valid_to for each in granted if each.valid_to]
    parties = _parties(first.provider, first.facility, first.coverage)
    found = matching.column(
        items, book.codes, first_day=max(starts, default=None), last_day=min(ends, default=None), **parties
    )
    return _with_side_of_diagnosis(found, book)


def _granted(authorization: Authorization, visit: Visit | None, claim: Claim | None) -> Iterable[Item]:
    """Yield each approved line; the units left of a code stand on its first line."""
    left = {
        each.units.code: max(each.units.left, 0) for each in ledger.entries(authorization, without=visit, claim=claim)
    }
    for line in authorization.lines:
        if line.units_approved:
            modifiers = (line.modifier,) if line.modifier else ()
            yield Item(code=line.code, units=left.pop(line.code, 0), diagnosis=line.diagnosis, modifiers=modifiers)


def _with_side_of_diagnosis(column: Column, book: Rulebook) -> Column:
    """An approval that names no RT or LT means the side of its diagnosis, where that has one."""
    sides = [side_of_diagnosis(book.codes, code) for code in column.diagnoses]
    own = tuple(dict.fromkeys(side for side in sides if side and side != "unspecified"))
    return column if column.sides or len(own) != 1 else replace(column, sides=own)


def performed(visit: Visit, book: Rulebook) -> Column:
    """Return a visit as planned or, once it was performed, as recorded."""
    given = visit.state == VisitState.PERFORMED
    items = [
        Item(
            code=row.code,
            units=row.units_used + row.units_wasted if given else row.units_planned,
            diagnosis=row.diagnosis,
        )
        for row in visit.services
    ]
    sides = (visit.side,) if visit.side != "none" else ()
    source = visit.drug_source if visit.drug_source != "none" else None
    days = {"first_day": visit.on, "last_day": visit.on}
    parties = _parties(visit.provider, visit.facility, visit.coverage)
    return matching.column(items, book.codes, sides=sides, drug_source=source, **days, **parties)


def billed(claim: Claim, book: Rulebook) -> Column:
    """Return a claim as billed; a J-code says that the clinic bought the drug."""
    items = [
        Item(code=line.code, units=line.units, diagnosis=line.diagnosis, modifiers=tuple(line.modifiers))
        for line in claim.lines
    ]
    bought = any(line.code in book.codes.products for line in claim.lines)
    days = {"first_day": claim.service_from, "last_day": claim.service_to}
    parties = _parties(claim.provider, claim.facility, claim.coverage)
    return matching.column(items, book.codes, drug_source="buy_and_bill" if bought else None, **days, **parties)


def _parties(provider: Provider, facility: Facility | None, coverage: Coverage) -> dict[str, Any]:
    return {
        "rendering": provider.npi,
        "billing": db.session.scalar(select(Clinic.npi).limit(1)),
        "facility": facility.npi if facility else None,
        "place": facility.place_of_service if facility else None,
        "plan": f"{coverage.plan.payer.name} {coverage.plan.name}",
        "member_id": coverage.member_id,
    }


def exhibit(claim: Claim, deed: Deed) -> Document:
    """Print the three columns of a claim and file the sheet, so that an appeal can enclose it."""
    title = f"Approved, performed and billed: claim {claim.number}"
    sheet = notices.printed("compared", title, claim=claim, rows=of_claim(claim, deed), made_on=deed.today)
    name = f"compared-{claim.number.lower()}.pdf"
    return documents.add(sheet, "comparison", title, deed, about=claim, file_name=name, dated_on=deed.today)
