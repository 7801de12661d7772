"""Tables are looked at first, taken in, undone, written back; paper EOBs typed in; figures lead to their words."""

import io
import json
import re
from pathlib import Path

import openpyxl
import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import (
    Adjustment,
    Claim,
    ClaimPayment,
    Denial,
    Document,
    Event,
    ImportMapping,
    LinePayment,
    Patient,
    Payer,
    Plan,
    Provider,
    Remittance,
)

from ..services.era import claim as era_claim
from ..services.era import remittance
from .conftest import send, token_of
from .test_imports import upload

HEAD = "Claim,Patient,DOB,Member ID,Payer,DOS,CPT,Mod,Units,Dx,Charge,NPI,Billed on"
ROW = 'L-1,"Marlowe, Iris",4/12/1958,HHP0001,Harbor Health Plan,3/2/2026,J0585,JZ,100,G51.31,642.00,1002003006,3/4/2026'
PAID = [("64612:RT", "412", "300", "CO*45*112", ""), ("J0585:JZ", "240", "240", "", "")]


def table(*rows, head=HEAD):
    return "\n".join([head, *rows]).encode()


@pytest.fixture
def biller(app, sign_in, request):
    """A biller of a clinic that knows the payer of the table."""
    with app.app_context():
        request.getfixturevalue("submitted")
        payer = Payer(name="Harbor Health Plan", aliases=[], appeals_address=[])
        with transaction():
            db.session.add(Plan(payer=payer, name="Harbor PPO", payer_class="erisa_self_funded", wants_approval=False))
        db.session.remove()
    return sign_in()


def looked(client, *rows, **more):
    answer = upload(client, ("claims.csv", table(*rows, **more)))
    assert answer.status_code == 302
    return answer.location


def form_of(page):
    """The answers a browser would send back."""
    chosen = re.findall(r'<select[^>]*name="(column-\d+)">(.*?)</select>', page, re.S)
    picked = {name: re.search(r'value="(\w*)" selected', options) for name, options in chosen}
    return {name: found[1] if found else "" for name, found in picked.items()}


def press(client, address, **answers):
    page = client.get(address).text
    return send(client, address.split("?")[0], address, name="claims.csv", **{**form_of(page), **answers})


def test_the_name_of_a_file_stands_on_the_page_and_in_no_address(app, biller, read):
    """People name files after patients; what is looked at is in the history, though it is on no record yet."""
    answer = upload(biller, ("Castellano Renata.csv", table(ROW)))
    page = biller.get(answer.location).text
    assert "<h1>Castellano Renata.csv" in page
    links = re.findall(r'(?:href|action|src|hx-[a-z]+)="([^"]*)"', page)
    assert not [link for link in [answer.location, *links] if "Castellano" in link]
    digest = answer.location.rsplit("/", 1)[1]
    seen = read(lambda: db.session.query(Event).filter_by(subject="import", action="view").one())
    assert seen.data["sha256"] == digest
    two = upload(biller, ("Castellano.csv", table(ROW)), ("Marlowe.csv", table(ROW.replace("64612", "64615"))))
    assert "Castellano" not in two.location
    assert "Marlowe.csv</h2>" in biller.get(two.location).text


def test_a_table_is_looked_at_before_anything_happens(biller, read):
    page = biller.get(looked(biller, ROW, ROW.replace("J0585", "6461"))).text
    assert "should be a procedure code of five characters" in page
    assert "Take in 0 claims" in page
    assert read(lambda: db.session.query(Claim).count()) == 1


def test_a_table_is_taken_in_and_leads_to_what_it_made(biller, read):
    answer = press(biller, looked(biller, ROW), deed="take", source="Old system")
    page = biller.get(answer.location).text
    assert "1 claim taken in." in page
    assert "L-1" in page
    assert "Marlowe, Iris" in page
    assert read(lambda: db.session.query(Claim).filter_by(number="L-1").one().lines[0].charged) == 642
    assert read(lambda: db.session.query(ImportMapping).one().name) == "Old system"
    assert "as settled for Old system" in biller.get(looked(biller, ROW.replace("L-1", "L-2"))).text


def test_a_day_that_is_kept_as_a_number_is_shown_as_a_day(biller):
    book = openpyxl.Workbook()
    for row in (
        ["Claims of March"],
        ["Claim", "Patient", "DOB", "DOS", "CPT", "Charge"],
        ["L-1", "Marlowe", 21287, 46083, 64612, 412],
    ):
        book["Sheet"].append(row)
    data = io.BytesIO()
    book.save(data)
    page = biller.get(upload(biller, ("claims.xlsx", data.getvalue())).location).text
    assert "46083 (2026-03-02)" in page
    assert "Row 2: taken for the header" in page


def test_an_import_without_money_shows_none(biller):
    data = (Path(__file__).parent.parent / "data" / "999" / "accepted.999").read_bytes()
    upload(biller, ("sent.999", data))
    page = biller.get("/imports/runs/1").text
    assert "1 of 1" in page
    assert "Charged" not in page
    assert re.search(r'<a href="/imports" aria-current="page">', biller.get("/imports/unmatched").text)


def test_what_would_be_left_out_is_said_before_anything_is_taken_in(biller, read):
    lost = ROW.replace("Harbor Health Plan", "Nobody Mutual").replace("1002003006", "1999999992").replace("L-1", "L-2")
    page = biller.get(looked(biller, ROW, lost.replace("HHP0001", "NM77").replace("4/12/1958", "1/2/1960"))).text
    assert "Payer Nobody Mutual is not on file: enter it with its plan." in page
    assert "Provider 1999999992 is not on file: enter the provider first." in page
    assert page.count(">new</span>") == 1
    assert read(lambda: db.session.query(Patient).count()) == 1


def test_a_column_shows_what_stands_in_it_first(biller):
    page = biller.get(looked(biller, ROW.replace("JZ", ""), ROW.replace("L-1", "L-2"))).text
    assert '<td class="clip quiet" data-label="First rows">JZ</td>' in page


def test_a_claim_and_a_denial_lead_back_to_their_row(biller):
    head = f"{HEAD},Denial code,Denied on"
    answer = press(biller, looked(biller, f"{ROW},CO-197,3/20/2026", head=head), deed="take")
    for page in ("/claims/2", "/denials/1"):
        assert '<a href="/imports/runs/1">claims.csv</a>, row 2' in biller.get(page).text, answer.location


def test_columns_are_changed_and_looked_at_again(biller):
    address = looked(biller, ROW, head=HEAD.replace("Charge", "Usd"))
    assert "No column holds a charge; say what each column holds." in biller.get(address).text
    page = press(biller, address, deed="look", **{"column-10": "charge"}).text
    assert "needs a charge" not in page
    assert "Take in 1 claim" in page


def test_faulty_rows_refuse_the_table_until_they_are_left_out(biller, read):
    address = looked(biller, ROW, ROW.replace("L-1", "L-2").replace("J0585", "6461"))
    assert press(biller, address, deed="take").status_code == 422
    assert press(biller, address, deed="take", leave_out="on").status_code == 302
    assert read(lambda: db.session.query(Claim).filter_by(number="L-1").count()) == 1


def test_an_import_is_undone_from_its_page(biller, clock, read):
    place = press(biller, looked(biller, ROW), deed="take").location
    answer = send(biller, f"{place}/undo", place)
    assert answer.location == place
    assert "The import was undone: 4 records removed." in biller.get(place).text
    assert read(lambda: db.session.query(Patient).filter_by(last_name="Marlowe").count()) == 0
    assert "undone on" in send(biller, f"{place}/undo", place).text


def test_a_remittance_is_undone_while_none_of_it_stands_on_a_claim(biller, read):
    data = remittance([era_claim("ELSE", "1", "652", "540", PAID)], provider=[("WO:FAR-AWAY", "40")])
    upload(biller, ("wrong.835", data))
    assert "Undo this import" in biller.get("/imports/runs/1").text
    answer = send(biller, "/imports/runs/1/undo", "/imports/runs/1")
    assert "The import was undone: 2 records removed." in biller.get(answer.location).text
    kinds = (Remittance, ClaimPayment, LinePayment, Adjustment)
    assert read(lambda: [db.session.query(kind).count() for kind in kinds]) == [0, 0, 0, 0]
    assert "waits for its claim" not in biller.get("/imports").text
    assert upload(biller, ("again.835", data)).status_code == 302
    assert read(lambda: db.session.query(Remittance).count()) == 1


def test_money_that_stands_on_a_claim_is_not_undone(biller, read):
    upload(biller, ("one.835", remittance([era_claim("HL-26-1001", "1", "652", "540", PAID)])))
    assert "Undo this import" not in biller.get("/imports/runs/1").text
    answer = send(biller, "/imports/runs/1/undo", "/imports/runs/1")
    assert answer.status_code == 409
    assert "1 of its payments stands on claims, and money that was posted" in answer.text
    assert read(lambda: db.session.query(Remittance).count()) == 1


def test_what_something_was_built_on_stands_and_says_why(biller, read):
    place = press(biller, looked(biller, ROW), deed="take").location
    lines = [("J0585:JZ", "642", "0", "CO*197*642", "")]
    era = remittance([era_claim("L-1", "4", "642", "0", lines)]).replace(b"CASTELLANO", b"MARLOWE")
    upload(biller, ("era.835", era))
    answer = send(biller, f"{place}/undo", place)
    assert answer.status_code == 409
    assert "claim payment" in answer.text
    assert read(lambda: db.session.query(Claim).filter_by(number="L-1").one().state) == "denied"


def test_a_table_is_handed_back_with_what_holds_today(biller):
    place = press(biller, looked(biller, ROW), deed="take").location
    answer = biller.get(f"{place}/table")
    assert answer.headers["Content-Disposition"] == "attachment; filename=claims-updated.csv"
    assert answer.get_data(as_text=True).splitlines()[0].lstrip("\ufeff") == HEAD


def test_columns_settled_by_hand_are_those_it_is_handed_back_by(biller):
    head = HEAD.replace("Charge", "Usd") + ",Wohl"
    address = looked(biller, f"{ROW},old", head=head)
    place = press(biller, address, deed="take", **{"column-10": "charge", "column-13": "status"}).location
    (row,) = biller.get(f"{place}/table").get_data(as_text=True).splitlines()[1:]
    assert row.endswith(",642.00,1002003006,3/4/2026,submitted")


def test_a_faulty_cell_is_shown_beside_what_is_wrong_with_it(biller):
    page = biller.get(looked(biller, ROW.replace("J0585", "6461"))).text
    assert 'data-label="What stands there">6461</td>' in page


@pytest.mark.parametrize(
    "address", ["/imports/tables/" + "0" * 64, "/imports/tables/..%2F..%2Fetc", "/imports/export/patients.csv"]
)
def test_what_does_not_wait_is_not_found(biller, address):
    assert biller.get(address).status_code == 404


def test_denials_and_appeals_are_written_out(biller):
    denied = [("64612:RT", "412", "0", "CO*197*412", "N54"), ("J0585:JZ", "240", "0", "CO*197*240", "N54")]
    upload(biller, ("era.835", remittance([era_claim("HL-26-1001", "4", "652", "0", denied)])))
    (row,) = json.loads(biller.get("/imports/export/denials.json").text)
    assert (row["about"], row["amount"], row["carcs"]) == ("HL-26-1001", "652.00", ["197"])
    assert biller.get("/imports/export/denials.csv").text.count("\n") == 2
    assert biller.get("/imports/export/appeals.json").text == "[]\n"
    heads = biller.get("/imports/export/appeals.csv").text.lstrip("\ufeff")
    assert heads.startswith("reference,denial,about,level,state,")


@pytest.mark.parametrize("role", ["auditor", "physician", "administrator"])
def test_only_those_who_may_export_write_out(sign_in, role):
    assert sign_in(role).get("/imports/export/denials.csv").status_code == 403


def test_a_figure_leads_to_the_words_of_the_file(biller):
    upload(
        biller,
        (
            "era.835",
            remittance([era_claim("HL-26-1001", "1", "652", "540", PAID)], provider=[("L6:HL-26-1001", "-1.5")]),
        ),
    )
    page = biller.get("/imports/remittances/1?segment=18").text
    assert re.search(r'<li value="18" aria-current="true"><code>CAS\*CO\*45\*112</code>', page)
    assert "Interest of $1.50 paid to us (L6)" in page


def test_wrong_sums_are_posted_with_a_reason_and_a_name(biller, read):
    wrong = remittance([era_claim("HL-26-1001", "1", "652", "540", PAID)], paid="500")
    assert "Only its sums are wrong." in biller.get(upload(biller, ("era.835", wrong)).location).text
    data = {
        "csrf_token": token_of(biller, "/imports"),
        "files": [(io.BytesIO(wrong), "era.835")],
        "accepted": "Payer says so",
    }
    page = biller.get(biller.post("/imports", data=data, content_type="multipart/form-data").location).text
    assert "Posted although" in page
    assert "Payer says so" in biller.get("/imports/remittances/1").text


def typed(client, **more):
    lines = {
        "lines-0-claim_number": "HL-26-1001", "lines-0-procedure": "64612-RT", "lines-0-charged": "412",
        "lines-0-paid": "300", "lines-0-reasons": "CO-45 112",
        "lines-1-claim_number": "HL-26-1001", "lines-1-procedure": "J0585-JZ", "lines-1-charged": "240",
        "lines-1-paid": "0", "lines-1-reasons": "CO-197 240", "lines-1-remarks": "N54",
    }  # fmt: skip
    head = {"payer": "Lone Prairie", "trace": "CHK-1", "paid_on": "2026-11-16", "amount": "300"}
    scan = {"scan": (io.BytesIO(b"%PDF-1.7 a page"), "eob.pdf")}
    token = {"csrf_token": token_of(client, "/imports/paper")}
    return client.post(
        "/imports/paper", data={**token, **head, **lines, **scan, **more}, content_type="multipart/form-data"
    )


def test_a_paper_eob_is_typed_in_once(biller, read):
    page = biller.get(typed(biller).location).text
    assert "1 of 1 claim matched, 1 denial." in page
    assert read(lambda: db.session.query(Remittance).one().typed)
    assert read(lambda: db.session.query(Denial).one().codes) == "CO-197 · N54"
    again = typed(biller)
    assert again.status_code == 409
    assert "was posted on" in again.text


def test_the_page_stands_beside_the_form_and_is_not_asked_for_again(biller, read):
    shown = typed(biller, show="1").text
    address = re.search(r'<iframe src="([^"]+)"', shown)[1]
    page = biller.get(address)
    assert (page.data, page.content_type) == (b"%PDF-1.7 a page", "application/pdf")
    kept = dict(re.findall(r'<input id="(kept\w*)" name="kept\w*" type="hidden" value="([^"]*)">', shown))
    assert typed(biller, scan=(io.BytesIO(b""), ""), **kept).status_code == 302
    assert read(lambda: db.session.query(Document).filter_by(media_type="application/pdf").one().file_name) == "eob.pdf"


def test_a_paper_eob_without_its_page_is_not_posted(biller, read):
    answer = typed(biller, scan=(io.BytesIO(b""), ""))
    assert answer.status_code == 422
    assert "Attach the scanned page." in answer.text
    assert read(lambda: db.session.query(Remittance).count()) == 0


def test_another_line_is_added_and_what_was_typed_stays(biller):
    page = typed(biller, more="1").text
    assert "lines-4-claim_number" in page
    assert 'value="CO-45 112"' in page


def test_a_paper_eob_says_what_is_missing_where(biller):
    answer = typed(biller, **{"lines-1-charged": "x"})
    assert answer.status_code == 422
    assert "Line 2, charged: Enter an amount such as 1842.00." in answer.text
    assert "Line 1 lacks: claim." in typed(biller, **{"lines-0-claim_number": ""}).text


def test_providers_of_the_table_are_told_by_their_number(biller, read):
    press(biller, looked(biller, ROW), deed="take")
    assert read(lambda: db.session.query(Claim).filter_by(number="L-1").one().provider.npi) == "1002003006"
    assert read(lambda: db.session.query(Provider).count()) == 1
