"""Turn plain data (TOML, JSON) into frozen records, naming every fault by its place.

Nothing is coerced: a number is not a string, a string is not a date. JSON has no dates or money, so
`from_json` also reads ISO dates and money strings.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar, get_args

from cattrs import Converter, transform_error
from cattrs.errors import ForbiddenExtraKeysError

T = TypeVar("T")


@dataclass(frozen=True)
class Misread(ValueError):
    """The data does not fit the record; `faults` holds one sentence for each place."""

    faults: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.faults)


def from_toml(data: Any, record: type[T]) -> T:
    """Build `record` from parsed TOML. Raises Misread with every fault."""
    return _read(_toml, data, record)


def from_json(data: Any, record: type[T]) -> T:
    """Build `record` from parsed JSON, where dates are ISO strings and money is a string. Raises Misread."""
    return _read(_json, data, record)


def _read(converter: Converter, data: Any, record: type[T]) -> T:
    try:
        return converter.structure(data, record)
    except Exception as error:  # cattrs raises a tree of errors; every leaf becomes one sentence
        raise Misread(tuple(_placed(fault) for fault in transform_error(error, format_exception=_words))) from None


def _placed(fault: str) -> str:
    what, _, place = fault.rpartition(" @ ")
    return f"{place.removeprefix('$').lstrip('.') or 'document'}: {what}"


def _words(error: BaseException, kind: type | None) -> str:
    """Say what is wrong in words for the person who wrote the data."""
    match error:
        case ForbiddenExtraKeysError():
            return f"unknown key {', '.join(sorted(error.extra_fields))}"
        case KeyError():
            return f"missing key {error.args[0]}"
        case AttributeError() | TypeError():
            return "expected a table of keys and values"
        case _ if " not in literal " in str(error):
            return f"expected one of {', '.join(map(str, get_args(kind)))}"
        case _:
            return str(error)


def _exactly(kind: type, name: str) -> Any:
    def check(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise ValueError(f"expected {name}, got {value!r}")
        return value

    return check


def _iso_date(value: Any, _: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"expected a date such as 2026-11-22, got {value!r}") from None


def _money(value: Any, _: Any) -> Decimal:
    """Read money or a measure; a float is refused because it cannot hold cents."""
    if isinstance(value, (float, bool)):
        raise ValueError(f'expected a string such as "1842.00", got {value!r}')
    try:
        return Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        raise ValueError(f'expected a string such as "1842.00", got {value!r}') from None


def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    for kind, name in ((str, "text"), (int, "a whole number"), (bool, "true or false")):
        converter.register_structure_hook(kind, _exactly(kind, name))
    converter.register_structure_hook(Decimal, _money)
    return converter


_toml = _converter()
_toml.register_structure_hook(date, _exactly(date, "a date such as 2026-11-22"))
_json = _converter()
_json.register_structure_hook(date, _iso_date)
_json.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))
