"""The vial log: what was opened, into whom it went, what was thrown away; at the end of the day nothing is left.

Vials and doses are in toxin units, which may be broken (2.5); bills are in billing units. Vials that two patients share
are discarded on the claim of the last one: what the next patient received is no waste of the first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .codes import DrugLine, Product, WastageDate
from .drug_units import billing_units
from .words import number


@dataclass(frozen=True, kw_only=True)
class OpenVial:
    """A single-dose vial as opened. `kept_for` is the patient for whom a pharmacy sent it; only they may have it."""

    id: int
    product: str
    lot: str
    size: int
    kept_for: int | None = None


@dataclass(frozen=True, kw_only=True)
class Draw:
    """Units taken out of a vial for a visit, injected or thrown away; in the order in which they were taken."""

    vial: int
    visit: int
    injected: Decimal = Decimal(0)
    wasted: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class VialBalance:
    """One vial of the log: opened = injected + wasted + left. A closed log has nothing left anywhere."""

    vial: OpenVial
    injected: Decimal
    wasted: Decimal
    visits: tuple[int, ...]

    @property
    def left(self) -> Decimal:
        """Return the units nobody has accounted for; below zero more was taken than the vial held."""
        return self.vial.size - self.injected - self.wasted

    @property
    def fault(self) -> str:
        """Say what does not add up; empty when the vial is closed."""
        lot = f"Vial {self.vial.lot}"
        if self.left > 0:
            return f"{lot}: {number(self.left)} units are neither injected nor recorded as discarded"
        return f"{lot}: {number(-self.left)} units more were taken than it held" if self.left < 0 else ""


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one visit is billed for out of its vials, in billing units."""

    visit: int
    used: int
    wasted: int

    def lines(self, day: date, dates: Mapping[str, WastageDate]) -> tuple[DrugLine, ...]:
        """Propose the drug lines: injected units and a JW line, or one JZ line from the day JZ existed."""
        if self.wasted:
            used = (DrugLine(units=self.used),) if self.used else ()
            return *used, DrugLine(units=self.wasted, modifier="JW")
        return (DrugLine(units=self.used, modifier="JZ" if day >= dates["jz_effective"].day else ""),)


def log(vials: Iterable[OpenVial], draws: Sequence[Draw]) -> tuple[VialBalance, ...]:
    """Balance every vial."""
    return tuple(_balance(vial, [draw for draw in draws if draw.vial == vial.id]) for vial in vials)


def _balance(vial: OpenVial, own: Sequence[Draw]) -> VialBalance:
    return VialBalance(
        vial=vial,
        injected=sum((draw.injected for draw in own), Decimal(0)),
        wasted=sum((draw.wasted for draw in own), Decimal(0)),
        visits=tuple(dict.fromkeys(draw.visit for draw in own)),
    )


def rest(balances: Iterable[VialBalance]) -> tuple[Draw, ...]:
    """Propose what closes the log: the rest of each vial is discarded with the last visit that drew from it."""
    return tuple(
        Draw(vial=each.vial.id, visit=each.visits[-1], wasted=each.left)
        for each in balances
        if each.left > 0 and each.visits
    )


def fill(vials: Iterable[VialBalance], dose: Decimal, visit: int) -> tuple[Draw, ...]:
    """Draw a dose from what is left, vial after vial. Raises ValueError when too little is left."""
    drawn, needed = [], dose
    for each in vials:
        take = min(each.left, needed)
        if take > 0:
            drawn.append(Draw(vial=each.vial.id, visit=visit, injected=take))
            needed -= take
    if needed > 0:
        raise ValueError(f"{number(needed)} units are missing: open another vial")
    return tuple(drawn)


def shares(product: Product, vials: Iterable[OpenVial], draws: Sequence[Draw]) -> tuple[Share, ...]:
    """Split the vials of one product among their visits in billing units, so that all shares add up to the vials.

    Broken units are rounded along the running total, so nothing is billed twice or above what was opened.
    """
    found: dict[int, list[int]] = {}
    for vial in vials:
        own = [draw for draw in draws if draw.vial == vial.id]
        ordered = [(draw.visit, 0, draw.injected) for draw in own] + [(draw.visit, 1, draw.wasted) for draw in own]
        before = Decimal(0)
        for visit, place, units in sorted(ordered, key=lambda entry: entry[1]):
            share = billing_units(product, before + units) - billing_units(product, before)
            found.setdefault(visit, [0, 0])[place] += share
            before += units
    return tuple(Share(visit=visit, used=used, wasted=wasted) for visit, (used, wasted) in found.items())


def faults(vials: Iterable[OpenVial], draws: Iterable[Draw], patients: Mapping[int, int]) -> tuple[str, ...]:
    """Name vials that went to somebody they were not sent for; `patients` says whose visit each is."""
    owners = {vial.id: vial for vial in vials if vial.kept_for is not None}
    wrong = dict.fromkeys(
        draw.vial for draw in draws if draw.vial in owners and patients.get(draw.visit) != owners[draw.vial].kept_for
    )
    return tuple(f"Vial {owners[vial].lot} was sent by a pharmacy for another patient" for vial in wrong)
