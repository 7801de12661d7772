"""Today: the order, the figures that open their rows, the filters, and giving work to people."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event

from clinic_claims.db import db, transaction
from clinic_claims.models import Claim, Denial, User, WorkItem
from clinic_claims.services import denials, worklist

from .conftest import hidden, send


@pytest.fixture
def late(app, records, deed, clock):
    """Two denials of the claim: one long past its day, one this autumn. Gives their ids."""
    clock.time -= timedelta(days=2)  # the payer still has time to answer the claim itself
    with app.app_context(), transaction():
        claim = db.session.get(Claim, records.claim)
        return [
            denials.open_denial(
                claim, deed, group="CO", carcs=[carc], amount=Decimal(amount), denied_on=day, notice_dated_on=day
            ).id
            for carc, amount, day in (("197", "412.00", date(2026, 3, 2)), ("50", "240.00", date(2026, 11, 2)))
        ]


def rows(text):
    return re.findall('name="rows" value="([^"]*)"', text)


def test_late_work_comes_first_with_reason_money_and_next_action(sign_in, late):
    text = sign_in().get("/today").text
    assert rows(text) == [f"denial-{late[0]}", f"denial-{late[1]}"]
    assert text.index("Late <span") < text.index("Later <span")
    assert "days late" in text
    assert "Why this date: Denial" in text
    assert "$412" in text
    assert f'href="/denials/{late[0]}"' in text
    assert "Decide what to do" in text


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("show=late", [0]),
        ("show=later", [1]),
        ("show=sign", []),
        ("whose=nobody", [0, 1]),
        ("whose=mine", []),
        ("kind=denial", [0, 1]),
        ("kind=appeal", []),
        ("payer=Lone+Prairie", [0, 1]),
        ("payer=Nobody", []),
        ("show=nonsense&kind=nonsense&after=nonsense", [0, 1]),
    ],
)
def test_filters_live_in_the_address(sign_in, late, words, shown):
    text = sign_in().get(f"/today?{words}").text
    assert rows(text) == [f"denial-{late[place]}" for place in shown]


def test_every_figure_opens_its_rows(sign_in, late):
    client = sign_in()
    text = client.get("/today").text
    assert 'href="/today?show=late"' in text
    assert 'href="/today?show=payer"' in text
    at_payer = client.get("/today?show=payer").text
    assert "At the payer" in at_payer
    assert "Ask the payer" in at_payer


def test_long_lists_go_on_where_the_last_row_stood(sign_in, late, monkeypatch):
    monkeypatch.setattr("clinic_claims.web.worklist.PAGE", 1)
    client = sign_in()
    first = client.get("/today").text
    assert ">More<" in first
    assert rows(first) == [f"denial-{late[0]}"]
    onward = first.split("after=")[1].split('"')[0]
    second = client.get(f"/today?after={onward}").text
    assert rows(second) == [f"denial-{late[1]}"]
    assert ">More<" not in second


def test_chosen_rows_are_given_to_a_person(app, sign_in, late, told, read):
    client = sign_in("manager")
    me = read(lambda: db.session.query(User).one().id)
    answer = client.post(
        "/today/assign",
        data={
            "csrf_token": client.get("/today").text.split('name="csrf-token" content="')[1].split('"')[0],
            "rows": [f"denial-{late[0]}", f"denial-{late[1]}", "denial-999", "user-1"],
            "owner": str(me),
            "back": "/today?show=late",
        },
    )
    assert answer.location == "/today?show=late"
    assert read(lambda: [db.session.get(Denial, key).owner_id for key in late]) == [me, me]
    assert told("denial", late[0])[-1] == "assign"
    text = client.get("/today?whose=mine").text
    assert "2 items given to Pat Manager." in text
    assert rows(text) == [f"denial-{key}" for key in late]


def test_nothing_chosen_changes_nothing_and_no_one_is_sent_elsewhere(sign_in, late):
    answer = send(sign_in("manager"), "/today/assign", "/today", back="https://elsewhere.example/")
    assert answer.location == "/today"


def test_an_empty_day_says_when_the_next_thing_falls_due(sign_in, records, clock):
    clock.time -= timedelta(days=20)  # the payer still has time
    text = sign_in("manager").get("/today").text
    assert "Nothing needs you today" in text
    assert "Sun, Nov 22</time>, in 20 days." in text


def test_who_has_nothing_is_told_of_their_own_next_day_and_of_what_nobody_has(sign_in, late):
    text = sign_in("manager").get("/today?whose=mine").text
    assert "Nothing waits for you" in text
    assert "Nothing of yours lies with a payer either." in text
    assert 'href="/today?whose=nobody"' in text


def test_what_waits_for_ones_signature_is_one_button_on_top(app, sign_in, late):
    client = sign_in("manager")
    assert "Sign what waits for you" not in client.get("/today").text
    with app.app_context(), transaction():
        item = db.session.query(WorkItem).filter_by(subject="denial", subject_id=late[0]).one()
        item.owner_id, item.next_action = db.session.query(User.id).scalar(), sorted(worklist.TO_SIGN)[0]
    text = client.get("/today?kind=appeal").text
    assert "Sign what waits for you · 1" in text
    here = client.get("/today?whose=mine&show=sign").text
    assert rows(here) == [f"denial-{late[0]}"]
    assert "Sign what waits for you" not in here


def test_after_a_step_the_next_thing_of_ones_own_is_one_press_away(sign_in, late, read):
    client = sign_in("manager")
    me = str(read(lambda: db.session.query(User).one().id))
    send(client, "/today/assign", "/today", owner=me, rows=f"denial-{late[1]}")
    page = f"/steps/denial/{late[0]}/correct"
    answer = send(client, page, **hidden(client, page))
    assert answer.location == f"/denials/{late[0]}"
    text = client.get(answer.location).text
    assert f'href="/denials/{late[1]}">Next of yours: Decide what to do, HL-' in text
    assert "Next of yours" not in client.get(answer.location).text


def test_a_house_reminder_is_never_shown_as_the_last_day(app, sign_in, late):
    with app.app_context(), transaction():
        db.session.query(WorkItem).filter_by(subject="denial", subject_id=late[0]).one().sort_on = date.min
    text = sign_in("manager").get("/today?show=unknown").text
    assert rows(text) == [f"denial-{late[0]}"]
    assert "not known: find out by" in text
    assert "days late" not in text


def test_an_auditor_reads_and_assigns_nothing(sign_in, late):
    client = sign_in("auditor")
    assert "Give the chosen items to" not in client.get("/today").text
    assert send(client, "/today/assign", "/today", rows=f"denial-{late[0]}").status_code == 403


def test_an_administrator_sees_no_patient(sign_in, late):
    assert sign_in("administrator").get("/today").status_code == 403


def test_the_list_costs_the_same_number_of_questions_however_long_it_is(app, sign_in, late, deed, records):
    client = sign_in()
    client.get("/today")
    short = questions(app, lambda: client.get("/today"))
    with app.app_context(), transaction():
        claim = db.session.get(Claim, records.claim)
        for number in range(20):
            denials.open_denial(
                claim, deed, group="CO", carcs=["50"], amount=Decimal(number + 1), denied_on=date(2026, 11, 2)
            )
    assert questions(app, lambda: client.get("/today")) == short
    assert short <= 20


def questions(app, deed):
    """Count the statements that a deed sends to the database."""
    asked = []
    with app.app_context():
        engine = db.engine

    def note(*details):
        asked.append(details[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        deed()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(asked)
