"""Every measure for a period, counted by the database: claims, denials, requests for approval, work and cash."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, and_, case, func, or_, select, type_coerce

from ..db import Money, db
from ..domain import measures as making
from ..domain import words
from ..domain.lifecycle import AuthorizationState, ClaimState
from ..domain.measures import MEASURES, Figure
from ..models import (
    Appeal,
    Authorization,
    Claim,
    ClaimPayment,
    Coverage,
    Deadline,
    Denial,
    Event,
    Remittance,
    Visit,
    VisitService,
)
from .deeds import Deed, Refused
from .denial_columns import ANSWERED, IS_WON, WRITTEN_OFF
from .denial_filters import window_ended, window_missed
from .sql_time import days_between, seconds_of

ANSWERED_CLAIMS = (
    ClaimState.PAID,
    ClaimState.PARTLY_PAID,
    ClaimState.DENIED,
    ClaimState.REVERSED,
    ClaimState.RECOUPED,
    ClaimState.CLOSED,
)
UNCLEAN = ("note_rejected", "request_information", "correct")
GRANTED = (
    AuthorizationState.APPROVED,
    AuthorizationState.PARTLY_APPROVED,
    AuthorizationState.MODIFIED,
    AuthorizationState.EXPIRED,
    AuthorizationState.REVOKED,
)
DECIDED = (*GRANTED, AuthorizationState.DENIED)
WORKED = ("denial", "appeal", "letter")
LOOKED = ("view", "search", "export", "print", "download", "refused")
PAUSE = 15 * 60  # seconds between two deeds that still count as work
ALONE = 5 * 60  # seconds that a deed after a longer pause counts for
ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Period:
    """Days, both included; None is open on that side."""

    since: date | None = None
    until: date | None = None

    @property
    def in_words(self) -> str:
        """Say the days: "From November 23, 2025 to November 22, 2026."."""
        told = [f"from {words.day(self.since)}"] if self.since else []
        told += [f"to {words.day(self.until)}"] if self.until else []
        return words.capitalized(f"{' '.join(told) or 'all days'}.")

    def holds(self, day: Any) -> ColumnElement[bool]:
        """Match rows whose day lies in the period."""
        bounds = [day >= self.since] if self.since else []
        bounds += [day <= self.until] if self.until else []
        return and_(day.is_not(None), *bounds)

    def moments(self, moment: Any, zone: ZoneInfo) -> ColumnElement[bool]:
        """Match rows whose moment lies in the period, in the clinic's time."""
        first = [moment >= datetime.combine(self.since, time(), zone)] if self.since else []
        after = [moment < datetime.combine(self.until + timedelta(1), time(), zone)] if self.until else []
        return and_(moment.is_not(None), *first, *after)


def figures(period: Period, deed: Deed) -> dict[str, Figure]:
    """Return every measure of the period by id. Raises Refused for days in the wrong order."""
    if period.since and period.until and period.until < period.since:
        raise Refused("The last day lies before the first day.")
    made = [*_of_claims(period), *_of_denials(period), _windows(period, deed.today), _per_hour(period, deed)]
    made += [*_of_requests(period), _wasted(period), _cash(period)]
    found = {figure.measure.id: figure for figure in made}
    return {name: found[name] for name in MEASURES}


def denial_rate(period: Period) -> Figure:
    """Return the initial denial rate by claims alone."""
    return next(iter(_of_claims(period)))


def _of_claims(period: Period) -> Iterable[Figure]:
    """Measure claims sent in the period that the payer has answered, in one pass."""
    of_claim = (
        select(
            Denial.claim_id,
            func.sum(Denial.amount).label("denied"),
            func.sum(WRITTEN_OFF).label("lost"),
        )
        .where(Denial.claim_id.is_not(None))
        .group_by(Denial.claim_id)
        .subquery()
    )
    was_denied, first = of_claim.c.claim_id.is_not(None), Coverage.rank == 1
    trouble = select(Event.subject_id).where(Event.subject == "claim", Event.action.in_(UNCLEAN))
    clean = and_(~was_denied, Claim.id.not_in(trouble))
    denied = case((of_claim.c.denied > Claim.charged, Claim.charged), else_=of_claim.c.denied)
    query = (
        select(
            func.count(),
            _times(was_denied),
            _times(first),
            _times(and_(first, was_denied)),
            _times(clean),
            _sum(Claim.charged),
            _sum(denied),
            _sum(of_claim.c.lost),
            _sum(Claim.charged - Claim.adjusted),
        )
        .select_from(Claim)
        .outerjoin(of_claim, of_claim.c.claim_id == Claim.id)
        .join(Coverage, Coverage.id == Claim.coverage_id)
        .where(period.holds(Claim.submitted_on), or_(Claim.state.in_(ANSWERED_CLAIMS), was_denied))
    )
    n, denials, firsts, first_denials, cleans, charged, refused, lost, net = db.session.execute(query).one()
    yield making.share(MEASURES["initial_denial_rate"], denials, n)
    yield making.dollar_share(MEASURES["initial_denial_dollars"], refused or ZERO, charged or ZERO, n)
    yield making.share(MEASURES["primary_denial_rate"], first_denials, firsts)
    yield making.dollar_share(MEASURES["write_off_rate"], lost or ZERO, net or ZERO, n)
    yield making.share(MEASURES["clean_claim_rate"], cleans, n)


def _times(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _sum(amount: Any) -> ColumnElement[Any]:
    return type_coerce(func.sum(amount), Money)


def _of_denials(period: Period) -> Iterable[Figure]:
    """Measure denials of the period: how many were appealed, how soon, and how they ended."""
    filed = select(Appeal.denial_id, func.min(Appeal.filed_on).label("on")).where(Appeal.filed_on.is_not(None))
    first = filed.group_by(Appeal.denial_id).subquery()
    answered = or_(Denial.state.in_(ANSWERED), IS_WON)
    counts = (
        select(func.count(), func.count(first.c.on), _times(answered), _times(and_(answered, IS_WON)))
        .select_from(Denial)
        .outerjoin(first, first.c.denial_id == Denial.id)
        .where(period.holds(Denial.denied_on))
    )
    n, appealed, decided, won = db.session.execute(counts).one()
    yield making.share(MEASURES["appeal_rate"], appealed, n)
    yield making.share(MEASURES["overturned"], int(won), int(decided))
    to_appeal = select(days_between(Denial.denied_on, first.c.on)).join(first, first.c.denial_id == Denial.id)
    to_end = select(days_between(Denial.denied_on, Denial.settled_on)).where(Denial.settled_on.is_not(None))
    yield making.days(MEASURES["days_to_appeal"], _tally(to_appeal.where(period.holds(Denial.denied_on))))
    yield making.days(MEASURES["days_to_resolution"], _tally(to_end.where(period.holds(Denial.denied_on))))


def _tally(values: Any) -> Mapping[int, int]:
    """Count how often each value comes; a value below zero, which only a slip of the pen makes, counts as zero."""
    each = values.subquery()
    (value,) = each.c
    floored = case((value < 0, 0), else_=value)
    found = db.session.execute(select(floored, func.count()).group_by(floored))
    return {int(days): count for days, count in found}


def _windows(period: Period, today: date) -> Figure:
    """Count the windows of appeal whose last lawful day lies in the period, and those that passed unused."""
    last = period.holds(Deadline.legal)
    passed = select(func.count()).select_from(Deadline).where(Deadline.denial_id.is_not(None), last)
    missed = db.session.scalar(passed.where(window_missed(today))) or 0
    return making.counted(MEASURES["missed_windows"], missed, db.session.scalar(passed.where(window_ended(today))) or 0)


def _per_hour(period: Period, deed: Deed) -> Figure:
    recovered = db.session.scalar(select(func.sum(Denial.recovered)).where(period.holds(Denial.settled_on)))
    deeds, seconds = _work(period, ZoneInfo(deed.timezone))
    hours = (Decimal(seconds) / 3600).quantize(Decimal("0.1"))
    return making.rate(MEASURES["recovered_per_hour"], recovered or ZERO, hours, deeds)


def _work(period: Period, zone: ZoneInfo) -> tuple[int, int]:
    """Return how many deeds on denials there were, and the seconds they took by the measure's own words."""
    at = seconds_of(Event.at)
    before = func.lag(at).over(partition_by=Event.actor, order_by=(Event.at, Event.id))
    worked = Event.subject.in_(WORKED) & Event.action.not_in(LOOKED) & period.moments(Event.at, zone)
    each = select((at - before).label("gap")).where(worked).subquery()
    spent = case((each.c.gap.is_(None), ALONE), (each.c.gap > PAUSE, ALONE), else_=each.c.gap)
    deeds, seconds = db.session.execute(select(func.count(), func.sum(spent)).select_from(each)).one()
    return deeds, int(seconds or 0)


def _of_requests(period: Period) -> Iterable[Figure]:
    decided = and_(Authorization.state.in_(DECIDED), period.holds(Authorization.decided_on))
    counts = select(func.count(), _times(Authorization.state.in_(GRANTED))).where(decided)
    n, granted = db.session.execute(counts).one()
    yield making.share(MEASURES["approval_rate"], int(granted), n)
    yield making.days(MEASURES["turnaround"], _tally(_waited(period)))


def _waited(period: Period) -> Any:
    """Select the days to the first decision of each request, which itself holds the newest: won on appeal perhaps."""
    refused = select(Denial.authorization_id, func.min(Denial.denied_on).label("on"))
    refused = refused.where(Denial.authorization_id.is_not(None)).group_by(Denial.authorization_id).subquery()
    first = func.coalesce(refused.c.on, Authorization.decided_on, type_=Date())
    return (
        select(days_between(Authorization.submitted_on, first))
        .outerjoin(refused, refused.c.authorization_id == Authorization.id)
        .where(Authorization.state.in_(DECIDED), Authorization.submitted_on.is_not(None), period.holds(first))
    )


def _wasted(period: Period) -> Figure:
    """Share of the drug's billing units discarded; drugs have codes that begin with J."""
    units = select(
        func.sum(VisitService.units_wasted), func.sum(VisitService.units_used), func.count(Visit.id.distinct())
    )
    given = units.join(Visit, Visit.id == VisitService.visit_id).where(
        VisitService.code.startswith("J"),
        VisitService.units_used + VisitService.units_wasted > 0,
        period.holds(Visit.on),
    )
    wasted, used, visits = db.session.execute(given).one()
    part = Decimal(wasted or 0)
    return making.dollar_share(MEASURES["units_wasted"], part, part + Decimal(used or 0), visits)


def _cash(period: Period) -> Figure:
    query = select(func.sum(ClaimPayment.paid), func.count()).join(
        Remittance, Remittance.id == ClaimPayment.remittance_id
    )
    paid, n = db.session.execute(
        query.where(ClaimPayment.claim_id.is_not(None), period.holds(Remittance.paid_on))
    ).one()
    return making.dollars(MEASURES["cash_collected"], paid or ZERO, n)
