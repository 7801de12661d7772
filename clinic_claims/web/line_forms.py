"""Lines that a form may have any number of: blank ones are left out, and a button adds one more."""

import re
from typing import Any

from flask import request
from wtforms import FieldList, FormField, IntegerField, SelectField
from wtforms import Form as PlainForm
from wtforms.validators import NumberRange, Optional

from ..models import TreatmentCase
from .forms import LineField, MoneyField
from .records import RecordForm

MOST_LINES = 50
NOT_CHOSEN = "Choose one."


class CodeLine(PlainForm):
    """One code asked for, in billing units."""

    code = LineField("Code", longest=10)
    modifiers = LineField("Modifiers", longest=20)
    diagnosis = LineField("Diagnosis", longest=10)
    units = IntegerField("Units", [Optional(), NumberRange(1, 9999, "Enter whole units, 1 or more.")])

    @property
    def is_blank(self) -> bool:
        """Whether nobody typed a code here."""
        return not (self.code.data or "").strip()

    @property
    def codes(self) -> list[str]:
        """Return the modifiers: "RT, JZ" or "RT JZ" alike."""
        return [code.upper() for code in re.split(r"[\s,;]+", self.modifiers.data or "") if code]

    def tidy(self) -> dict[str, Any]:
        """Return code, diagnosis and units, in capitals as they are billed."""
        return {
            "code": (self.code.data or "").strip().upper(),
            "diagnosis": (self.diagnosis.data or "").strip().upper(),
            "units": self.units.data or 1,
        }


class ChargedLine(CodeLine):
    """One code billed, with its charge."""

    charged = MoneyField("Charge")
    ndc = LineField("NDC", longest=20)


class LinesForm(RecordForm):
    """A form of a case with parties to choose and lines below."""

    lines: "FieldList[FormField[Any]]"

    def asked_for_more(self) -> bool:
        """Add a blank line when that button was pressed; whatever else was typed stays."""
        if "more" not in request.form:
            return False
        if len(self.lines) < MOST_LINES:
            self.lines.append_entry()
        return True

    def used(self) -> list[Any]:
        """Return the lines that hold something."""
        return [entry.form for entry in self.lines if not entry.form.is_blank]

    def validate(self, *args: Any, **options: Any) -> bool:
        """Ask for at least one line, and for a diagnosis on each."""
        sound = super().validate(*args, **options)
        if not self.used():
            self.form_errors.append("Enter at least one line with a code.")
            return False
        for number, line in enumerate(self.used(), start=1):
            if not (line.diagnosis.data or "").strip():
                line.diagnosis.errors = ["Enter a diagnosis."]
                self.form_errors.append(f"Line {number}: enter a diagnosis such as G51.31.")
                sound = False
        return sound

    @property
    def faults(self) -> list[tuple[Any, str]]:
        """Return every fault with its field; those of lines point at the field of the line."""
        own = [(field, str(text)) for field in self if field.type != "FieldList" for text in field.errors]
        inner = [field for entry in self.lines for field in entry.form if entry.form.errors]
        return own + [(field, str(text)) for field in inner for text in field.errors]


def lines_of(kind: type[PlainForm], least: int) -> "FieldList[FormField[Any]]":
    """Give a field of several lines."""
    return FieldList(FormField(kind), min_entries=least, max_entries=MOST_LINES)


def choose(field: SelectField, rows: list[Any], say: Any, *, spare: str | None = None) -> None:
    """Fill a select with records; a single one is chosen already."""
    first = {"0": spare} if spare else {} if len(rows) == 1 else {"0": "Choose…"}
    field.choices = first | {str(row.id): say(row) for row in rows}


def coverages_of(case: TreatmentCase) -> list[Any]:
    """Return the patient's coverages, the primary one first."""
    return sorted(case.patient.coverages, key=lambda coverage: (coverage.rank, coverage.id))
