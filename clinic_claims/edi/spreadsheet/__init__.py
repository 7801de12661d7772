"""Spreadsheets of claims: CSV by its header, and Excel workbooks, with typed cells and a fault for each bad one."""

from .fields import FIELDS, Field, suggest
from .table import CellFault, Table, TableRow, read_table

__all__ = ["FIELDS", "CellFault", "Field", "Table", "TableRow", "read_table", "suggest"]
