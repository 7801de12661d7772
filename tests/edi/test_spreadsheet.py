"""The spreadsheet reader on tables of our own: whatever the headers, separators and encodings are called."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904, to_excel

from clinic_claims.edi.envelope import recognise
from clinic_claims.edi.spreadsheet import FIELDS, read_table, suggest
from clinic_claims.edi.spreadsheet.cells import READERS, Unreadable, read_cell
from tests.edi.workbooks import workbook

DATA = Path(__file__).parents[1] / "data" / "csv"


def read(name, mapping=None):
    return read_table((DATA / name).read_bytes(), mapping)


def said(faults):
    return [str(fault) for fault in faults]


def test_a_table_of_a_billing_system_is_read_whole():
    table = read("denials_from_billing_system.csv")
    assert (table.faults, table.separator, len(table.rows)) == ((), ",", 4)
    assert said(table.warnings) == ["row 7: looks like a total and was left out"]
    first = table.rows[0]
    assert (first.number, first.cells[0]) == (2, "LN-1001")
    assert dict(first.values) == {
        "claim_number": "LN-1001",
        "patient_last": "Marlowe",
        "patient_first": "Iris",
        "mrn": "MRN-77",
        "birth_date": date(1958, 4, 12),
        "member_id": "HHP0001",
        "payer": "Harbor Health Plan",
        "date_of_service": date(2026, 3, 2),
        "procedure": "64612",
        "modifiers": ("LT",),
        "units": Decimal(1),
        "diagnoses": ("G5131", "R252"),
        "charge": Decimal("642.00"),
        "paid": Decimal("0.00"),
        "denial_codes": ("CO-197", "N54"),
        "status": "Denied",
    }


def test_rows_are_numbered_as_a_spreadsheet_shows_them():
    assert [row.number for row in read("denials_from_billing_system.csv").rows] == [2, 3, 4, 6]


def test_a_modifier_behind_the_code_is_told_apart():
    last = read("denials_from_billing_system.csv").rows[-1]
    assert (last.values["procedure"], last.values["modifiers"]) == ("64612", ("50",))


def test_a_header_may_stand_below_a_title():
    table = read("open_claims_semicolons.csv")
    assert table.columns == ("Patient", "Claim", "Date of service", "Balance", "Insurance")
    assert (table.separator, table.faults) == (";", ())
    assert said(table.warnings) == ["row 3: taken for the header; what stands above it was left out"]
    assert [(row.values["patient_last"], row.values["patient_first"]) for row in table.rows] == [
        ("Nóvak", "Petr"),
        ("Marlowe", "Iris"),
        ("Andrade", "Tomas"),
    ]
    assert [row.values["balance"] for row in table.rows] == [Decimal(48200), Decimal("-12.50"), Decimal("-3.50")]
    assert [row.values["date_of_service"].day for row in table.rows] == [9, 2, 4]
    assert table.rows[2].values["claim_number"] == "00123"


def test_utf16_and_line_breaks_in_cells_are_understood():
    table = read("tabs_utf16.txt")
    assert (table.separator, table.faults) == ("\t", ())
    assert [(row.number, row.values["claim_number"]) for row in table.rows] == [(2, "LN-1"), (3, "LN-2")]
    assert table.rows[0].values["notes"] == "called twice,\nno answer"


def test_every_bad_cell_is_named_by_row_and_column():
    table = read("bad_cells.csv")
    assert said(table.faults) == [
        "row 2, column DOB: should be a date with a four-digit year",
        "row 2, column Date of service: is no day of the calendar (the month comes first)",
        "row 2, column CPT: should be a procedure code of five characters",
        "row 2, column Modifier: should be up to four modifiers of two characters, such as LT 50",
        "row 2, column Units: should be a number such as 1,842.00",
        "row 2, column Dx: should be ICD-10 codes such as G51.31",
        "row 2, column Amount: should be a number such as 1,842.00",
        "row 2, column Denial code: should be denial codes such as CO-197 or N54",
        "row 3, column Date of service: is no day of the calendar (the month comes first)",
        "row 3, column Modifier: should be up to four modifiers of two characters, such as LT 50",
        "row 3, column Amount: should be an amount with two decimals",
        "row 4, column Date of service: holds the spreadsheet error #N/A",
        "row 4, column Amount: should be a number such as 1,842.00",
    ]
    assert table.rows[2].values["denial_codes"] == ("197",)
    assert "charge" not in table.rows[2].values
    assert not any("Iris" in fault for fault in said(table.faults))


def test_a_settled_mapping_goes_before_names():
    mapping = {"Amount": "paid", "Claim number": "claim_number"}
    table = read_table(b"Claim number,Amount,Payer\nLN-1,5,Harbor\n", mapping)
    assert (table.faults, dict(table.mapping)) == ((), mapping)
    assert dict(table.rows[0].values) == {"claim_number": "LN-1", "paid": Decimal("5.00")}


@pytest.mark.parametrize(
    ("mapping", "fault"),
    [
        ({"Billed": "charge"}, "column Billed: this column is not in the file; settle the columns anew"),
        ({"Amount": "fortune"}, "column Amount: there is no field “fortune” to read it as"),
        ({"Amount": "paid", "Claim": "paid"}, "column Amount: two columns cannot both be paid"),
    ],
)
def test_a_mapping_that_does_not_fit_is_a_fault(mapping, fault):
    assert fault in said(read_table(b"Claim,Amount\nLN-1,5\n", mapping).faults)


def test_columns_without_a_name_of_their_own_get_one():
    table = read_table(b"Claim,,Amount,Amount,\nLN-1,x,5,6,\n")
    assert table.columns == ("Claim", "Column 2", "Amount", "Amount (2)")
    assert dict(table.mapping) == {"Claim": "claim_number", "Amount": "charge"}


def test_unknown_names_ask_for_a_mapping():
    assert said(read_table(b"foo,bar\n1,2\n").faults) == [
        "None of the columns is known by its name; say what each column holds."
    ]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Claim #", "claim_number"),
        ("CLAIM_NO.", "claim_number"),
        ("Pt Last", "patient_last"),
        ("patientFirstName", "patient_first"),
        ("Chart No", "mrn"),
        ("D.O.B.", "birth_date"),
        ("Ins. Co.", "payer"),
        ("Chg Amt", "charge"),
        ("Denial Dt", "denied_on"),
        ("Date of Birth", "birth_date"),
        ("Policy #", "member_id"),
        ("Payor", "payer"),
        ("Svc Date", "date_of_service"),
        ("Proc Code", "procedure"),
        ("Mods", "modifiers"),
        ("Qty", "units"),
        ("ICD-10 Codes", "diagnoses"),
        ("Total Charges", "charge"),
        ("Ins Paid", "paid"),
        ("CARC/RARC", "denial_codes"),
        ("Prior Auth #", "authorization"),
        ("Claim Status", "status"),
        ("Shoe size", None),
    ],
)
def test_headers_are_known_by_what_people_call_them(header, field):
    assert suggest([header]).get(header) == field


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_is_known_by_its_own_name_and_label(field):
    assert suggest([field]) == {field: field}
    assert suggest([FIELDS[field].label]) == {FIELDS[field].label: field}
    assert FIELDS[field].kind in READERS


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("money", "$1,842.00", Decimal("1842.00")),
        ("money", "(12.50)", Decimal("-12.50")),
        ("money", "12.50-", Decimal("-12.50")),
        ("money", "-$.5", Decimal("-0.50")),
        *(("money", text, Decimal(0)) for text in ("-", "$ -", " $-  ", "–", "0", "(0.00)")),
        *(("money", text, Decimal(-5)) for text in ("($5.00)", "5-", "-$5", "$-5", "–5.00", "−5")),
        ("money", "1\xa0234.56", Decimal("1234.56")),
        ("number", "0.5", Decimal("0.5")),
        *(("date", text, date(2026, 3, 2)) for text in ("2026/03/02", "2026-3-2", "03022026", "March 2 2026")),
        *(("code", text, text) for text in ("1E5", "00123", "LN-1001")),
        ("date", "2026-03-02T00:00:00", date(2026, 3, 2)),
        ("date", "3/2/26", date(2026, 3, 2)),
        ("date", "3/2/2026 12:00 AM", date(2026, 3, 2)),
        ("date", "March 2, 2026", date(2026, 3, 2)),
        ("birthday", "1958-04-12", date(1958, 4, 12)),
        ("code", "64612.0", "64612"),
        ("procedure", "64612 LT,50", ("64612", "LT", "50")),
        ("modifiers", "LT50", ("LT", "50")),
        ("diagnoses", "g51.31, R25.2|G24.5", ("G5131", "R252", "G245")),
        ("denials", "CO 197/MA01", ("CO-197", "MA01")),
        ("denials", "PR-1; PR-2; B7", ("PR-1", "PR-2", "B7")),
        ("name", "Iris J Marlowe", ("Marlowe", "Iris J")),
        ("name", "Cher", ("Cher", "")),
        ("sex", "female", "F"),
    ],
)
def test_cells_are_read_as_people_write_them(kind, text, value):
    assert read_cell(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *(("money", text) for text in ("1,84", "1842,00", "--5", "(5", "5)", "1e3", "٣", ".", "1" * 30)),
        *(
            ("money", text)
            for text in ("1.234,56", "1.234", "1,23", "1 234,56", "1,2345.00", "12.345", "5.00CR", "n/a")
        ),
        *(("number", text) for text in ("-", "155 units")),
        *(("code", text) for text in ("1.23457E+12", "9e+11")),
        *(("date", text) for text in ("3/2/2206", "0026-03-02", "2/30/2026", "030226", "13/2/2026")),
        *(("date", text) for text in ("46083", "2026-13-01", "31/12/2026", "3.2.2026", "soon", "3/2")),
        *(("birthday", text) for text in ("4/12/58", "12-Apr-58")),
        *(("denials", text) for text in ("none", "CO-", "denied 197x")),
    ],
)
def test_cells_that_may_mean_anything_are_refused(kind, text):
    with pytest.raises(Unreadable):
        read_cell(kind, text)


def test_a_workbook_is_read_like_a_table():
    rows = [
        ["Claims of March"],
        ["Claim", "DOS", "CPT", "Charge", "Units", "DOB", "MRN"],
        [
            "LN-1001",
            datetime(2026, 3, 2, tzinfo=UTC).replace(tzinfo=None),
            64612,
            0.1 + 0.2,
            1.0,
            date(1958, 4, 12),
            "0077",
        ],
        [None, None],
        ["LN-1002", "3/4/2026", "J0585", 1200, 0.5, None, None],
        [None],
    ]
    table = read_table(workbook(("Claims", rows), ("Notes", [["hello"]])))
    assert (table.faults, table.separator) == ((), "")
    assert said(table.warnings) == [
        "The workbook has 2 sheets with rows; only the first, “Claims”, was read.",
        "row 2: taken for the header; what stands above it was left out",
    ]
    assert [row.number for row in table.rows] == [3, 5]
    assert dict(table.rows[0].values) == {
        "claim_number": "LN-1001",
        "date_of_service": date(2026, 3, 2),
        "procedure": "64612",
        "charge": Decimal("0.30"),
        "units": Decimal(1),
        "birth_date": date(1958, 4, 12),
        "mrn": "0077",
    }


def test_days_that_a_workbook_keeps_as_numbers_are_read_as_days():
    rows = [["Claim", "DOS", "DOB", "Units"], ["LN-1", 46083, 21287.0, 46083], ["LN-2", 46083.75, 20260302, 1]]
    table = read_table(workbook(("Claims", rows)))
    first, second = (row.values for row in table.rows)
    assert (first["date_of_service"], first["birth_date"], first["units"]) == (
        date(2026, 3, 2), date(1958, 4, 12), Decimal(46083)
    )  # fmt: skip
    assert (second["date_of_service"], table.faults) == (date(2026, 3, 2), ())


def test_a_workbook_of_an_old_macintosh_counts_its_days_from_1904():
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["Claim", "DOS", "DOB", "Billed on"])
    book.active.append(["LN-1", date(2026, 3, 2), date(1958, 4, 12), to_excel(date(2026, 3, 3), CALENDAR_MAC_1904)])
    made = io.BytesIO()
    book.save(made)
    table = read_table(made.getvalue())
    (row,) = (each.values for each in table.rows)
    assert (row["date_of_service"], row["birth_date"]) == (date(2026, 3, 2), date(1958, 4, 12))  # marked as dates
    assert (row["billed_on"], table.counted_from, table.faults) == (date(2026, 3, 3), date(1904, 1, 1), ())


def test_spaces_and_marks_that_nobody_sees_are_no_part_of_a_cell():
    text = "Claim\xa0No,Patient,DOS\n\u200bLN-1\xa0,Mar\u00adlowe\u202fIris,3/2/2026\ufeff\n".encode()
    assert recognise(text) == "csv"
    (row,) = (each.values for each in read_table(text).rows)
    assert (row["claim_number"], row["patient_last"], row["date_of_service"]) == ("LN-1", "Iris", date(2026, 3, 2))
    (row,) = read_table(workbook(("Claims", [["Claim", "DOS"], ["LN-1\u200b", "3/2/2026\xa0"]]))).rows
    assert dict(row.values) == {"claim_number": "LN-1", "date_of_service": date(2026, 3, 2)}


def test_a_day_that_text_keeps_as_a_number_says_what_to_do():
    table = read_table(b"Claim,DOS\nLN-1,46083\n")
    said_of = "holds a day as a spreadsheet counts it: mark the column as dates there, and save it anew"
    assert said(table.faults) == [f"row 2, column DOS: {said_of}"]


@pytest.mark.parametrize(("reason", "codes"), [("CO-197, N54", ("CO-197", "N54")), ("no approval on file", None)])
def test_a_reason_that_is_written_in_codes_is_read_as_codes(reason, codes):
    (row,) = read_table(f'Claim,DOS,Denial reason\nLN-1,3/2/2026,"{reason}"\n'.encode()).rows
    assert (row.values.get("denial_codes"), row.values["denial_reason"]) == (codes, reason)


MERGED = b"""Claim,Patient,DOS,CPT,Charge
LN-1,"Marlowe, Iris",3/2/2026,64612,412
,,,J0585,240
,,3/9/2026,95874,90

,,,64612,1
LN-2,,3/2/2026,64612,412
,"Andrade, Tomas",3/2/2026,64612,412
"""


def test_a_line_below_merged_cells_is_of_the_claim_above():
    rows = read_table(MERGED).rows
    assert [row.values.get("claim_number") for row in rows] == ["LN-1", "LN-1", "LN-1", None, "LN-2", None]
    assert [row.values["patient_last"] for row in rows[:3]] == ["Marlowe"] * 3
    assert [row.values["date_of_service"].day for row in rows[:3]] == [2, 2, 9]
    assert rows[1].cells[0] == ""  # the cells stay as they stand


@given(
    st.lists(
        st.tuples(
            st.text("ABCDEFGHIJK0123456789-", min_size=1, max_size=12),
            st.integers(-9_999_999, 9_999_999),
            st.dates(date(1930, 1, 1), date(2030, 1, 1)),
        ),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_every_cell_comes_back(made, separator, encoding, newline):
    rows = [["Claim no", "Amount paid", "Date of service"]]
    rows += [[f"LN{number}", f"{Decimal(cents) / 100:.2f}", day.isoformat()] for number, cents, day in made]
    table = read_table(newline.join(separator.join(row) for row in rows).encode(encoding))
    assert (table.faults, table.warnings, table.separator) == ((), (), separator)
    found = [tuple(row.values[name] for name in ("claim_number", "paid", "date_of_service")) for row in table.rows]
    assert found == [(f"LN{number}", Decimal(cents) / 100, day) for number, cents, day in made]
