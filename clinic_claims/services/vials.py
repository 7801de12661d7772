"""Keep the vial log: open a vial, draw from it, discard the rest, and leave nothing at the end of the day."""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_CEILING, Decimal

from sqlalchemy import select

from ..db import db
from ..domain import vials as arithmetic
from ..domain.vials import Draw, OpenVial, VialBalance
from ..models import Facility, Patient, Vial, VialUse, Visit
from ..rulebook import Rulebook
from .deeds import Deed, Refused
from .history import record


def open_vial(
    product: str,
    size: int,
    lot: str,
    expires_on: date,
    facility: Facility,
    deed: Deed,
    *,
    ndc: str | None = None,
    kept_for: Patient | None = None,
) -> Vial:
    """Note that a vial was opened today. Raises Refused for an expired vial or a size that is not sold."""
    row = deed.book.codes.products.get(product)
    if row is None:
        raise Refused(f"{product} is no toxin. Choose one of: {', '.join(deed.book.codes.products)}.")
    sold = sorted(vial.toxin_units for vial in row.vials)
    if size not in sold:
        raise Refused(f"{row.brand} is sold in vials of {', '.join(map(str, sold))} units.")
    if expires_on < deed.today:
        raise Refused(f"Lot {lot} expired on {expires_on:%b} {expires_on.day}, {expires_on.year}: do not use it.")
    vial = Vial(
        product=product,
        size=size,
        lot=lot,
        ndc=ndc,
        expires_on=expires_on,
        opened_on=deed.today,
        opened_by=deed.actor,
        facility=facility,
        kept_for=kept_for,
    )
    record(vial, "open_vial", deed, sentence=f"{row.brand} {size} units, lot {lot}, opened.")
    return vial


def draw(visit: Visit, units: Decimal, vials: Iterable[Vial], deed: Deed) -> list[VialUse]:
    """Draw a dose out of opened vials, one after the other. Raises Refused for too little or the wrong drug."""
    opened = list(vials)
    if wrong := [vial.lot for vial in opened if vial.product != visit.product]:
        raise Refused(f"Lot {', '.join(wrong)} is not {visit.product}.")
    if late := [vial.lot for vial in opened if vial.opened_on != deed.today]:
        raise Refused(f"Lot {', '.join(late)} was opened on another day: open a new vial.")
    try:
        drawn = arithmetic.fill(balances(opened), units, visit.id)
    except ValueError as error:
        raise Refused(f"{error}.") from None
    owners = {visit.id: visit.patient_id}
    if faults := arithmetic.faults(map(_opened, opened), drawn, owners):
        raise Refused(*(f"{fault}." for fault in faults))
    return _keep(drawn, None, deed)


def _keep(drawn: Iterable[Draw], reason: str | None, deed: Deed) -> list[VialUse]:
    kept = [
        VialUse(
            vial=db.session.get_one(Vial, one.vial),
            visit=db.session.get_one(Visit, one.visit),
            injected=one.injected,
            wasted=one.wasted,
            reason=reason,
            recorded_by=deed.actor,
            recorded_at=deed.at,
        )
        for one in drawn
    ]
    db.session.add_all(kept)
    db.session.flush()
    recount(kept, deed.book)
    return kept


def discard(vials: Iterable[Vial], reason: str, deed: Deed) -> list[VialUse]:
    """Discard what is left in vials, on the visit that drew last. Raises Refused without a reason, or for a vial
    that nobody drew from."""
    if not reason.strip():
        raise Refused("Give the reason for the waste: the chart must show it.")
    found = balances(vials)
    if idle := [each.vial.lot for each in found if not each.visits]:
        raise Refused(f"Nothing was drawn from lot {', '.join(idle)}: it belongs to no visit.")
    kept = _keep(arithmetic.rest(found), reason.strip(), deed)
    for use in kept:
        if use.visit.injection is not None:
            use.visit.injection.units_discarded += int(use.wasted.to_integral_value(ROUND_CEILING))
        sentence = f"{use.wasted.normalize():f} units of lot {use.vial.lot} discarded: {reason.strip()}"
        record(use.visit, "discard_drug", deed, sentence=sentence)
    return kept


def log(day: date, facility: Facility) -> list[VialBalance]:
    """Return the vial log of a day and place; it is closed when no vial has a fault."""
    return balances(opened_on(day, facility))


def close_day(day: date, facility: Facility, reason: str, deed: Deed) -> list[VialBalance]:
    """Discard what is left in every vial of the day and return the log. Raises Refused when it does not add up."""
    opened = opened_on(day, facility)
    unfinished = [vial for vial, each in zip(opened, balances(opened), strict=True) if each.left > 0]
    if unfinished:
        discard(unfinished, reason, deed)
    closed = balances(opened)
    if faults := [each.fault for each in closed if each.fault]:
        raise Refused(*(f"{fault}." for fault in faults))
    return closed


def opened_on(day: date, facility: Facility) -> list[Vial]:
    """Return the vials opened at a place on a day, in the order of opening."""
    own = (Vial.opened_on == day, Vial.facility_id == facility.id)
    return list(db.session.scalars(select(Vial).where(*own).order_by(Vial.id)))


def balances(vials: Iterable[Vial]) -> list[VialBalance]:
    """Balance vials by what the log holds of them."""
    opened = list(vials)
    return list(arithmetic.log(map(_opened, opened), _draws(opened)))


def _opened(vial: Vial) -> OpenVial:
    return OpenVial(id=vial.id, product=vial.product, lot=vial.lot, size=vial.size, kept_for=vial.kept_for_id)


def _draws(vials: Iterable[Vial]) -> list[Draw]:
    query = select(VialUse).where(VialUse.vial_id.in_([vial.id for vial in vials])).order_by(VialUse.id)
    return [
        Draw(vial=use.vial_id, visit=use.visit_id, injected=use.injected, wasted=use.wasted)
        for use in db.session.scalars(query)
    ]


def shares(vials: Iterable[Vial], book: Rulebook) -> dict[int, arithmetic.Share]:
    """Return what each visit is billed for out of these vials of one product, by visit."""
    opened = list(vials)
    if not opened:
        return {}
    product = book.codes.products[opened[0].product]
    return {share.visit: share for share in arithmetic.shares(product, map(_opened, opened), _draws(opened))}


def recount(uses: Iterable[VialUse], book: Rulebook) -> None:
    """Put used and wasted billing units of every visit that shares these vials into its services."""
    visits = {use.visit for use in uses}
    for visit in visits | {use.visit for own in visits for vial in vials_of(own) for use in vial.uses}:
        share = shares(_with_sharers(visit), book).get(visit.id)
        for service in visit.services:
            if share and service.code == visit.product:
                service.units_used, service.units_wasted = share.used, share.wasted
    db.session.flush()


def _with_sharers(visit: Visit) -> list[Vial]:
    return sorted(vials_of(visit), key=lambda vial: vial.id)


def vials_of(visit: Visit) -> set[Vial]:
    """Return the vials that a visit drew from."""
    query = select(Vial).join(VialUse, VialUse.vial_id == Vial.id).where(VialUse.visit_id == visit.id)
    return set(db.session.scalars(query))
