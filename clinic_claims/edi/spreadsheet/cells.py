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
YEAR_FIRST, BARE = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})"), re.compile(r"(\d{2})(\d{2})((?:19|20)\d{2})")
WORDED = ("%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%b %d %Y", "%B %d, %Y", "%B %d %Y", "%d %B %Y", "%d-%b-%y")
YEARS = range(1900, 2200)  # what a slip of the hand cannot reach
MIDNIGHT = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AP]M)?Z?$", re.I)
LONGEST, LARGEST = 18, 10**9
DAYS = ("date", "birthday")
COUNTED = re.compile(r"([1-7]\d{4})(?:\.\d+)?")  # days since a workbook's first one: the dates from 1927 to 2118
FIRST_DAY, FIRST_DAY_1904 = date(1899, 12, 30), date(1904, 1, 1)  # the second: workbooks begun on an old Macintosh
NOTHING = re.compile(r"-{1,2}|—")  # how an accountant's format writes zero
MANGLED = re.compile(r"\d(?:\.\d+)?E\+\d+", re.I)
ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!")


class Unreadable(ValueError):
    """A cell does not hold what its column promises; the message says what it should hold, never what it holds."""


def read_cell(kind: str, text: str, *, counted_from: date | None = None) -> Value:
    """Read a cell that is not empty. Raises `Unreadable`.

    A workbook keeps days as numbers, and hands them out so where the column was not marked as dates: `counted_from` is
    the day it counts them from, None for a table that is text.
    """
    if text.upper() in ERRORS:
        raise Unreadable(f"holds the spreadsheet error {text.upper()}")
    if kind in DAYS and (match := COUNTED.fullmatch(text)):
        if counted_from is None:
            raise Unreadable("holds a day as a spreadsheet counts it: mark the column as dates there, and save it anew")
        return counted_from + timedelta(days=int(match[1]))
    return READERS[kind](text)


def amount(text: str) -> Decimal:
    """Read "$1,842.00", "(12.50)", "-12.5", "12.50-" or "$ -" (nothing) as dollars.

    More than two decimals are refused, and so is a comma that cannot part thousands.
    """
    value = Decimal(0) if NOTHING.fullmatch(_bare(text)) else number(text)
    if value != round(value, 2):
        raise Unreadable("should be an amount with two decimals")
    return value.quantize(Decimal("0.01"))


def _bare(text: str) -> str:
    return re.sub(r"[$\s]", "", text).replace("−", "-").replace("–", "-")


def number(text: str) -> Decimal:
    """Read a number as written in the United States: commas part thousands."""
    bare = _bare(text)
    match = NUMBER.fullmatch(bare)
    if not match or len(bare) > LONGEST:
        raise Unreadable("should be a number such as 1,842.00")
    digits = match[2] or match[4] or match[5]
    value = Decimal(digits.replace(",", ""))
    if value >= LARGEST:
        raise Unreadable("is too large to be meant")
    return -value if match[1] or match[3] or match[6] else value


def day(text: str) -> date:
    """Read 2026-03-02, 3/2/2026 or 03022026 (month first), 20260302 or 2-Mar-2026, with or without a time."""
    bare = MIDNIGHT.sub("", text).strip()
    if match := BARE.fullmatch(bare):
        return _date(match[3], match[1], match[2])
    if match := ISO.fullmatch(bare) or YEAR_FIRST.fullmatch(bare):
        return _date(match[1], match[2], match[3])
    if match := SLASHED.fullmatch(bare):
        return _date(match[3] if len(match[3]) == 4 else f"20{match[3]}", match[1], match[2])
    for pattern in WORDED:
        try:
            worded = datetime.strptime(bare.replace("Sept ", "Sep "), pattern).date()  # noqa: DTZ007 a day has no zone
        except ValueError:
            continue
        return _date(str(worded.year), str(worded.month), str(worded.day))
    raise Unreadable("should be a date such as 2026-03-02 or 3/2/2026")


def birthday(text: str) -> date:
    """Read a date whose year must have four digits: 3/2/26 may be a child or a centenarian."""
    if re.fullmatch(r".*\D\d{2}", MIDNIGHT.sub("", text).strip()) and not ISO.fullmatch(text.strip()[:10]):
        raise Unreadable("should be a date with a four-digit year")
    return day(text)


def _date(year: str, month: str, of_month: str) -> date:
    try:
        found = date(int(year), int(month), int(of_month))
    except ValueError:
        raise Unreadable("is no day of the calendar (the month comes first)") from None
    if found.year not in YEARS:
        raise Unreadable(f"has a year that cannot be meant: {found.year:04d}")
    return found


def _code(text: str) -> str:
    """Keep a code as text; a workbook turns 64612 into 64612.0.

    Raises Unreadable for a long number that a spreadsheet has rounded: its last digits are lost.
    """
    if MANGLED.fullmatch(text):
        raise Unreadable("was rounded by a spreadsheet (such as 1.23E+12): mark the column as text and enter it anew")
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
