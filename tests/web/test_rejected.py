"""A batch that was turned away whole: seen on Today, opened, and noted as mended."""

from pathlib import Path

from clinic_claims.db import db
from clinic_claims.models import RejectedBatch

from .conftest import send
from .test_imports import results

DATA = Path(__file__).parent.parent / "data"
SENT = ("march.837", (DATA / "837p/botox_with_waste.837").read_bytes().replace(b"64612:LT", b"64612:RT"))
REJECTED = ("ack.277", (DATA / "277ca/batch_rejected.277").read_bytes())


def test_whoever_sent_a_rejected_batch_sees_it_on_today_and_notes_its_mending(sign_in, read):
    client = sign_in()
    results(client, SENT)
    assert "REJ-00001 stands on Today" in results(client, REJECTED)
    today = client.get("/today?whose=mine").text
    assert "Mend and resend the file" in today
    assert 'href="/imports/rejected/1"' in today
    page = client.get("/imports/rejected/1").text
    assert "Batch BATCH-0316 of march.837" in page
    assert "Pat Biller" in page
    send(client, "/imports/rejected/1", how="The clearinghouse mended it")
    assert "The clearinghouse mended it" in client.get("/imports/rejected/1").text
    assert "Mend and resend the file" not in client.get("/today").text
    assert read(lambda: db.session.query(RejectedBatch).one().mended_by) == "biller@clinic.example"
    again = client.post("/imports/rejected/1", follow_redirects=True)
    assert again.status_code == 400  # a form without its token
    assert "noted as mended" in client.get(send(client, "/imports/rejected/1", "/imports").location).text


def test_the_page_of_the_acknowledgement_leads_there(sign_in):
    client = sign_in()
    page = results(client, ("ack.999", (DATA / "999/partly_accepted.999").read_bytes()))
    assert "Transaction set 0002 has to be mended and sent again" in page
    assert 'href="/today?kind=batch"' in page
    assert 'href="/imports/rejected/1"' in client.get("/imports/runs/1").text
    text = client.get("/imports/rejected/1").text
    assert "Segment NM1 number 22 (8: an element in it is wrong)" in text
    assert "The file that was sent is not on file here" in text


def test_an_auditor_cannot_open_it(sign_in):
    client = sign_in("auditor")
    assert client.get("/imports/rejected/1").status_code == 403
