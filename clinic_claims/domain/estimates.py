"""What a visit will cost the patient, with the plan and in cash, and whether an appeal is worth its cost. Dollars."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from .words import money

CENT = Decimal("0.01")
NOTHING = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Benefits:
    """What the plan said; `coinsurance` in percent. None means not told: it is reckoned as nothing and said so."""

    deductible_left: Decimal | None = None
    copay: Decimal | None = None
    coinsurance: Decimal | None = None
    out_of_pocket_left: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Share:
    """The patient's part of an allowed amount, and what it is made of. `capped` by the out-of-pocket limit."""

    deductible: Decimal
    coinsurance: Decimal
    copay: Decimal
    total: Decimal
    capped: bool
    unknown: tuple[str, ...]


def share(allowed: Decimal, benefits: Benefits) -> Share:
    """Reckon the patient's part: deductible first, coinsurance on the rest, the copay, never above the allowed amount
    or what is left of the out-of-pocket limit. Raises ValueError below zero."""
    if allowed < 0:
        raise ValueError("An allowed amount cannot be below zero")
    deductible = min(allowed, benefits.deductible_left or NOTHING)
    part = ((allowed - deductible) * (benefits.coinsurance or NOTHING) / 100).quantize(CENT, ROUND_HALF_UP)
    copay = min(benefits.copay or NOTHING, allowed - deductible - part)
    whole = deductible + part + copay
    limit = benefits.out_of_pocket_left
    capped = limit is not None and whole > limit
    return Share(
        deductible=deductible,
        coinsurance=part,
        copay=copay,
        total=limit if capped and limit is not None else whole,
        capped=capped,
        unknown=tuple(name.replace("_", " ") for name, value in vars(benefits).items() if value is None),
    )


def advice(with_plan: Decimal, cash: Decimal, appeal_cost: Decimal | None) -> tuple[str, ...]:
    """Say with figures which way is cheaper: the plan, cash, or an appeal after a denial."""
    said: list[str] = []
    if cash < with_plan:
        said.append(
            f"Paying cash ({money(cash)}) is {money(with_plan - cash)} cheaper than the share under the plan "
            f"({money(with_plan)}). Cash paid outside the plan usually does not count toward the deductible."
        )
    else:
        said.append(f"The share under the plan ({money(with_plan)}) is not above the cash price ({money(cash)}).")
    if appeal_cost is not None:
        worth = "paying for it may cost less than appealing" if appeal_cost >= cash else "appealing is worth it"
        work = f"an appeal costs about {money(appeal_cost)} of work for a session of {money(cash)}"
        said.append(f"If the plan denies it, {work}: {worth}.")
    return tuple(said)
