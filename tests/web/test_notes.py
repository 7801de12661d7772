"""Notes and calls: written on a record's page, promises stand on Today until they are done."""

import pytest

from clinic_claims.db import db
from clinic_claims.models import Note, WorkItem

from .conftest import send

CALL = {"kind": "call", "text": "They will reprocess", "spoke_to": "Maria", "call_reference": "C-881"}


def test_a_promise_in_a_call_becomes_a_follow_up_on_today(sign_in, records, told):
    client = sign_in()
    address = f"/notes/claim/{records.claim}"
    answer = send(client, address, **CALL, promised_on="2026-12-03")
    assert answer.location == f"/claims/{records.claim}"
    page = client.get(answer.location).text
    assert "Call with Maria (reference C-881): They will reprocess Promised for 2026-12-03." in page
    assert 'data-happened="calls"' in page
    text = client.get("/today?kind=note").text
    assert "Follow up" in text
    assert "Promised by Maria, reference C-881" in text
    assert told("claim", records.claim)[-2:] == ["call", "view"]


def test_a_follow_up_that_is_done_leaves_today_and_a_second_press_changes_nothing(sign_in, records, read, told):
    client = sign_in()
    send(client, f"/notes/claim/{records.claim}", **CALL, promised_on="2026-12-03")
    for _ in range(2):
        assert send(client, "/notes/1/done", f"/claims/{records.claim}").location == f"/claims/{records.claim}"
    assert read(lambda: db.session.query(WorkItem).filter_by(subject="note").count()) == 0
    assert told("claim", records.claim).count("follow_up_done") == 1
    assert client.get("/notes/1").location == f"/claims/{records.claim}#promises"


@pytest.mark.parametrize("table", ["authorization", "patient", "denial"])
def test_every_kind_of_record_takes_notes(sign_in, denied, table):
    client = sign_in()
    answer = send(client, f"/notes/{table}/1", kind="note", text="Ask the lab", promised_on="2026-12-03")
    assert "Note: Ask the lab" in client.get(answer.location).text
    assert "Ask the lab" in client.get("/today?kind=note").text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": ""}, "Write down what was said."),
        ({"promised_on": "2026-11-01"}, "The promised day is past"),
        ({"text": "See @nobody"}, "Nobody is called @nobody. People here: @biller."),
    ],
)
def test_what_is_wrong_is_said_and_the_typing_kept(sign_in, records, read, change, said):
    answer = send(sign_in(), f"/notes/claim/{records.claim}", **(CALL | change))
    assert answer.status_code in (409, 422)
    assert said in answer.text
    assert "C-881" in answer.text
    assert read(lambda: db.session.query(Note).count()) == 0


def test_an_auditor_reads_notes_and_writes_none(sign_in, records):
    client = sign_in("auditor")
    assert client.get(f"/notes/claim/{records.claim}").status_code == 403
    assert "/notes/claim/" not in client.get(f"/claims/{records.claim}").text


def test_no_note_about_what_takes_none(sign_in, records):
    client = sign_in()
    assert client.get("/notes/user/1").status_code == 404
    assert client.get("/notes/claim/99").status_code == 404
