"""What is no table, damaged, or unpacks without end: the spreadsheet reader names it and reads no further."""

import io
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic_claims.edi.spreadsheet import read_table
from clinic_claims.edi.spreadsheet.sources import NoTable, sheet_of
from tests.edi.workbooks import workbook


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02", "neither X12"),
        (b"%PDF-1.7\n\x00", "PDF"),
        (b"PK\x03\x04 no archive", "damaged"),
        (workbook(("Empty", [])), "empty"),
        (workbook(("Claims", [["Claim", "Amount"]]))[:-40], "damaged"),
        (b'Claim,Amount\nLN-1,"5\nLN-2,6\n', "quotation mark"),
        (b"Claim,Amount\n" + b"LN-1,1\n" * 200_001, "more than 200,000 rows"),
        (b"Claim," + b"x," * 600 + b"\n", "more than 500 columns"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(data, fault):
    (refusal,) = read_table(data).faults
    assert fault in str(refusal)


def test_a_hopeless_table_is_cut_off_after_the_first_faults():
    faults = read_table(b"Claim,Amount\n" + b"LN-1,x\n" * 600).faults
    assert (len(faults), str(faults[-1])) == (501, "and 100 more")


BOOK = workbook(("Claims", [["Claim", "Amount"], ["LN-1", 5]]))


@settings(max_examples=300)
@given(st.binary(max_size=300), st.integers(0, len(BOOK)), st.sampled_from([b"", b"Claim,Amount\n", BOOK]))
def test_no_bytes_at_all_upset_the_reader(junk, at, start):
    for data in (start + junk, start[:at] + junk + start[at + len(junk) :]):
        table = read_table(data)
        assert all(fault.message for fault in (*table.faults, *table.warnings))


def swollen(**parts: str) -> bytes:
    """A workbook with parts of it written anew."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"] = "Claim"
    book.save(out)
    with zipfile.ZipFile(out) as old:
        held = {name: old.read(name) for name in old.namelist()} | parts
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in held.items():
            new.writestr(name, content)
    return out.getvalue()


MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def test_cells_far_out_do_not_fill_their_rows():
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>7</v></c><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 3001))
    data = swollen(**{"xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"})
    assert sheet_of(data).rows == [["7"]] * 3000


def test_a_workbook_of_very_many_words_is_refused_before_it_is_read():
    words = f"<sst {MAIN}>{'<si><t>a</t></si>' * 4_000_000}</sst>"
    with pytest.raises(NoTable, match="too large"):
        sheet_of(swollen(**{"xl/sharedStrings.xml": words}))
