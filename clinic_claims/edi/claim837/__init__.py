"""The X12 837 (health care claim), professional and institutional: what a clinic billed, to whom, with which codes."""

from ..findings import Fault
from .reader import read
from .records import Claim, ClaimFile, Drug, HealthCode, ServiceLine

__all__ = ["Claim", "ClaimFile", "Drug", "Fault", "HealthCode", "ServiceLine", "read"]
