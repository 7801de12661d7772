"""The records of an 835: remittances, the claims they pay or deny, service lines, and every adjustment.

Amounts are dollars. `segment` is always the number of the segment in the file, counted from 1, so that any figure can
be traced back to the payer's own words.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ..findings import Fault
from ..parts import Reference, ref

REVERSAL = "22"


class Adjustment(NamedTuple):
    """Why an amount was not paid: group (CO, PR, OA, PI, CR) and claim adjustment reason code."""

    segment: int
    group: str
    carc: str
    amount: Decimal
    quantity: Decimal | None


class Remark(NamedTuple):
    """A remittance advice remark code (RARC): from LQ for a line (`qualifier` HE), from MIA or MOA for a claim."""

    segment: int
    qualifier: str
    code: str


class LinePayment(NamedTuple):
    """What the payer did with one service line (SVC).

    `procedure` is the code paid on; `bundled_from` the code billed, where the payer changed it (SVC06).
    `units` is 1 where the file says nothing, as the standard has it.
    """

    segment: int
    qualifier: str
    procedure: str
    modifiers: tuple[str, ...]
    charged: Decimal
    paid: Decimal
    allowed: Decimal | None
    units: Decimal
    units_billed: Decimal | None
    revenue_code: str
    bundled_from: str
    service_from: date | None
    service_to: date | None
    refs: tuple[Reference, ...]
    adjustments: tuple[Adjustment, ...]
    remarks: tuple[Remark, ...]

    @property
    def control_number(self) -> str:
        """The line control number we sent on the claim (REF*6R)."""
        return ref(self.refs, "6R")


class ClaimPayment(NamedTuple):
    """What the payer did with one claim (CLP). Adjustments here are of the whole claim; lines carry their own."""

    segment: int
    claim_number: str
    status: str
    charged: Decimal
    paid: Decimal
    patient_responsibility: Decimal
    filing_code: str
    payer_control_number: str
    facility_code: str
    frequency: str
    received_on: date | None
    statement_from: date | None
    statement_to: date | None
    patient_last: str
    patient_first: str
    member_id: str
    corrected_id: str
    rendering_npi: str
    crossover_payer: str
    refs: tuple[Reference, ...]
    adjustments: tuple[Adjustment, ...]
    remarks: tuple[Remark, ...]
    lines: tuple[LinePayment, ...]

    @property
    def is_reversal(self) -> bool:
        """Whether this takes back an earlier payment (status 22); its amounts have the opposite sign."""
        return self.status == REVERSAL

    @property
    def original_claim(self) -> str:
        """The payer's number of the claim this one corrects or reverses (REF*F8)."""
        return ref(self.refs, "F8")

    @property
    def authorization(self) -> str:
        """The prior authorization number the payer matched (REF*G1)."""
        return ref(self.refs, "G1")


@dataclass(frozen=True, slots=True)
class ProviderAdjustment:
    """Money moved outside any claim (PLB): WO overpayment recovery, FB forwarding balance, L6 interest.

    A positive amount lowers the payment, a negative one raises it.
    """

    segment: int
    reason: str
    reference: str
    amount: Decimal
    provider: str
    fiscal_period_end: date | None


@dataclass(frozen=True, slots=True)
class Remittance:
    """One payment (ST…SE): a check or transfer, its claims, and what the payer kept back.

    `payer_id` is the payer's own number: REF*2U, else N104, else `originator` (TRN03). `segment` is its ST,
    `payment_segment` its BPR.
    """

    segment: int
    payment_segment: int | None
    control_number: str
    payer_name: str
    payer_id: str
    originator: str
    payee_name: str
    payee_npi: str
    payee_tax_id: str
    trace: str
    method: str
    amount: Decimal
    paid_on: date | None
    produced_on: date | None
    claims: tuple[ClaimPayment, ...]
    provider_adjustments: tuple[ProviderAdjustment, ...]


@dataclass(frozen=True, slots=True)
class EraFile:
    """All that a file says. Post it only when `faults` is empty; warnings do not touch the money."""

    remittances: tuple[Remittance, ...]
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
