"""What a payer approved of each code, asked for with the step that records a part or changed approval."""

from typing import Any

from wtforms import IntegerField
from wtforms.fields import Field
from wtforms.validators import NumberRange

from ..services.authorizations import Granted
from .forms import Form, optional, required

WHOLE_GRANT = "approve"  # what was asked for was given: only the visits, where the payer counts them, are not known
STEPS = (WHOLE_GRANT, "approve_in_part", "modify")
WHOLE = NumberRange(0, 99_999, "Enter whole units, 0 or more.")
VISITS = NumberRange(1, 99, "Enter whole visits, 1 or more.")


def codes(record: Any, action: str) -> list[str]:
    """Return the codes a step asks about; none for steps that grant nothing or all."""
    asks = record.__tablename__ == "authorization" and action in STEPS
    return list(dict.fromkeys(line.code for line in record.lines)) if asks else []


def fields(record: Any, action: str) -> dict[str, Field]:
    """Return the fields of each code: units, unless all were given, and visits, where the payer counts them."""
    made: dict[str, Any] = {}
    for place, code in enumerate(codes(record, action)):
        known = next(line for line in record.lines if line.code == code)
        if action != WHOLE_GRANT:
            made[f"units_{place}"] = IntegerField(
                f"{code}: units approved",
                [required("Enter the units approved."), WHOLE],
                default=known.units_approved,
                description=f"{known.units_requested:,} were asked for; 0 if nothing was approved.",
            )
        made[f"visits_{place}"] = IntegerField(
            f"{code}: visits approved", [optional(), VISITS], default=known.visits_approved
        )
    return made


def granted(record: Any, action: str, form: Form) -> dict[str, Granted]:
    """Return what the form says was approved, by code; nothing where all was given and no visit is counted."""
    asked = list(enumerate(codes(record, action)))
    visits = {code: form[f"visits_{place}"].data for place, code in asked}
    if action == WHOLE_GRANT:
        return {
            code: Granted(units=_requested(record, code), visits=visits[code])
            for code in visits
            if any(visits.values())
        }
    return {code: Granted(units=form[f"units_{place}"].data, visits=visits[code]) for place, code in asked}


def _requested(record: Any, code: str) -> int:
    return sum(line.units_requested for line in record.lines if line.code == code)
