"""What became of each approval's units and visits, from the visits booked on it and the claims billed under it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select

from ..calendars import federal_holiday
from ..db import db
from ..domain import authorizations as reckoning
from ..domain.authorizations import Booking, Entry, Grant, Timeline, Trouble, VisitState
from ..domain.lifecycle import ClaimState
from ..models import Authorization, AuthorizationLine, Claim, Injection, TreatmentCase, Visit
from ..rulebook import Rulebook
from .deeds import Deed
from .grants import is_granted

NOT_GIVEN = (ClaimState.PLANNED, ClaimState.AWAITING_APPROVAL, ClaimState.READY_TO_SCHEDULE)


@dataclass(frozen=True, kw_only=True)
class Page:
    """One approval of a case as its page shows it; a `folded` one has expired or was revoked."""

    authorization: Authorization
    entries: tuple[Entry, ...]
    timeline: Timeline
    troubles: tuple[str, ...]
    folded: bool

    @property
    def flags(self) -> tuple[str, ...]:
        """Overruns, each as a sentence."""
        return tuple(each.flag for entry in self.entries for each in (entry.units, entry.visits) if each and each.flag)


def of_case(case: TreatmentCase, deed: Deed) -> list[Page]:
    """Return every approval of a case, live ones first, the newest first within."""
    query = select(Authorization).where(Authorization.case_id == case.id).order_by(Authorization.id.desc())
    asked = db.session.scalars(query)
    pages = [page(each, deed) for each in asked if each.decided_on or is_granted(each)]
    return sorted(pages, key=lambda shown: shown.folded)


def page(authorization: Authorization, deed: Deed) -> Page:
    """Reckon one approval with its clocks and what the scheduled visits run into."""
    line = timeline(authorization, deed)
    over = authorization.valid_to is not None and authorization.valid_to < deed.today
    return Page(
        authorization=authorization,
        entries=entries(authorization),
        timeline=line,
        troubles=tuple(_told(authorization, line, deed)),
        folded=over or not is_granted(authorization),
    )


def _told(authorization: Authorization, line: Timeline, deed: Deed) -> Iterator[str]:
    """Say what each visit ahead runs into, and when the renewal is due."""
    ahead = [visit for visit in visits_on(authorization) if visit.state == VisitState.SCHEDULED]
    for visit in ahead:
        yield from (trouble.says for trouble in troubles(authorization, visit, deed))
    next_day = _next_session(line, [visit.on for visit in ahead], deed.book)
    over = authorization.valid_to is not None and authorization.valid_to < deed.today
    if (
        next_day
        and not over
        and is_granted(authorization)
        and (due := reckoning.renewal_due(line, next_day, deed.today))
    ):
        yield due


def _next_session(line: Timeline, booked: list[date], book: Rulebook) -> date | None:
    """Return the earliest payable day after the last session given or booked."""
    days = booked + ([line.last_injection] if line.last_injection else [])
    return reckoning.earliest_day(book.clocks, max(days), closed=federal_holiday).legal if days else None


def entries(
    authorization: Authorization, *, without: Visit | None = None, claim: Claim | None = None
) -> tuple[Entry, ...]:
    """Return the ledger, if asked as it stands without one visit or claim."""
    booked = [booking for booking in bookings(authorization) if booking.visit not in (_key(without), _key(claim))]
    codes = dict.fromkeys(line.code for line in authorization.lines)
    return reckoning.ledger([_grant(authorization, code) for code in codes], booked)


def _grant(authorization: Authorization, code: str) -> Grant:
    """Add up the lines of a code, which may name one side each."""
    own: list[AuthorizationLine] = [line for line in authorization.lines if line.code == code]
    approved = [line.units_approved for line in own if line.units_approved is not None and is_granted(authorization)]
    visits = [line.visits_approved for line in own if line.visits_approved is not None]
    return Grant(
        code=code,
        requested=sum(line.units_requested for line in own),
        approved=sum(approved) if approved else None,
        visits=max(visits, default=None),
    )


def _key(record: Visit | Claim | None) -> str:
    return f"{record.__tablename__}-{record.id}" if record is not None else ""


def bookings(authorization: Authorization) -> Iterator[Booking]:
    """Yield what each visit takes, and what each claim took that was billed without a visit on record."""
    codes = {line.code for line in authorization.lines}
    billed: set[int] = set()
    for visit in visits_on(authorization):
        billed |= {visit.claim_id} if visit.claim_id else set()
        yield from _of_visit(visit, codes)
    for claim in db.session.scalars(select(Claim).where(Claim.authorization_id == authorization.id)):
        if claim.id not in billed and claim.service_from and claim.state not in NOT_GIVEN:
            yield from _of_claim(claim, codes)


def _of_visit(visit: Visit, codes: set[str]) -> Iterator[Booking]:
    given = visit.state == VisitState.PERFORMED
    for service in visit.services if visit.state != VisitState.CANCELLED else ():
        if service.code in codes:
            yield Booking(
                code=service.code,
                day=visit.on,
                visit=_key(visit),
                reserved=0 if given else service.units_planned,
                used=service.units_used if given else 0,
                wasted=service.units_wasted if given else 0,
            )


def _of_claim(claim: Claim, codes: set[str]) -> Iterator[Booking]:
    for line in claim.lines:
        if line.code in codes and claim.service_from:
            wasted = line.units if "JW" in line.modifiers else 0
            yield Booking(
                code=line.code, day=claim.service_from, visit=_key(claim), used=line.units - wasted, wasted=wasted
            )


def visits_on(authorization: Authorization) -> list[Visit]:
    """Return the visits booked on an approval, oldest first."""
    own = or_(Visit.authorization_id == authorization.id, Visit.drug_authorization_id == authorization.id)
    return list(db.session.scalars(select(Visit).where(own).order_by(Visit.on, Visit.id)))


def last_injection(patient_id: int, before: date) -> date | None:
    """Return the day of the patient's last toxin session before a day."""
    query = select(func.max(Injection.on)).join(TreatmentCase, Injection.case_id == TreatmentCase.id)
    return db.session.scalar(query.where(TreatmentCase.patient_id == patient_id, Injection.on < before))


def earliest(patient_id: int, before: date, book: Rulebook) -> tuple[date | None, date | None]:
    """Return the last session before a day and the first payable day after it."""
    last = last_injection(patient_id, before)
    if last is None:
        return None, None
    return last, reckoning.earliest_day(book.clocks, last, closed=federal_holiday).legal


def timeline(authorization: Authorization, deed: Deed, *, before: date | None = None) -> Timeline:
    """Put both clocks of an approval on one line; `before` leaves out sessions of that day and later."""
    toxin = authorization.case.treatment == "toxin"
    return reckoning.timeline(
        deed.book.clocks,
        last_injection=last_injection(authorization.case.patient_id, before or date.max) if toxin else None,
        valid_from=authorization.valid_from,
        valid_to=authorization.valid_to,
        closed=federal_holiday,
    )


def troubles(authorization: Authorization, visit: Visit, deed: Deed) -> list[Trouble]:
    """Say what a visit runs into on one approval: its days, its units, its visits, the interval."""
    needs = {service.code: service.units_planned for service in visit.services}
    line = timeline(authorization, deed, before=visit.on)
    found = entries(authorization, without=visit)
    return list(reckoning.troubles(line, found, visit.on, needs, early_reason=visit.early_reason))
