"""The X12 277: where claims stand with a payer, as claim acknowledgement (277CA, X214) or status response (X212)."""

from ..findings import Fault
from .reader import read
from .records import LineStatus, Status, StatusCode, StatusFile, StatusReport

__all__ = ["Fault", "LineStatus", "Status", "StatusCode", "StatusFile", "StatusReport", "read"]
