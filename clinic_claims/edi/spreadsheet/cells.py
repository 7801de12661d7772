"""Turn what stands in a cell into a date, an amount or codes."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

Value = str | Decimal | date | tuple[str, ...]
DIGITS = r"(?:(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)"
NUMBER = re.compile(rf"(-?)({DIGITS})|(\()({DIGITS})\)|({DIGITS})(-)")
CODE = re.compile(r"[A-Z0-9]{5}")
DIAGNOSIS = re.compile(r"[A-Z]\d[A-Z0-9](?:\.?[A-Z0-9]{1,4})?")
DENIAL = re.compile(r"(?:(CO|PR|OA|PI|CR)[\s-]*)?((?:MA|[ABDMNPVWY])?\d{1,4})")
ISO, SLASHED = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})"), re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})")
WORDED = ("%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%b %d %Y", "%B %d, %Y", "%d %B %Y", "%d-%b-%y")
MIDNIGHT = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AP]M)?Z?$", re.I)
LONGEST = 18
DAYS = ("date", "birthday")
COUNTED = re.compile(r"([1-7]\d{4})(?:\.\d+)?")  # days since FIRST_DAY: the dates from 1927 to 2118
FIRST_DAY = date(1899, 12, 30)
ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!")


class Unreadable(ValueError):
    """A cell does not hold what its column promises; the message says what it should hold, never what it holds."""


def read_cell(kind: str, text: str, *, workbook: bool = False) -> Value:
    """Read a cell that is not empty. Raises `Unreadable`.

    A workbook keeps days as numbers, and hands them out so where the column was not marked as dates.
    """
    if text.upper() in ERRORS:
        raise Unreadable(f"holds the spreadsheet error {text.upper()}")
    if workbook and kind in DAYS and (match := COUNTED.fullmatch(text)):
        return FIRST_DAY + timedelta(days=int(match[1]))
    return READERS[kind](text)


def amount(text: str) -> Decimal:
    """Read "$1,842.00", "(12.50)", "-12.5" or "12.50-" as dollars; more than two decimals are refused."""
    value = number(text)
    if value != round(value, 2):
        raise Unreadable("should be an amount with two decimals")
    return value.quantize(Decimal("0.01"))


def number(text: str) -> Decimal:
    """Read a number as written in the United States: commas part thousands."""
    bare = text.replace("$", "").replace(" ", "").replace("−", "-")
    match = NUMBER.fullmatch(bare)
    if not match or len(bare) > LONGEST:
        raise Unreadable("should be a number such as 1,842.00")
    digits = match[2] or match[4] or match[5]
    value = Decimal(digits.replace(",", ""))
    return -value if match[1] or match[3] or match[6] else value


def day(text: str) -> date:
    """Read 2026-03-02, 3/2/2026 (month first), 20260302 or 2-Mar-2026, with or without a time."""
    bare = MIDNIGHT.sub("", text).strip()
    if match := ISO.fullmatch(bare):
        return _date(match[1], match[2], match[3])
    if match := SLASHED.fullmatch(bare):
        return _date(match[3] if len(match[3]) == 4 else f"20{match[3]}", match[1], match[2])
    for pattern in WORDED:
        try:
            return datetime.strptime(bare.replace("Sept ", "Sep "), pattern).date()  # noqa: DTZ007 a day has no zone
        except ValueError:
            continue
    raise Unreadable("should be a date such as 2026-03-02 or 3/2/2026")


def birthday(text: str) -> date:
    """Read a date whose year must have four digits: 3/2/26 may be a child or a centenarian."""
    if re.fullmatch(r".*\D\d{2}", MIDNIGHT.sub("", text).strip()) and not ISO.fullmatch(text.strip()[:10]):
        raise Unreadable("should be a date with a four-digit year")
    return day(text)


def _date(year: str, month: str, of_month: str) -> date:
    try:
        return date(int(year), int(month), int(of_month))
    except ValueError:
        raise Unreadable("is no day of the calendar (the month comes first)") from None


def _code(text: str) -> str:
    """Keep a code as text; a workbook turns 64612 into 64612.0."""
    return re.sub(r"^(\d+)\.0$", r"\1", text)


def procedure(text: str) -> tuple[str, ...]:
    """Read a procedure code and the modifiers some people write behind it: "64612-50"."""
    code, *rest = re.split(r"[\s,;:/-]+", _code(text).upper(), maxsplit=1)
    if not CODE.fullmatch(code):
        raise Unreadable("should be a procedure code of five characters")
    return (code, *(modifiers(rest[0]) if rest and rest[0] else ()))


def modifiers(text: str) -> tuple[str, ...]:
    """Read "LT", "LT 50", "RT,JW" or "LT50"."""
    parts = [part for part in re.split(r"[^A-Z0-9]+", _code(text).upper()) if part]
    found = [part[at : at + 2] for part in parts for at in range(0, len(part), 2)]
    if len(found) > 4 or any(len(each) != 2 for each in found):
        raise Unreadable("should be up to four modifiers of two characters, such as LT 50")
    return tuple(found)


def diagnoses(text: str) -> tuple[str, ...]:
    """Read ICD-10 codes, parted by anything, and leave out their dots as claims do."""
    found = [part for part in re.split(r"[\s,;|/]+", text.upper()) if part]
    if not all(DIAGNOSIS.fullmatch(each) for each in found):
        raise Unreadable("should be ICD-10 codes such as G51.31")
    return tuple(each.replace(".", "") for each in found)


def denials(text: str) -> tuple[str, ...]:
    """Read denial and remark codes: "CO-197", "197", "N54", with a group where one is written."""
    found: list[str] = []
    for part in re.split(r"[,;|/+]+", _code(text).upper().strip()):
        for group, code in _denials_of(part.strip()):
            found.append(f"{group}-{code}" if group else code)
    return tuple(found)


def _denials_of(part: str) -> list[tuple[str, str]]:
    matches = list(DENIAL.finditer(part))
    if DENIAL.sub("", part).strip(" -\n"):
        raise Unreadable("should be denial codes such as CO-197 or N54")
    return [(match[1] or "", match[2]) for match in matches]


def name(text: str) -> tuple[str, ...]:
    """Read "Marlowe, Iris" or "Iris Marlowe" as last and first name."""
    last, comma, first = text.partition(",")
    if not comma:
        first, _, last = text.strip().rpartition(" ")
    return last.strip(), first.strip()


def sex(text: str) -> str:
    """Keep the first letter: M, F or U."""
    return text[:1].upper()


READERS: dict[str, Callable[[str], Value]] = {
    "text": str,
    "code": _code,
    "procedure": procedure,
    "modifiers": modifiers,
    "diagnoses": diagnoses,
    "denials": denials,
    "name": name,
    "money": amount,
    "number": number,
    "date": day,
    "birthday": birthday,
    "sex": sex,
}
