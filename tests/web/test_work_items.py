"""An item changed where it stands: owner, follow-up day, the line beside it; and why it stands there."""

import re

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Denial, Note, User, WorkItem
from clinic_claims.services import desk, owners

from .conftest import PASSWORD, send, token_of
from .test_worklist import late, rows  # noqa: F401 (a fixture)

HTMX = {"HX-Request": "true"}


@pytest.fixture
def item(late, read):  # noqa: F811
    """The number of the later of two denials on the list."""
    return read(lambda: db.session.query(WorkItem).filter_by(subject="denial", subject_id=late[1]).one().id)


def panel(client, item):
    """Fetch the form as the page's script does; gives its fields."""
    text = client.get(f"/today/items/{item}", headers=HTMX).text
    return dict(re.findall(rf'name="item-{item}-(seen|back)"[^>]*value="([^"]*)"', text))


def keep(client, item, headers=HTMX, **told):
    answers = {f"item-{item}-{name}": value for name, value in told.items()}
    return client.post(
        f"/today/items/{item}", headers=headers, data={"csrf_token": token_of(client, "/account"), **answers}
    )


def test_owner_day_and_note_are_kept_and_the_row_comes_back(sign_in, late, item, read, told):  # noqa: F811
    client = sign_in()
    me = read(lambda: db.session.query(User).one().id)
    answer = keep(client, item, **panel(client, item), owner=str(me), follow_up="2026-12-01", plan="Call Maria")
    assert answer.status_code == 200
    assert f'hx-target="#item-{item}"' in answer.text
    assert "Pat Biller" in answer.text
    assert "Call Maria" in answer.text
    assert read(lambda: db.session.get(Denial, late[1]).owner_id) == me
    promise = read(lambda: [(note.text, str(note.promised_on)) for note in db.session.query(Note)])
    assert promise == [("Call Maria", "2026-12-01")]
    assert [each for each in told("denial", late[1]) if each != "view"][-3:] == ["assign", "note", "plan_work"]
    assert re.search('class="beside" title="Pat Biller, [^<>"]+">Call Maria<', client.get("/today").text)


def test_nothing_changed_writes_nothing(sign_in, late, item, told):  # noqa: F811
    client = sign_in()
    before = told("denial", late[1])
    assert keep(client, item, **panel(client, item), owner="0").status_code == 200
    assert told("denial", late[1]) == [*before, "view"]


def test_what_cannot_be_is_said_and_the_typing_stays(sign_in, late, item, read):  # noqa: F811
    client = sign_in()
    fields = panel(client, item)
    answer = keep(client, item, **fields, owner="0", follow_up="2026-11-01", plan="Too late")
    assert answer.status_code == 422
    assert "The promised day is past" in answer.text
    assert 'value="Too late"' in answer.text
    assert read(lambda: db.session.query(Note).count()) == 0
    assert "Enter a date such as" in keep(client, item, **fields, owner="0", follow_up="soon").text


def test_a_second_person_is_told_who_changed_what_and_keeps_the_typing(app, sign_in, late, item, deed):  # noqa: F811
    client = sign_in()
    fields = panel(client, item)
    with app.app_context(), transaction():
        owners.assign(db.session.get(Denial, late[1]), db.session.query(User).one(), deed)
    answer = keep(client, item, **fields, owner="0", plan="Wait for the chart")
    assert answer.status_code == 422
    assert "Given to Pat Biller." in answer.text
    assert 'value="Wait for the chart"' in answer.text
    again = dict(re.findall(rf'name="item-{item}-(seen)"[^>]*value="([^"]*)"', answer.text))
    assert keep(client, item, **again, owner="0", plan="Wait for the chart").status_code == 200


def test_without_a_script_it_is_a_page_that_leads_back(sign_in, late, item):  # noqa: F811
    client = sign_in()
    text = client.get(f"/today/items/{item}?back=/claims/1").text
    assert "<title>" in text
    answer = keep(client, item, headers={}, back="/claims/1", owner="0", plan="x", seen="999999")
    assert answer.location == "/claims/1"
    answer = keep(client, item, headers={}, back="https://elsewhere.example/", owner="0", plan="y", seen="999999")
    assert answer.location == "/today"


def test_an_item_that_is_done_says_so(sign_in, late):  # noqa: F811
    client = sign_in()
    assert client.get("/today/items/999", headers=HTMX).headers["HX-Redirect"] == "/today"
    assert "somebody was faster" in client.get("/today").text


def test_a_follow_up_is_moved_to_another_day(app, sign_in, late, item, read):  # noqa: F811
    client = sign_in()
    keep(client, item, **panel(client, item), owner="0", follow_up="2026-12-01", plan="")
    follow_up = read(lambda: db.session.query(WorkItem).filter_by(kind="note").one().id)
    fields = panel(client, follow_up)
    assert keep(client, follow_up, **fields, owner="0", follow_up="2026-12-08").status_code == 200
    assert read(lambda: str(db.session.query(Note).one().promised_on)) == "2026-12-08"
    assert read(lambda: str(db.session.query(WorkItem).filter_by(kind="note").one().act_by)) == "2026-12-08"


def test_why_here_says_chance_range_and_cases(sign_in, late, item):  # noqa: F811
    client = sign_in()
    text = client.get(f"/today/items/{item}/place", headers=HTMX).text
    assert "$240.00" in text
    assert re.search(r"54 % \(95 % range: \d+ to \d+ %\), n = 0 own cases", text)
    assert "90 minutes, a house estimate" in text
    assert "Starts from 182 of 334 outside reviews" in text
    assert "Own cases have not been counted yet." in text
    assert "<title>" in client.get(f"/today/items/{item}/place").text


def test_covered_work_stands_in_the_colleagues_list_until_the_last_day(app, sign_in, add_person, late, clock, deed):  # noqa: F811
    client = sign_in()
    add_person("manager")
    with app.app_context(), transaction():
        people = {person.full_name: person for person in db.session.query(User)}
        owners.assign(db.session.get(Denial, late[1]), people["Pat Manager"], deed)
        numbers = {name: person.id for name, person in people.items()}
    lead = app.test_client()
    send(lead, "/login", email="manager@clinic.example", password=PASSWORD)
    assert rows(client.get("/today?whose=mine").text) == []
    told = {"away": str(numbers["Pat Manager"]), "by": str(numbers["Pat Biller"]), "from_on": "2026-11-20"}
    answer = send(lead, "/today/cover", to_on="2026-11-23", **told)
    assert answer.status_code == 302, answer.text
    text = client.get("/today?whose=mine").text
    assert rows(text) == [f"denial-{late[1]}"]
    assert "for Pat Manager" in text
    assert "Pat Manager" in client.get("/today/cover").text
    clock.forward(days=5)
    send(client, "/login", email="biller@clinic.example", password=PASSWORD)
    assert rows(client.get("/today?whose=mine").text) == []


def test_cover_is_ended_by_either_and_by_nobody_else(app, sign_in, add_person, late, read):  # noqa: F811
    client = sign_in()
    add_person("manager")
    add_person("physician")
    others = read(lambda: {person.full_name: str(person.id) for person in db.session.query(User)})
    told = {"away": others["Pat Biller"], "by": others["Pat Manager"], "from_on": "2026-11-20", "to_on": "2026-11-23"}
    assert "Choose somebody else" not in send(client, "/today/cover", **told).text
    other = app.test_client()
    send(other, "/login", email="physician@clinic.example", password=PASSWORD)
    assert send(other, "/today/cover/1/end", "/account").status_code == 403
    assert send(client, "/today/cover/1/end", "/account").status_code == 302
    assert "Nobody is covered" in client.get("/today/cover").text


def test_nobody_arranges_for_others_but_who_plans(sign_in, add_person, read, late):  # noqa: F811
    client = sign_in()
    add_person("manager")
    others = read(lambda: {person.full_name: str(person.id) for person in db.session.query(User)})
    told = {"away": others["Pat Manager"], "by": others["Pat Biller"], "from_on": "2026-11-20", "to_on": "2026-11-23"}
    assert send(client, "/today/cover", **told).status_code == 422


def test_the_role_view_shows_what_a_role_does(sign_in, late):  # noqa: F811
    client = sign_in()
    assert len(rows(client.get("/today?role=biller").text)) == 2
    assert rows(client.get("/today?role=physician").text) == []
    assert len(rows(client.get("/today?role=nonsense").text)) == 2


def test_late_work_is_counted_on_every_page(sign_in, late):  # noqa: F811
    client = sign_in()
    for page in ("/today", "/claims", "/account", "/today/cover"):
        text = client.get(page).text
        assert "<title>(1) " in text, page
        assert re.search(r'data-late>1<span class="visually-hidden"> late', text), page
    assert client.get("/account/time").json["late"] == 1


def test_no_administrator_is_counted_anything(sign_in, late):  # noqa: F811
    assert "<title>(" not in sign_in("administrator").get("/account").text


def test_the_longest_line_is_cut(app, sign_in, late, item, deed):  # noqa: F811
    with app.app_context(), transaction():
        desk.plan_work(db.session.get(WorkItem, item), "x" * 900, deed)
    assert "x" * 201 not in sign_in().get("/today").text
