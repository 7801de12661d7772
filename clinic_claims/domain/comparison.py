"""Approved beside billed: most denials after an approval are a difference between the two."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from .letter_parts import AuthorizationFacts, ClaimFacts, LineFacts
from .words import number

SIDES = {"RT": "right", "LT": "left"}
DIAGNOSIS_SIDES = {"G51.31": "right", "G51.32": "left", "G51.33": "both"}  # ICD-10-CM; the only ones here with a side


@dataclass(frozen=True)
class Compared:
    """One row of approved beside billed."""

    what: str
    approved: str
    billed: str
    same: bool


def comparison(approval: AuthorizationFacts, claim: ClaimFacts) -> tuple[Compared, ...]:
    """Set the approval beside the claim: each code, then provider and place."""
    codes = dict.fromkeys(line.code for line in (*approval.lines, *claim.lines))
    rows = [_code_row(code, approval.lines, claim.lines) for code in codes]
    rows += [
        Compared(what, said, done, said == done)
        for what, said, done in (
            ("Provider", approval.provider, claim.provider),
            ("Place", approval.place, claim.place),
        )
    ]
    return tuple(rows)


def _code_row(code: str, approved: Iterable[LineFacts], billed: Iterable[LineFacts]) -> Compared:
    """A code is billed as approved when its units, waste included, stay within what was approved on that side."""
    said = [line for line in approved if line.code == code]
    done = [line for line in billed if line.code == code]
    label = (said or done)[0].label
    fits = bool(said and done) and _units(done) <= _units(said) and _sides(done) == _sides(said)
    return Compared(f"{code} {label}", _amount(said), _amount(done), fits or not done)


def _units(lines: Iterable[LineFacts]) -> Decimal:
    return sum((line.units for line in lines), Decimal(0))


def _sides(lines: Iterable[LineFacts]) -> set[str]:
    return {modifier for line in lines for modifier in line.modifiers if modifier in SIDES}


def _amount(lines: list[LineFacts]) -> str:
    if not lines:
        return "not listed"
    units = _units(lines)
    sides = "".join(f", {SIDES[side]}" for side in sorted(_sides(lines)))
    return f"{number(units)} unit{'' if units == 1 else 's'}{sides}"
