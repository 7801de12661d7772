"""Spreadsheets: columns settled once, a look before the deed, what is known already left out, and back in its shape."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904, to_excel

from clinic_claims.db import db, transaction
from clinic_claims.models import Claim, Denial, ImportMapping, ImportRun, Patient
from clinic_claims.services import import_runs, spreadsheets, table_exports

from .era import claim as era_claim
from .era import remittance

BILLING = "csv/denials_from_billing_system.csv"


def table(
    *rows, head="Claim,Patient,DOB,Member ID,Payer,DOS,CPT,Mod,Units,Dx,Charge,Paid,Denial code,Denied on,Billed on"
):
    return "\n".join([head, *rows]).encode()


ROW = 'L-1,"Marlowe, Iris",4/12/1958,HHP0001,Harbor Health Plan,3/2/2026,J0585,JZ,100,G51.31,642.00,,,,3/4/2026'


def the_claim(number):
    return db.session.query(Claim).filter_by(number=number).one()


@pytest.fixture
def one_provider(lakeside, clinic):
    """A practice of one physician and one place, whose spreadsheet names neither."""
    with transaction():
        for extra in (clinic.case, clinic.coverage, clinic.patient, lakeside.surgeon, lakeside.hospital, lakeside.east):
            db.session.delete(extra)
        db.session.flush()
        db.session.delete(clinic.provider)
    return lakeside


def test_rows_become_claims_with_their_patients(one_provider, post, sample):
    answer = post(sample(BILLING), name="denials.csv")
    assert (answer.status, answer.kind, answer.claims, answer.matched) == ("posted", "csv", 2, 1)
    claim = the_claim("LN-1001")
    assert (claim.charged, [line.code for line in claim.lines]) == (Decimal("2442.00"), ["64612", "J0585", "J0585"])
    assert (claim.case.patient.name, claim.case.patient.mrn, claim.service_from) == (
        "Marlowe, Iris", "MRN-77", date(2026, 3, 2),
    )  # fmt: skip
    assert "LN-1002: The claim names no toxin: open the treatment case first." in answer.notes


def test_what_was_paid_and_what_the_patient_owes_is_credited(one_provider, post):
    post(table(ROW.replace("642.00,,,,", "642.00,500.00,PR-2,,")))
    claim = the_claim("L-1")
    assert (claim.paid, claim.patient_owes, claim.state, claim.lines[0].paid) == (500, 142, "paid", 500)


def test_a_denial_without_its_day_is_not_logged_and_is_told(one_provider, post, sample):
    answer = post(sample(BILLING))
    assert (answer.denials, db.session.query(Denial).count()) == (0, 0)
    assert "LN-1001: Its denial was not logged: the table has no date for it. Log it from the notice." in answer.notes


def test_a_denial_with_its_day_is_logged(one_provider, post):
    answer = post(table(ROW.replace("642.00,,,,", '642.00,0.00,"CO-197, N54",3/20/2026,')))
    (denial,) = db.session.query(Denial).all()
    assert (answer.denials, denial.codes, denial.amount, denial.denied_on) == (
        1, "CO-197 · N54", Decimal("642.00"), date(2026, 3, 20),
    )  # fmt: skip
    assert the_claim("L-1").state == "denied"


def test_rows_that_the_same_codes_refuse_are_one_denial(one_provider, post):
    first = ROW.replace("642.00,,,,", '642.00,0.00,"CO-197, N54",3/20/2026,')
    answer = post(
        table(first, first.replace("J0585,JZ,100", "64612,RT,1"), first.replace("197", "50").replace("JZ", "JW"))
    )
    found = [
        (denial.codes, denial.amount, len(denial.lines)) for denial in db.session.query(Denial).order_by(Denial.id)
    ]
    assert found == [("CO-197 · N54", 1284, 2), ("CO-50 · N54", 642, 1)]
    assert answer.denials == 2
    denied = db.session.query(Denial).order_by(Denial.id)
    assert [[row.place for row in import_runs.told_of(each)] for each in denied] == [[2], [4]]


def test_bad_rows_refuse_the_file_with_row_and_column(one_provider, post, sample):
    answer = post(sample("csv/bad_cells.csv"))
    assert (answer.status, db.session.query(Claim).count()) == ("refused", 0)
    assert {
        "segment": 2,
        "tag": "CPT",
        "message": "row 2, column CPT: should be a procedure code of five characters",
    } in (answer.faults)


def test_bad_rows_may_be_left_out(one_provider, post):
    bad = ROW.replace("L-1", "L-2").replace("J0585", "6461")
    answer = post(table(ROW, bad), leave_out=True)
    assert (answer.status, [claim.number for claim in db.session.query(Claim)]) == ("posted", ["L-1"])
    assert answer.notes[0] == "Left out: row 3, column CPT: should be a procedure code of five characters."


def test_a_claim_with_one_bad_row_is_left_out_whole(one_provider, post):
    bad = ROW.replace("JZ,100", "JW,many")
    post(table(ROW, bad, ROW.replace("L-1", "L-3").replace("3/2/", "3/9/")), leave_out=True)
    assert [claim.number for claim in db.session.query(Claim)] == ["L-3"]


def test_the_same_row_twice_is_a_fault(one_provider, post):
    answer = post(table(ROW, ROW))
    assert answer.faults == [{"segment": 3, "tag": "", "message": "row 3: is the same as row 2"}]


def test_the_same_line_below_two_claims_is_none(one_provider, post):
    lines = [ROW, ",,,,,,64612,RT,1,,412.00,,,,", ROW.replace("L-1", "L-2"), ",,,,,,64612,RT,1,,412.00,,,,"]
    assert post(table(*lines)).faults == []
    assert [line.code for line in the_claim("L-1").lines] == ["J0585", "64612"]


def test_what_no_column_holds_is_said_once(one_provider, post):
    answer = post(table("L-1,Marlowe,J0585,3/2/2026", "L-2,Marlowe,J0585,3/2/2026", head="Claim,Patient,CPT,DOS"))
    assert [fault["message"] for fault in answer.faults] == [
        "No column holds a charge; say what each column holds.",
        "No column holds a member ID, a record number or a birth date to tell the patient by; "
        "say what each column holds.",
    ]


def test_a_table_without_rows_is_refused(one_provider, post):
    answer = post(table())
    assert (answer.status, answer.faults[0]["message"]) == (
        "refused", "The table has no rows below the names of its columns.",
    )  # fmt: skip


def test_a_claim_on_file_is_left_out(one_provider, post):
    post(table(ROW))
    answer = post(table(ROW, ROW.replace("L-1", "L-9")))
    assert (answer.status, db.session.query(Claim).count()) == ("posted", 1)
    assert answer.notes == [
        "L-1: on file already; left out.",
        "L-9: looks like L-1: same patient, day and charge; left out.",
    ]


def test_what_cannot_be_entered_is_told_with_its_reason(clinic, post):
    answer = post(table(ROW))
    assert (answer.status, answer.unmatched, db.session.query(Claim).count()) == ("posted", ["L-1"], 0)
    assert "Payer Harbor Health Plan is not on file: enter it with its plan." in answer.notes[0]


def test_the_columns_of_a_source_are_settled_once(one_provider, post, deed):
    head = "Claim ref,Who,Born,Card,Ins,When,What,Mod,N,Why,Usd,Got,Codes,Told,Sent"
    mapping = dict(zip(head.split(","), spreadsheets.preview(table(ROW)).table.mapping.values(), strict=True))
    assert post(table(ROW, head=head)).status == "refused"
    assert post(table(ROW, head=head), mapping=mapping, source="Old system").status == "posted"
    assert db.session.query(ImportMapping).one().name == "Old system"
    again = table(ROW.replace("L-1", "L-2").replace("3/2/", "3/9/"), head=head)
    assert spreadsheets.preview(again).mapping_name == "Old system"
    assert post(again).status == "posted"


def test_a_preview_changes_nothing(one_provider, app):
    looked = spreadsheets.preview(table(ROW, ROW.replace("J0585", "6461")))
    assert (len(looked.new), [str(fault) for fault in looked.faults]) == (
        0,
        ["row 3, column CPT: should be a procedure code of five characters"],
    )
    assert db.session.query(Patient).count() == 0


def workbook(data):
    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(data.decode())):
        book.active.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def test_a_workbook_is_taken_in_like_a_table(one_provider, post):
    answer = post(workbook(table(ROW)), name="claims.xlsx")
    assert (answer.status, answer.kind, the_claim("L-1").charged) == ("posted", "xlsx", Decimal("642.00"))


def test_an_import_is_undone_whole(one_provider, post, later):
    run = db.session.get(ImportRun, post(table(ROW)).run_id)
    with transaction():
        import_runs.undo(run, later(1))
    assert (db.session.query(Claim).count(), db.session.query(Patient).count()) == (0, 0)


def test_a_table_is_written_back_in_its_own_shape(one_provider, post, deed):
    head = "Claim,Patient,DOB,Member ID,Payer,DOS,CPT,Mod,Units,Dx,Charge,Paid,Status,Our remark,Billed on"
    row = ROW.replace("642.00,,,,", "642.00,,open,ask Ada,")
    run = db.session.get(ImportRun, post(table(row, head=head)).run_id)
    name, data, media = table_exports.back(run, deed)
    lines = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert (name, media, list(lines[0])) == ("era-updated.csv", "text/csv", head.split(","))
    assert (lines[0]["Our remark"], lines[0]["Paid"], lines[0]["DOS"]) == ("ask Ada", "0.00", "3/2/2026")
    assert lines[0]["Status"] == the_claim("L-1").state.replace("_", " ")


def test_a_workbook_is_written_back_as_a_workbook(one_provider, post, deed):
    run = db.session.get(ImportRun, post(workbook(table(ROW)), name="mine.xlsx").run_id)
    name, data, _ = table_exports.back(run, deed)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert (name, sheet["A2"].value, sheet["L2"].value) == ("mine-updated.xlsx", "L-1", 0)
    assert (sheet["C2"].value, sheet["F2"].value) == (datetime(1958, 4, 12), datetime(2026, 3, 2))  # noqa: DTZ001
    assert (sheet["K2"].value, sheet["G2"].value, sheet["D2"].value) == (642, "J0585", "HHP0001")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("642.00", "-642.00"), "row 2, column Charge: is below zero: what was taken back is no claim"),
        ((",100,", ",0,"), "row 2, column Units: should be 1 or more"),
        (("4/12/1958", "4/12/2026"), "row 2, column DOB: lies after the service"),
        (("642.00,,,,", "642.00,0,CO-197,3/1/2026,"), "row 2, column Denied on: lies before the service"),
        (("642.00", "1000000000"), "row 2, column Charge: is too large to be meant"),
    ],
)
def test_what_cannot_be_is_a_fault_of_its_row(one_provider, post, change, fault):
    answer = post(table(ROW.replace(*change)))
    assert (answer.status, [each["message"] for each in answer.faults]) == ("refused", [fault])


def test_a_stay_that_ends_before_it_begins_is_a_fault_of_its_row(one_provider, post):
    head = "Claim,Patient,DOB,Member ID,Payer,DOS,To date,CPT,Mod,Units,Dx,Charge,Billed on"
    row = ROW.replace("3/2/2026,", "3/2/2026,3/1/2026,").replace("642.00,,,,", "642.00,")
    (fault,) = post(table(row, head=head)).faults
    assert fault["message"] == "row 2, column To date: lies before the service began"


def test_a_denial_dated_ahead_is_not_logged_and_is_told(one_provider, post):
    answer = post(table(ROW.replace("642.00,,,,", "642.00,0,CO-197,3/2/2027,")))
    said = "Its denial was not logged: its date, 2027-03-02, lies ahead. Log it from the notice."
    assert (answer.notes, db.session.query(Denial).count()) == ([f"L-1: {said}"], 0)


def test_the_largest_amount_that_may_stand_in_a_table_is_kept(one_provider, post):
    assert post(table(ROW.replace("642.00", "999999999.99"))).status == "posted"
    assert the_claim("L-1").charged == Decimal("999999999.99")


def test_a_workbook_that_counts_from_1904_is_written_back_with_the_same_days(one_provider, post, deed):
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    (cells,) = csv.reader(io.StringIO(ROW))
    cells[5] = to_excel(date(2026, 3, 2), CALENDAR_MAC_1904)  # a day that is not marked as one
    book.active.append(table().decode().split(","))
    book.active.append(cells)
    out = io.BytesIO()
    book.save(out)
    answer = post(out.getvalue(), name="mine.xlsx")
    assert the_claim("L-1").service_from == date(2026, 3, 2)
    _, data, _ = table_exports.back(db.session.get(ImportRun, answer.run_id), deed)
    assert openpyxl.load_workbook(io.BytesIO(data)).active["F2"].value == datetime(2026, 3, 2)  # noqa: DTZ001


PAID_ROW = ROW.replace("642.00,,,,", "642.00,500.00,CO-45,,")
ON_MARCH_9 = {"trace": "EFT-3", "day": "20260309"}


def era(paid="500", reasons="CO*45*142", **more):
    return remittance([era_claim("L-1", "1", "642", paid, [("J0585:JZ", "642", paid, reasons, "")])], **more)


def as_marlowe(data):
    return data.replace(b"CASTELLANO*RENATA****MI*LPX", b"MARLOWE*IRIS****MI*HHP0001")


def test_a_payment_that_the_table_told_of_counts_once_when_its_remittance_comes(one_provider, post):
    post(table(PAID_ROW))
    assert (the_claim("L-1").paid, the_claim("L-1").adjusted) == (500, 142)
    answer = post(as_marlowe(era(**ON_MARCH_9)))
    claim = the_claim("L-1")
    assert (claim.paid, claim.adjusted, [line.paid for line in claim.lines], claim.state) == (500, 142, [500], "paid")
    said = "$500.00 that a spreadsheet of 2026-11-20 told as paid is this payment, and counts once."
    assert answer.notes == [f"Claim L-1: {said}"]


def test_of_two_payments_the_table_told_of_each_counts_once(one_provider, post):
    post(table(PAID_ROW))
    post(as_marlowe(era("300", "CO*45*142;CO*97*200", **ON_MARCH_9)))
    assert (the_claim("L-1").paid, the_claim("L-1").lines[0].paid) == (500, 500)
    post(as_marlowe(era("200", "CO*45*142;OA*23*300", trace="EFT-4", day="20260406")))
    assert (the_claim("L-1").paid, the_claim("L-1").lines[0].paid) == (500, 500)


def test_money_that_came_after_the_table_is_more(one_provider, post, later):
    post(table(PAID_ROW.replace("500.00", "400.00")))
    post(as_marlowe(era("100", "CO*45*142;OA*23*400", trace="EFT-4", day="20261201")), who=later(20))
    assert the_claim("L-1").paid == 500
