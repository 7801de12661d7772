"""Packets: a front sheet, a letter and its exhibits in one file, checked against what a payer's portal takes."""

from .binding import LINK, Bound, Entry, Exhibit, Limits, Part, bind
from .clinic_copy import with_facts
from .exhibits import Unreadable, count_pages, opened
from .signing import place_signature

__all__ = [
    "LINK",
    "Bound",
    "Entry",
    "Exhibit",
    "Limits",
    "Part",
    "Unreadable",
    "bind",
    "count_pages",
    "opened",
    "place_signature",
    "with_facts",
]
