"""Record what was injected where and how it worked, and propose the claim lines that follow from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import Any

from ..db import db
from ..domain import matching
from ..domain.authorizations import VisitState
from ..models import Claim, Injection, InjectionSite, Vial, Visit
from . import claims, estimates, patients, vials
from .claims import Line
from .deeds import Deed, Refused
from .history import record

RESPONSE = (
    *("scale", "scale_before", "scale_after", "onset_days", "peak_weeks"),
    *("benefit_weeks", "response", "side_effects"),
)


@dataclass(frozen=True, kw_only=True)
class Site:
    """One muscle with its toxin units, which may be broken."""

    muscle: str
    side: str
    units: Decimal
    punctures: int = 1


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """A claim line proposed from the record, without its price."""

    code: str
    units: int
    diagnosis: str
    modifiers: list[str] = field(default_factory=list)


def perform(
    visit: Visit,
    sites: Iterable[Site],
    opened: Iterable[Vial],
    deed: Deed,
    *,
    scale: str | None = None,
    scale_before: Decimal | None = None,
    dilution: str | None = None,
    guidance: str | None = None,
) -> Injection:
    """Record the injection of a visit: muscles and units, drawn from opened vials. Raises Refused for a visit that is
    not today or not scheduled, a side that differs from the visit's, or vials that do not hold the dose."""
    placed = list(sites)
    _may_perform(visit, placed, deed)
    total = sum((site.units for site in placed), Decimal(0))
    uses = vials.draw(visit, total, opened, deed)
    injection = patients.add_injection(
        visit.case,
        deed,
        visit_id=visit.id,
        on=visit.on,
        product=uses[0].vial.product,
        units=int(total.to_integral_value(ROUND_CEILING)),
        side=visit.side,
        lot=", ".join(dict.fromkeys(use.vial.lot for use in uses)),
        expires_on=min(use.vial.expires_on for use in uses),
        dilution=dilution,
        guidance=guidance,
        scale=scale,
        scale_before=scale_before,
    )
    injection.sites = [InjectionSite(**vars(site)) for site in placed]
    _finish(visit, f"{total.normalize():f} units injected, lot {injection.lot}.", deed)
    return injection


def _may_perform(visit: Visit, sites: list[Site], deed: Deed) -> None:
    if visit.state != VisitState.SCHEDULED:
        raise Refused(f"This visit is {visit.state}: it cannot be recorded again.")
    if visit.on != deed.today:
        raise Refused(f"This visit is booked for {visit.on:%b} {visit.on.day}: move it to today first.")
    if not sites:
        raise Refused("Enter at least one muscle with its units.")
    if visit.side in ("right", "left") and {site.side for site in sites} != {visit.side}:
        raise Refused(f"The visit is for the {visit.side} side: correct the sites, or cancel and book the other side.")


def _finish(visit: Visit, sentence: str, deed: Deed) -> None:
    """Note that the visit took place: what is no drug was given as planned."""
    for service in visit.services:
        if service.code != visit.product:
            service.units_used = service.units_planned
    told = {"left": VisitState.SCHEDULED, "reached": VisitState.PERFORMED}
    record(visit, "perform_visit", deed, sentence=sentence, **told)
    visit.state = VisitState.PERFORMED
    db.session.flush()


def perform_other(visit: Visit, deed: Deed) -> None:
    """Record a visit without injection (imaging, surgery) as given. Raises Refused when it is not scheduled."""
    if visit.state != VisitState.SCHEDULED or visit.on > deed.today:
        raise Refused("Only a scheduled visit whose day has come can be recorded.")
    _finish(visit, "Service given.", deed)


def respond(injection: Injection, deed: Deed, **response: Any) -> None:
    """Note how a session worked: scale before and after, onset, peak, duration, side effects."""
    if unknown := response.keys() - set(RESPONSE):
        raise Refused(f"A response has no {', '.join(sorted(unknown))}.")
    for name, value in response.items():
        setattr(injection, name, value)
    sentence = f"Response to the injection of {injection.on:%b} {injection.on.day}, {injection.on.year} noted."
    record(injection.case.patient, "note_response", deed, sentence=sentence, injection=injection.id)


def lines(visit: Visit, deed: Deed) -> list[Proposed]:
    """Propose the claim lines of a performed visit: JW and JZ by the rule, GA or GZ by the notice, no drug of a
    pharmacy. Raises Refused before the visit took place or while its vials are not accounted for."""
    if visit.state != VisitState.PERFORMED:
        raise Refused("The visit has not taken place yet.")
    if faults := [each.fault for each in vials.balances(vials.vials_of(visit)) if each.fault]:
        raise Refused(*(f"{fault}." for fault in faults))
    notice = [found] if (found := estimates.modifier(visit)) else []
    proposed: list[Proposed] = []
    for service in visit.services:
        own = [service.modifier] if service.modifier else []
        if matching.kind_of(service.code, deed.book.codes) == "drug":
            proposed += _drug(visit, service.code, service.diagnosis, notice, deed)
        else:
            made = Proposed(
                code=service.code, units=service.units_used, diagnosis=service.diagnosis, modifiers=own + notice
            )
            proposed.append(made)
    return proposed


def _drug(visit: Visit, code: str, diagnosis: str, notice: list[str], deed: Deed) -> list[Proposed]:
    if visit.drug_source != "buy_and_bill":
        return []
    share = vials.shares(vials.vials_of(visit), deed.book).get(visit.id)
    if share is None:
        raise Refused("No vial is on record for this visit: the units of the drug cannot be proposed.")
    return [
        Proposed(
            code=code,
            units=line.units,
            diagnosis=diagnosis,
            modifiers=([line.modifier] if line.modifier else []) + notice,
        )
        for line in share.lines(visit.on, deed.book.codes.wastage_dates)
    ]


def bill(visit: Visit, number: str, prices: Mapping[str, Decimal], deed: Deed) -> Claim:
    """Make the claim of a performed visit, ready to be sent. `prices` are dollars for one billing unit of each code.

    Raises Refused when the visit is billed already or a price is missing.
    """
    if visit.claim is not None:
        raise Refused(f"This visit is billed already: claim {visit.claim.number}.")
    proposed = lines(visit, deed)
    if missing := sorted({line.code for line in proposed} - prices.keys()):
        raise Refused(f"Enter the price of {', '.join(missing)}.")
    priced = [
        Line(
            code=line.code,
            units=line.units,
            diagnosis=line.diagnosis,
            modifiers=line.modifiers,
            charged=prices[line.code] * line.units,
        )
        for line in proposed
    ]
    claim = claims.enter(
        number,
        visit.case,
        visit.coverage,
        visit.provider,
        visit.facility,
        priced,
        deed,
        authorization=visit.authorization,
    )
    visit.claim = claim
    record(visit, "bill_visit", deed, sentence=f"Billed as claim {number}.")
    claims.move(claim, "record_service", deed, service_from=visit.on)
    claims.move(claim, "finish_coding", deed)
    return claim
