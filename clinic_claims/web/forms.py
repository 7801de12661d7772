"""Forms whose messages say what to type."""

from collections.abc import Iterable, MutableMapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField as LibraryDateField
from wtforms import StringField as LibraryStringField
from wtforms.fields import Field
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import TextInput

LONGEST_LINE = 200  # characters of a one-line answer


class Form(FlaskForm):
    """Parent of all forms. A page shows `faults` once on top, each linking to its field."""

    class Meta(FlaskForm.Meta):
        """Strip spaces around what was typed, in every field that takes text."""

        def bind_field(self, form: Any, unbound_field: Any, options: MutableMapping[str, Any]) -> Any:
            """Give a text field the stripping filter unless it has filters of its own."""
            kind = unbound_field.field_class
            if issubclass(kind, LibraryStringField):
                unbound_field.kwargs.setdefault("filters", [_strip])
            return super().bind_field(form, unbound_field, options)

    @property
    def faults(self) -> list[tuple[Field, str]]:
        """Return every fault with its field, in the order of the page."""
        return [(field, str(message)) for field in self for message in field.errors]


def required(message: str) -> InputRequired:
    """Ask for an answer, saying what to type."""
    return InputRequired(message)


def optional() -> Optional:
    """Let a field be left empty."""
    return Optional()


class LineField(LibraryStringField):
    """One line of text."""

    def __init__(self, label: str, validators: Sequence[Any] = (), **options: Any) -> None:
        longest = options.pop("longest", LONGEST_LINE)
        limit = Length(max=longest, message=f"Use at most {longest} characters.")
        super().__init__(label, [*validators, limit], **options)


class DateField(LibraryDateField):
    """A day, typed as 2026-11-22 or 11/22/2026, or picked."""

    MESSAGE = "Enter a date such as 11/22/2026."

    def __init__(self, label: str, validators: Sequence[Any] = (), **options: Any) -> None:
        super().__init__(label, list(validators), format=["%Y-%m-%d", "%m/%d/%Y"], **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day. Raises ValueError with what to type."""
        if not valuelist or not valuelist[0].strip():
            return
        try:
            super().process_formdata([valuelist[0].strip()])
        except ValueError:
            raise ValueError(self.MESSAGE) from None


class MoneyField(Field):
    """Dollars and cents, typed with or without $ and commas; the data is an exact Decimal."""

    MESSAGE = "Enter an amount such as 1842.00."
    LARGEST = Decimal("99999999.99")
    widget = TextInput()

    def __init__(self, label: str, validators: Sequence[Any] = (), **options: Any) -> None:
        options.setdefault("render_kw", {"inputmode": "decimal", "autocomplete": "off", "class": "money-input"})
        super().__init__(label, list(validators), **options)
        self.typed: str | None = None

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return "" if self.data is None else f"{self.data:.2f}"

    def process_formdata(self, valuelist: Iterable[str]) -> None:
        """Read the amount, never as a float. Raises ValueError with what to type."""
        self.typed = next(iter(valuelist), "").strip()
        plain = self.typed.replace("$", "").replace(",", "").strip()
        if not plain:
            self.data = None
            return
        try:
            amount = Decimal(plain)
        except InvalidOperation:
            raise ValueError(self.MESSAGE) from None
        if not amount.is_finite() or amount != amount.quantize(Decimal("0.01")) or abs(amount) > self.LARGEST:
            raise ValueError(self.MESSAGE)
        self.data = amount.quantize(Decimal("0.01"))


def _strip(text: Any) -> Any:
    return text.strip() if isinstance(text, str) else text


__all__ = ["DataRequired", "DateField", "Form", "LineField", "MoneyField", "optional", "required"]
