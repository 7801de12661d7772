"""The desk: work put aside with a reason, lists kept as tabs, what falls due, and one's own calendar."""

import re

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Denial, User
from clinic_claims.services import accounts, owners, workitems

from .conftest import send
from .test_worklist import late, rows  # noqa: F401 (a fixture)


def aside(client, denial, **more):
    given = {"rows": f"denial-{denial}", "until": "2026-11-25", "reason": "Waiting for the chart"}
    return send(client, "/today/put-aside", "/today", **(given | more))


def test_work_put_aside_leaves_the_list_and_comes_back_on_its_day(sign_in, late, clock, read, told):  # noqa: F811
    client = sign_in()
    aside(client, late[1])
    assert rows(client.get("/today").text) == [f"denial-{late[0]}"]
    shown = client.get("/today?show=aside").text
    assert rows(shown) == [f"denial-{late[1]}"]
    assert "Put aside until Nov 25, 2026" in shown
    assert rows(client.get("/today?show=payer").text) == ["claim-1"]
    assert told("denial", late[1])[-1] == "snooze"
    clock.forward(days=5)
    client = sign_in("manager")
    assert f"denial-{late[1]}" in rows(client.get("/today").text)


def test_what_was_put_aside_stays_so_when_the_list_is_made_anew(app, sign_in, late, read):  # noqa: F811
    client = sign_in()
    aside(client, late[1])
    with app.app_context(), transaction():
        workitems.rebuild()
    assert rows(client.get("/today").text) == [f"denial-{late[0]}"]


def test_work_put_aside_is_taken_up_again(sign_in, late):  # noqa: F811
    client = sign_in()
    aside(client, late[1])
    send(client, "/today/take-up", "/today", rows=f"denial-{late[1]}")
    assert rows(client.get("/today").text) == [f"denial-{key}" for key in late]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reason": " "}, "Say why it can wait"),
        ({"until": "2026-11-20"}, "Choose a day after today."),
        ({"until": "2027-12-01"}, "cannot wait longer than"),
        ({"until": "soon"}, "Enter a day such as 2026-12-01."),
        ({"rows": "denial-999"}, "Choose at least one item of the list first."),
    ],
)
def test_nothing_is_put_aside_without_reason_or_past_its_day(sign_in, late, change, said):  # noqa: F811
    client = sign_in()
    aside(client, late[1], **change)
    text = client.get("/today").text
    assert said in text
    assert len(rows(text)) == 2


def test_a_list_is_kept_as_a_tab_of_ones_own(sign_in, late, client):  # noqa: F811
    sign_in()
    answer = send(client, "/today/views", "/today", back="/today?show=late&kind=denial&evil=1", name="Old denials")
    assert answer.location == "/today?show=late&kind=denial"
    text = client.get(answer.location).text
    assert re.search(r'href="/today\?show=late&amp;kind=denial" aria-current="true">Old denials<', text)
    send(client, "/today/views/1/remove", "/today")
    assert "Old denials" not in client.get("/today").text
    send(client, "/today/views", "/today", back="/today", name="All")
    assert "Filter the list first" in client.get("/today").text


def test_late_items_stand_in_the_title_and_no_patient_does(sign_in, late):  # noqa: F811
    title = re.search("<title>(.*?)</title>", sign_in().get("/today").text)[1]
    assert title == "(1) Today · Clinic Claims"


def give_to(app, deed, role, late):  # noqa: F811
    with app.app_context(), transaction():
        person = db.session.query(User).filter_by(email=f"{role}@clinic.example").one()
        for key in late:
            owners.assign(db.session.get(Denial, key), person, deed)
        return person.id


def test_what_falls_due_is_listed_with_loose_ends_for_a_manager(app, sign_in, late, deed):  # noqa: F811
    client = sign_in("manager")
    assert "Open without a person" in client.get("/today/due").text
    give_to(app, deed, "manager", late)
    text = client.get("/today/due").text
    assert "Late <span" in text
    assert "Open without a person" not in text


def test_a_note_that_names_somebody_waits_until_it_is_read(sign_in, records):
    client = sign_in()
    send(client, f"/notes/claim/{records.claim}", kind="note", text="Please look, @biller")
    assert "Please look, @biller" in client.get("/today/due").text
    client.get("/notes/1")
    assert "Please look" not in client.get("/today/due").text


def test_a_calendar_ends_with_the_role_that_saw_the_work(app, sign_in, deed):
    client = sign_in("biller")
    page = send(client, "/today/calendar", "/today/due").text
    address = re.search(r'value="http://localhost(/calendar/[^"]+)"', page)[1]
    with app.app_context(), transaction():
        accounts.change_roles(accounts.find_user("biller@clinic.example"), ["administrator"], deed)
    assert app.test_client().get(address).status_code == 404


def test_a_calendar_tells_no_patient_no_claim_and_no_amount(app, sign_in, late, deed, client):  # noqa: F811
    sign_in("manager")
    give_to(app, deed, "manager", late)
    page = send(client, "/today/calendar", "/today/due").text
    address = re.search(r'value="http://localhost(/calendar/[^"]+)"', page)[1]
    answer = app.test_client().get(address)
    assert answer.mimetype == "text/calendar"
    assert answer.text.count("BEGIN:VEVENT") == 2
    assert [word for word in ("Castellano", "HL-26", "412", "DESCRIPTION") if word in answer.text] == []
    send(client, "/today/calendar/close", "/today/due")
    assert app.test_client().get(address).status_code == 404
