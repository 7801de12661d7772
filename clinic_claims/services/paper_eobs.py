"""A paper EOB that somebody typed in: the same posting as a file, with the scanned page kept beside it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import groupby

from ..edi.era835 import Adjustment, ClaimPayment, LinePayment, Remark, Remittance, balance
from ..edi.era835.records import REVERSAL
from ..edi.findings import Fault
from . import documents, import_runs, intake, remittances
from .arrivals import Arrival, Intake, Posting
from .deeds import Deed, Refused

ZERO, ONE = Decimal(0), Decimal(1)
AHEAD, OLDEST = timedelta(days=31), timedelta(days=3653)  # how far from today a payment may be dated
REASON = re.compile(r"(CO|PR|OA|PI|CR)[\s-]*([A-Z]?\d{1,4})\s*[:=]?\s*\$?(-?[\d,]+(?:\.\d{1,2})?)", re.I)


@dataclass(frozen=True, kw_only=True)
class PaperLine:
    """One line of the page. `reasons` as printed: "CO-45 112.00; PR-2 50.00"; `remarks`: "N54 MA130"."""

    claim_number: str
    procedure: str
    charged: Decimal
    paid: Decimal
    reasons: str = ""
    remarks: str = ""


@dataclass(frozen=True, kw_only=True)
class PaperEob:
    """What stands on the page: the payer, its check or transfer number, the day, the amount, and the lines.

    A page without money has no number: `trace` is empty then.
    """

    payer: str
    trace: str
    paid_on: date
    amount: Decimal
    lines: tuple[PaperLine, ...]


def post(told: PaperEob, scan: bytes, name: str, deed: Deed, *, accepted: str = "") -> Intake:
    """Post what was typed. Raises Refused for a page that cannot be read, sums that are wrong, or one posted before.

    `accepted` is the reason for which wrong sums are posted all the same.
    """
    documents.media_type(scan)
    digest = sha256(scan).hexdigest()
    read = as_remittance(told if told.trace else replace(told, trace=f"EOB-{digest[:8]}"))
    faults = list(balance.faults(read))
    reasons = [*_misdated(told, deed), *(_in_words(fault) for fault in faults if not accepted)]
    if told.amount and not told.trace:
        reasons.append("Enter the check or transfer number: only a page without money has none.")
    if before := remittances.posted_before(read):
        reasons.append(f"Trace number {read.trace} of {told.payer} was posted on {remittances.when(before, read)}.")
    if standing := import_runs.standing(digest):
        reasons.append(f"This very page was entered on {standing.taken_at:%Y-%m-%d} by {standing.taken_by}.")
    if reasons:
        raise Refused(*reasons)
    answer = Intake(file=name, kind="paper", claims=len(read.claims), charged=_total(read, "charged"))
    answer.paid = _total(read, "paid")

    def work(posting: Posting) -> None:
        unbalanced = accepted if faults else None
        done = remittances.post(read, posting.document, deed, unbalanced_reason=unbalanced, typed=True)
        answer.matched, answer.unmatched, answer.denials = done.matched, done.unmatched, done.denials
        answer.notes += done.notes

    return intake.keep(Arrival(name, scan, deed, accepted), read, answer, work)


def _misdated(told: PaperEob, deed: Deed) -> Iterator[str]:
    """A slip of the year would set every deadline of its denials wrong."""
    if not deed.today - OLDEST <= told.paid_on <= deed.today + AHEAD:
        yield f"The date of payment, {told.paid_on}, cannot be meant: look at the year."


def _in_words(fault: Fault) -> str:
    """Say what does not add up, without the names that a file has for it."""
    place = "The check" if fault.tag == "BPR" else f"Line {fault.segment}"
    return f"{place}: {re.sub(r'(SVC03|CLP04|BPR02) says', 'the page says', fault.message)}."


def _total(read: Remittance, name: str) -> Decimal:
    return sum((getattr(each, name) for each in read.claims), ZERO)


def as_remittance(told: PaperEob) -> Remittance:
    """Write the page as the reader writes a file; a row of the form takes the place of a segment."""
    numbered = list(enumerate(told.lines, start=1))
    ordered = sorted(numbered, key=lambda each: each[1].claim_number)
    groups = groupby(ordered, key=lambda each: each[1].claim_number)
    return Remittance(
        segment=1,
        payment_segment=1,
        control_number="",
        payer_name=told.payer,
        payer_id="",
        originator="",
        payee_name="",
        payee_npi="",
        payee_tax_id="",
        trace=told.trace,
        method="paper",
        amount=told.amount,
        paid_on=told.paid_on,
        produced_on=None,
        claims=tuple(_claim(number, list(rows)) for number, rows in groups),
        provider_adjustments=(),
    )


def _claim(number: str, rows: Sequence[tuple[int, PaperLine]]) -> ClaimPayment:
    lines = tuple(_line(place, line) for place, line in rows)
    paid = sum((line.paid for line in lines), ZERO)
    owed = sum((each.amount for line in lines for each in line.adjustments if each.group == "PR"), ZERO)
    texts = ("filing_code", "payer_control_number", "facility_code", "frequency", "patient_last", "patient_first")
    return ClaimPayment(
        **dict.fromkeys((*texts, "member_id", "corrected_id", "rendering_npi", "crossover_payer"), ""),
        segment=rows[0][0],
        claim_number=number,
        status=REVERSAL if paid < 0 else "1",
        charged=sum((line.charged for line in lines), ZERO),
        paid=paid,
        patient_responsibility=owed,
        received_on=None,
        statement_from=None,
        statement_to=None,
        refs=(),
        adjustments=(),
        remarks=(),
        lines=lines,
    )


def _line(place: int, line: PaperLine) -> LinePayment:
    code, *modifiers = re.split(r"[\s:-]+", line.procedure.strip().upper())
    return LinePayment(
        segment=place,
        qualifier="HC",
        procedure=code,
        modifiers=tuple(modifiers),
        charged=line.charged,
        paid=line.paid,
        allowed=None,
        units=ONE,
        units_billed=None,
        revenue_code="",
        bundled_from="",
        service_from=None,
        service_to=None,
        refs=(),
        adjustments=tuple(_reasons(place, line.reasons)),
        remarks=tuple(Remark(place, "HE", remark) for remark in re.findall(r"[A-Z]{1,2}\d{1,4}", line.remarks.upper())),
    )


def _reasons(place: int, text: str) -> Iterator[Adjustment]:
    """Read the reasons of a line. Raises Refused for what is none."""
    if REASON.sub("", text).strip(" ,;"):
        raise Refused(f"Line {place}: write each reason as group, code and amount, such as CO-45 112.00; PR-2 50.00.")
    for group, code, amount in REASON.findall(text):
        yield Adjustment(place, group.upper(), code.upper(), Decimal(amount.replace(",", "")), None)
