"""Packets: a front sheet, a letter and its exhibits in one file, checked against what a payer's portal takes."""

from .binding import LINK, Bound, Entry, Exhibit, Limits, Part, bind
from .clinic_copy import with_facts
from .exhibits import Unreadable, count_pages

__all__ = ["LINK", "Bound", "Entry", "Exhibit", "Limits", "Part", "Unreadable", "bind", "count_pages", "with_facts"]
