"""Packets: a front sheet, a letter and its exhibits in one file, checked against what a payer's portal takes."""

from .binding import LINK, Bound, Entry, Exhibit, Limits, Part, bind
from .clinic_copy import with_facts
from .exhibits import Unreadable, as_pdf, count_pages, refuse_bombs
from .signing import place_signature

__all__ = [
    "LINK",
    "Bound",
    "Entry",
    "Exhibit",
    "Limits",
    "Part",
    "Unreadable",
    "as_pdf",
    "bind",
    "count_pages",
    "place_signature",
    "refuse_bombs",
    "with_facts",
]
