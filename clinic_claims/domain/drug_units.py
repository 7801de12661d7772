"""Count botulinum toxin in billing units: what was injected, what was discarded, and how both stand on the claim."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import ROUND_CEILING, Decimal

from .codes import CodeBook, DrugLine, Product, WastageDate


def billing_units(product: Product, toxin_units: Decimal | int) -> int:
    """Return the billing units of a dose; a broken unit counts as a whole one. Raises ValueError below zero."""
    if toxin_units < 0:
        raise ValueError("A dose cannot be below zero")
    whole = Decimal(toxin_units) / product.toxin_units_per_billing_unit
    return int(whole.to_integral_value(ROUND_CEILING))


def waste_lines(
    product: Product,
    injected: Decimal | int,
    vials: Collection[int],
    dos: date,
    dates: Mapping[str, WastageDate],
) -> tuple[DrugLine, ...]:
    """Return the drug lines for `injected` toxin units out of opened `vials` (toxin units each) on `dos`.

    Injected and discarded units add up to the vials opened. With waste: the injected units, then a JW line. Without:
    one JZ line, unmodified on service dates before JZ existed. Raises ValueError when the vials cannot be right.
    """
    unsold = sorted(set(vials) - {vial.toxin_units for vial in product.vials})
    if unsold:
        raise ValueError(f"{product.brand} is not sold in vials of {', '.join(map(str, unsold))} units")
    if not 0 < injected <= sum(vials):
        raise ValueError(f"{injected} units cannot come out of vials holding {sum(vials)}")
    given, opened = billing_units(product, injected), billing_units(product, sum(vials))
    if opened > given:
        return DrugLine(units=given), DrugLine(units=opened - given, modifier="JW")
    return (DrugLine(units=given, modifier="JZ" if dos >= dates["jz_effective"].day else ""),)


def smallest_vials(product: Product, dose: Decimal | int) -> tuple[int, ...]:
    """Return the vials, largest first, that cover a dose with the least waste, and among those the fewest.

    Raises ValueError unless the dose is above zero.
    """
    if dose <= 0:
        raise ValueError("A dose must be above zero")
    sizes = sorted(vial.toxin_units for vial in product.vials)
    best: dict[int, tuple[int, ...]] = {0: ()}
    limit = int(Decimal(dose).to_integral_value(ROUND_CEILING)) + sizes[-1]
    for total in range(sizes[0], limit + 1):
        ways = [(*best[total - size], size) for size in sizes if total - size in best]
        if ways:
            best[total] = min(ways, key=len)
    return tuple(sorted(best[min(total for total in best if total >= dose)], reverse=True))


def waste_warning(product: Product, injected: Decimal | int, vials: Sequence[int]) -> str | None:
    """Say when smaller vials would have covered the dose: a payer may refuse the difference."""
    enough = smallest_vials(product, injected)
    if sum(vials) <= sum(enough):
        return None
    return (
        f"{sum(vials)} units were opened for a dose of {injected}; {' + '.join(map(str, enough))} would have covered "
        f"it: expect a question about the {sum(vials) - sum(enough)} units more"
    )


def failing_examples(book: CodeBook) -> tuple[str, ...]:
    """Return one sentence for each worked case that the counting does not reproduce."""
    day = book.wastage_dates["jz_required"].day
    found: list[str] = []
    for row in book.wastage_examples.values():
        product = book.products[row.product]
        lines = waste_lines(product, Decimal(row.injected), row.vials, day, book.wastage_dates)
        if lines != row.lines:
            found.append(f"{row.case}: counted {lines}, the example says {row.lines}")
    return tuple(found)
