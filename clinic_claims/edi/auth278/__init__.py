"""The X12 278 response (X217): what a payer decided on a request for prior authorization."""

from ..findings import Fault
from .reader import read
from .records import AuthFile, Decision, Rejection, Review, ServiceReview

__all__ = ["AuthFile", "Decision", "Fault", "Rejection", "Review", "ServiceReview", "read"]
