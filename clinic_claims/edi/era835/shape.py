"""Shape the parser's rows into the records of a remittance."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from ..parts import Reference
from ..tables import Row, by
from .records import Adjustment, ClaimPayment, LinePayment, ProviderAdjustment, Remark, Remittance

ZERO, ONE = Decimal(0), Decimal(1)
MODIFIERS = tuple(f"modifier_{n}" for n in range(1, 5))
CLAIM_AS_READ = (
    *("segment", "claim_number", "status", "filing_code", "payer_control_number", "facility_code", "frequency"),
    *("received_on", "statement_from", "statement_to", "patient_last", "patient_first", "corrected_id"),
    "crossover_payer",
)


class _Kin(NamedTuple):
    """The rows below claims and lines, sorted under the line or claim they belong to."""

    lines: dict[int | None, list[Row]]
    line_adjustments: dict[int | None, list[Row]]
    line_refs: dict[int | None, list[Row]]
    remarks: dict[int | None, list[Row]]
    claim_adjustments: dict[int | None, list[Row]]
    claim_refs: dict[int | None, list[Row]]
    claim_remarks: dict[int | None, list[Row]]


def _kin(tables: dict[str, list[Row]]) -> _Kin:
    def of_claim(name: str) -> list[Row]:
        return [row for row in tables[name] if row["line"] is None]

    return _Kin(
        lines=by(tables["lines"], "claim"),
        line_adjustments=by(tables["adjustments"], "line"),
        line_refs=by(tables["refs"], "line"),
        remarks=by(tables["remarks"], "line"),
        claim_adjustments=by(of_claim("adjustments"), "claim"),
        claim_refs=by(of_claim("refs"), "claim"),
        claim_remarks=by([*tables["outpatient"], *tables["inpatient"]], "claim"),
    )


def remittance_of(row: Row, tables: dict[str, list[Row]]) -> Remittance:
    """Build one remittance from its row and the tables of its ST…SE."""
    payment = next(iter(tables["payments"]), {})
    kin = _kin(tables)
    number, is_npi = row["payee_number"], row["payee_qualifier"] == "XX"
    return Remittance(
        segment=row["segment"],
        payment_segment=payment.get("segment"),
        control_number=row["control_number"],
        payer_name=row["payer_name"],
        payer_id=row["payer_ref"] or row["payer_number"] or row["originator"],
        originator=row["originator"],
        payee_name=row["payee_name"],
        payee_npi=number if is_npi else "",
        payee_tax_id=row["payee_tax_ref"] or ("" if is_npi else number),
        trace=row["trace"],
        method=payment.get("method", ""),
        amount=payment.get("amount") or ZERO,
        paid_on=payment.get("paid_on"),
        produced_on=row["produced_on"],
        claims=tuple(_claim(claim, kin) for claim in tables["claims"]),
        provider_adjustments=tuple(map(_provider_adjustment, tables["provider_adjustments"])),
    )


def _claim(row: Row, kin: _Kin) -> ClaimPayment:
    key = row["row"]
    return ClaimPayment(
        **{name: row[name] for name in CLAIM_AS_READ},
        charged=row["charged"] or ZERO,
        paid=row["paid"] or ZERO,
        patient_responsibility=row["patient_responsibility"] or ZERO,
        member_id=row["patient_id"] or row["insured_id"],
        rendering_npi=row["rendering_id"] if row["rendering_qualifier"] == "XX" else "",
        refs=tuple(map(_ref, kin.claim_refs.get(key, ()))),
        adjustments=tuple(map(_adjustment, kin.claim_adjustments.get(key, ()))),
        remarks=tuple(remark for found in kin.claim_remarks.get(key, ()) for remark in _claim_remarks(found)),
        lines=tuple(_line(line, kin) for line in kin.lines.get(key, ())),
    )


def _line(row: Row, kin: _Kin) -> LinePayment:
    key, begun = row["row"], row["served_on"] or row["service_from"]
    return LinePayment(
        segment=row["segment"],
        qualifier=row["qualifier"],
        procedure=row["procedure"],
        modifiers=tuple([row[name] for name in MODIFIERS if row[name]]),
        charged=row["charged"] or ZERO,
        paid=row["paid"] or ZERO,
        allowed=row["allowed"],
        units=ONE if row["units"] is None else row["units"],
        units_billed=row["units_billed"],
        revenue_code=row["revenue_code"] or (row["procedure"] if row["qualifier"] == "NU" else ""),
        bundled_from=row["bundled_from"],
        service_from=begun,
        service_to=row["service_to"] or begun,
        refs=tuple(map(_ref, kin.line_refs.get(key, ()))),
        adjustments=tuple(map(_adjustment, kin.line_adjustments.get(key, ()))),
        remarks=tuple(map(_remark, kin.remarks.get(key, ()))),
    )


def _adjustment(row: Row) -> Adjustment:
    return Adjustment(row["segment"], row["group"], row["carc"], row["amount"] or ZERO, row["quantity"])


def _ref(row: Row) -> Reference:
    return Reference(row["segment"], row["qualifier"], row["value"])


def _remark(row: Row) -> Remark:
    return Remark(row["segment"], row["qualifier"], row["code"])


def _claim_remarks(row: Row) -> Iterator[Remark]:
    codes = (value for name, value in row.items() if name.startswith("code_") and value)
    return (Remark(row["segment"], "HE", code) for code in codes)


def _provider_adjustment(row: Row) -> ProviderAdjustment:
    return ProviderAdjustment(
        segment=row["segment"],
        reason=row["reason"],
        reference=row["reference"],
        amount=row["amount"] or ZERO,
        provider=row["provider"],
        fiscal_period_end=row["fiscal_period_end"],
    )
