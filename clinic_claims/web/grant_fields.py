"""What a payer approved of each code, asked for with the step that records a part or changed approval."""

from typing import Any

from wtforms import IntegerField
from wtforms.fields import Field
from wtforms.validators import NumberRange

from ..services.authorizations import Granted
from .forms import Form, optional, required

STEPS = ("approve_in_part", "modify")
WHOLE = NumberRange(0, 99_999, "Enter whole units, 0 or more.")
VISITS = NumberRange(1, 99, "Enter whole visits, 1 or more.")


def codes(record: Any, action: str) -> list[str]:
    """Return the codes a step asks about; none for steps that grant nothing or all."""
    asks = record.__tablename__ == "authorization" and action in STEPS
    return list(dict.fromkeys(line.code for line in record.lines)) if asks else []


def fields(record: Any, action: str) -> dict[str, Field]:
    """Return two fields for each code: units and, where the payer counts them, visits."""
    made: dict[str, Any] = {}
    for place, code in enumerate(codes(record, action)):
        known = next(line for line in record.lines if line.code == code)
        said = f"{known.units_requested:,} were asked for; 0 if nothing was approved."
        made[f"units_{place}"] = IntegerField(
            f"{code}: units approved",
            [required("Enter the units approved."), WHOLE],
            default=known.units_approved,
            description=said,
        )
        made[f"visits_{place}"] = IntegerField(
            f"{code}: visits approved", [optional(), VISITS], default=known.visits_approved
        )
    return made


def granted(record: Any, action: str, form: Form) -> dict[str, Granted]:
    """Return what the form says was approved, by code."""
    return {
        code: Granted(units=form[f"units_{place}"].data, visits=form[f"visits_{place}"].data)
        for place, code in enumerate(codes(record, action))
    }
