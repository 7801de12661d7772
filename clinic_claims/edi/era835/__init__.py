"""The X12 835 (electronic remittance advice): what a payer paid, adjusted and denied.

`read` gives a whole file, `stream` one remittance after the other, `remittances` some claims of each at a time. The
grammar is oxedi's; every sum is checked in `balance` and counted a second time, from the raw bytes, in `referee`.
"""

from ..findings import Fault
from ..parts import Reference
from .reader import Told, read, remittances, stream
from .records import (
    Adjustment,
    ClaimPayment,
    EraFile,
    LinePayment,
    ProviderAdjustment,
    Remark,
    Remittance,
)

__all__ = [
    "Adjustment",
    "ClaimPayment",
    "EraFile",
    "Fault",
    "LinePayment",
    "ProviderAdjustment",
    "Reference",
    "Remark",
    "Remittance",
    "Told",
    "read",
    "remittances",
    "stream",
]
