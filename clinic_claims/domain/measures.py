"""What is measured, and how: each measure with its numerator, its denominator and the date that decides the period.

The six of the HFMA claim integrity task force are marked so; where its wording leaves a choice, ours is stated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .intervals import SMALL, median, median_interval, percent, percentile, wilson

Unit = Literal["percent", "days", "dollars", "count"]
HFMA = "HFMA"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measure. `things` are what `n` counts; `better` says which way is good."""

    id: str
    name: str
    unit: Unit
    things: str
    numerator: str
    denominator: str
    dated: str
    better: Literal["lower", "higher", "neither"]
    standard: str = ""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A measure's value for a period. `low` and `high` are the 95 % interval where one can be given.

    Percent stand as 0 to 100. `numerator` and `denominator` are what the value was divided from; for days the value is
    the median and `slow` the 90th percentile.
    """

    measure: Measure
    value: Decimal | None
    numerator: Decimal
    denominator: Decimal
    n: int
    low: Decimal | None = None
    high: Decimal | None = None
    slow: int | None = None

    @property
    def note(self) -> str:
        """Say how much the figure can be leaned on; empty when there are plenty of cases."""
        things = self.measure.things
        if not self.n:
            return f"No {things} in this period."
        if self.n >= SMALL or self.measure.unit in ("count", "dollars"):
            return ""
        few = f"Only {self.n} {things if self.n > 1 else singular(things)}"
        if self.low is None or self.high is None:
            return f"{few}: too few to lean on."
        span = f"{self.low:.0f} to {self.high:.0f}{_UNIT[self.measure.unit]}"
        return f"{few}: the true figure may lie anywhere from {span}."


_UNIT = {"percent": " %", "days": " days", "dollars": "", "count": ""}


def singular(things: str) -> str:
    """Return "claims answered" as "claim answered"."""
    first, _, rest = things.partition(" ")
    return f"{first.removesuffix('s')} {rest}".strip()


def share(measure: Measure, part: int, whole: int) -> Figure:
    """Return a share of cases in percent, with its Wilson interval."""
    low, high = wilson(part, whole)
    return Figure(
        measure=measure,
        value=percent(part, whole),
        numerator=Decimal(part),
        denominator=Decimal(whole),
        n=whole,
        low=percent(low, 1) if whole else None,
        high=percent(high, 1) if whole else None,
    )


def dollar_share(measure: Measure, part: Decimal, whole: Decimal, n: int) -> Figure:
    """Return a share of dollars in percent; dollars are no independent cases, so it has no interval."""
    return Figure(measure=measure, value=percent(part, whole), numerator=part, denominator=whole, n=n)


def days(measure: Measure, tally: Mapping[int, int]) -> Figure:
    """Return the median of days tallied as days: how often, with its interval and the 90th percentile."""
    n = sum(tally.values())
    low, high = median_interval(tally) or (None, None)
    middle = median(tally)
    return Figure(
        measure=measure,
        value=None if middle is None else Decimal(str(middle)),
        numerator=Decimal(sum(value * count for value, count in tally.items())),
        denominator=Decimal(n),
        n=n,
        low=None if low is None else Decimal(low),
        high=None if high is None else Decimal(high),
        slow=percentile(tally, 90),
    )


def counted(measure: Measure, value: int, n: int) -> Figure:
    """Return a plain count out of n."""
    return Figure(measure=measure, value=Decimal(value), numerator=Decimal(value), denominator=Decimal(n), n=n)


def dollars(measure: Measure, amount: Decimal, n: int) -> Figure:
    """Return a sum of dollars over n cases."""
    return Figure(measure=measure, value=amount, numerator=amount, denominator=Decimal(n), n=n)


def rate(measure: Measure, amount: Decimal, hours: Decimal, n: int) -> Figure:
    """Return dollars for each hour; none without hours."""
    value = (amount / hours).quantize(Decimal("0.01")) if hours else None
    return Figure(measure=measure, value=value, numerator=amount, denominator=hours, n=n)


# id | name | unit | what n counts | numerator | denominator | date | better | standard
_TABLE = """
initial_denial_rate   | Initial denial rate, by claims | percent | claims answered | Claims with at least one denial on file | Claims that the payer has answered | The day the claim was sent, the last time where it was sent again | lower | HFMA
initial_denial_dollars| Initial denial rate, by dollars | percent | claims answered | Dollars denied on those claims, at most what each charged | Dollars charged on claims that the payer has answered | The day the claim was sent, the last time where it was sent again | lower | HFMA
primary_denial_rate   | Primary denial rate | percent | claims to first payers | Claims to the patient's first plan with at least one denial | Claims to the patient's first plan that it has answered | The day the claim was sent, the last time where it was sent again | lower | HFMA
write_off_rate        | Written off, of net revenue | percent | claims answered | Dollars on denials of those claims that two people wrote off | Dollars charged less contract write-downs, on claims that the payer has answered | The day the claim was sent, the last time where it was sent again | lower | HFMA
days_to_appeal        | Denial to appeal | days | denials appealed | Days from the denial to the first appeal filed: the median | Denials with an appeal filed | The day of denial | lower | HFMA
days_to_resolution    | Denial to resolution | days | denials settled | Days from the denial to its settlement: the median | Denials that are settled: overturned, the patient's, or written off | The day of denial | lower | HFMA
overturned            | Denials overturned | percent | denials answered | Denials overturned or paid after all, wholly or in part | Those, and denials that are upheld, the patient's, or written off | The day of denial | higher | HFMA
clean_claim_rate      | Clean claims | percent | claims answered | Claims answered with no rejection, no request for records, no correction and no denial | Claims that the payer has answered | The day the claim was sent, the last time where it was sent again | higher |
appeal_rate           | Denials appealed | percent | denials | Denials with an appeal filed | Denials | The day of denial | higher |
missed_windows        | Missed windows | count | windows that closed | Windows to appeal whose last lawful day passed with nothing filed and nothing settled by then; each level of appeal has its own | Windows to appeal that ended | The last lawful day | lower |
recovered_per_hour    | Won back for each staff hour | dollars | deeds on denials | Dollars won back on denials settled | Hours of work on denials, appeals and letters, read from the history: time between two deeds of one person up to 15 minutes, and 5 minutes for a deed that stands alone | The day of settlement, and of the work | higher |
approval_rate         | Approvals granted | percent | requests decided | Requests for approval that the payer granted in the end, wholly or in part | Requests for approval that the payer decided | The day of the decision | higher |
turnaround            | Approval turnaround | days | requests decided | Days from request to the first decision: the median, and the 90th percentile | Requests for approval that the payer decided, whose day of request is on file | The day of the first decision | lower |
units_wasted          | Drug discarded | percent | visits with a drug | Billing units of drug discarded | Billing units of drug used and discarded | The day of the visit | lower |
cash_collected        | Cash collected | dollars | payments posted | Dollars that payers paid on our claims, less what they took back | – | The day of the remittance | higher |
"""  # noqa: E501 (a table is read across)


def _read(table: str) -> dict[str, Measure]:
    names = ("id", "name", "unit", "things", "numerator", "denominator", "dated", "better", "standard")
    rows = ([cell.strip() for cell in line.split("|")] for line in table.strip().splitlines())
    found = [Measure(**dict(zip(names, row, strict=True))) for row in rows]  # pyright: ignore[reportArgumentType]
    return {measure.id: measure for measure in found}


MEASURES = _read(_TABLE)
"""Every measure by id, in the order of the page."""
