"""Keep what a payer said of its claims, many at once, and read it back as the file said it."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..edi.era835 import Adjustment as Reason
from ..edi.era835 import ClaimPayment as Paid
from ..edi.era835 import LinePayment as PaidLine
from ..edi.era835 import Reference, Remark
from ..models import Adjustment, Claim, ClaimPayment, LinePayment, Remittance, ServiceLine
from . import strokes
from .sorting import remarks_of

ONE = Decimal(1)
Ours = Mapping[int, ServiceLine]  # our line by the segment of the payer's


def keep(
    payments: Sequence[Paid], claims: Mapping[int, Claim], lines: Mapping[int, Ours], remittance: Remittance
) -> dict[int, int]:
    """Write the rows of many claims in three statements; `claims` and `lines` are by the segment of the payment.

    Returns the keys of the payments by their segments.
    """
    rows = [_payment(each, claims.get(each.segment), remittance) for each in payments]
    keys = dict(zip((each.segment for each in payments), strokes.write(ClaimPayment, rows), strict=True))
    paid = [(each, line) for each in payments for line in each.lines]
    found = [
        _line(line, lines.get(each.segment, {}).get(line.segment)) | {"payment_id": keys[each.segment]}
        for each, line in paid
    ]
    line_keys = dict(zip((line.segment for _, line in paid), strokes.write(LinePayment, found), strict=True))
    reasons = [
        row | {"payment_id": keys[each.segment]}
        for each in payments
        for row in _reasons(each, lines.get(each.segment, {}), line_keys)
    ]
    strokes.write(Adjustment, reasons)
    return keys


def _payment(payment: Paid, claim: Claim | None, remittance: Remittance) -> dict[str, Any]:
    return {
        "remittance_id": remittance.id,
        "claim_id": claim.id if claim else None,
        "claim_number": payment.claim_number,
        "payer_control_number": payment.payer_control_number or None,
        "status": payment.status,
        "patient_name": ", ".join(filter(None, (payment.patient_last, payment.patient_first))) or None,
        "member_id": payment.member_id or None,
        "service_from": payment.statement_from or next((line.service_from for line in payment.lines), None),
        "charged": payment.charged,
        "paid": payment.paid,
        "patient_owes": payment.patient_responsibility,
        "remarks": [remark.code for remark in payment.remarks],
        "crossover_payer": payment.crossover_payer or None,
        "segment": payment.segment,
    }


def _line(line: PaidLine, ours: ServiceLine | None) -> dict[str, Any]:
    return {
        "service_line_id": ours.id if ours else None,
        "procedure": line.procedure or line.revenue_code,
        "modifiers": list(line.modifiers),
        "bundled_from": line.bundled_from or None,
        "control_number": line.control_number or None,
        "service_from": line.service_from,
        "charged": line.charged,
        "paid": line.paid,
        "remarks": list(remarks_of(line)),
        "segment": line.segment,
    }


def _reasons(payment: Paid, ours: Ours, line_keys: Mapping[int, int]) -> Iterator[dict[str, Any]]:
    """Give one row for each adjustment, of the whole claim and then of its lines."""
    whole = [remark.code for remark in payment.remarks]
    for each in payment.adjustments:
        yield _reason(each, whole)
    for line in payment.lines:
        found, remarks = ours.get(line.segment), list(remarks_of(line)) if line.adjustments else []
        for each in line.adjustments:
            yield _reason(each, remarks) | {
                "line_payment_id": line_keys[line.segment],
                "service_line_id": found.id if found else None,
                "procedure": line.procedure or line.revenue_code,
            }


def _reason(reason: Reason, remarks: list[str]) -> dict[str, Any]:
    return {
        "line_payment_id": None,
        "service_line_id": None,
        "procedure": None,
        "group": reason.group,
        "carc": reason.carc,
        "rarcs": remarks,
        "amount": reason.amount,
        "segment": reason.segment,
    }


def as_read(row: ClaimPayment) -> Paid:
    """Read a payment back from its rows, as far as posting needs it."""
    last, _, first = (row.patient_name or "").partition(", ")
    of_line: dict[int | None, list[Reason]] = {}
    for each in row.adjustments:
        reason = Reason(each.segment, each.group, each.carc, each.amount, None)
        of_line.setdefault(each.line_payment_id, []).append(reason)
    unsaid = dict.fromkeys(("filing_code", "facility_code", "frequency", "corrected_id", "rendering_npi"), "")
    return Paid(
        **unsaid,
        segment=row.segment,
        claim_number=row.claim_number,
        status=row.status,
        charged=row.charged,
        paid=row.paid,
        patient_responsibility=row.patient_owes,
        payer_control_number=row.payer_control_number or "",
        received_on=None,
        statement_from=row.service_from,
        statement_to=None,
        patient_last=last,
        patient_first=first,
        member_id=row.member_id or "",
        crossover_payer=row.crossover_payer or "",
        refs=(),
        adjustments=tuple(of_line.get(None, ())),
        remarks=tuple(Remark(row.segment, "HE", code) for code in row.remarks),
        lines=tuple(_line_as_read(line, of_line.get(line.id, [])) for line in row.lines),
    )


def _line_as_read(line: LinePayment, reasons: Sequence[Reason]) -> PaidLine:
    return PaidLine(
        segment=line.segment,
        qualifier="",
        procedure=line.procedure,
        modifiers=tuple(line.modifiers),
        charged=line.charged,
        paid=line.paid,
        allowed=None,
        units=ONE,
        units_billed=None,
        revenue_code="",
        bundled_from=line.bundled_from or "",
        service_from=line.service_from,
        service_to=None,
        refs=(Reference(line.segment, "6R", line.control_number),) if line.control_number else (),
        adjustments=tuple(reasons),
        remarks=tuple(Remark(line.segment, "HE", code) for code in line.remarks),
    )
