"""Payers, plans and people: what an office sets up."""

import re

import pytest

from clinic_claims.db import db
from clinic_claims.models import Payer, Plan, User

from .conftest import PASSWORD, send


def test_a_payer_and_its_plan_are_entered(sign_in, records, read):
    client = sign_in("manager")
    told = {"name": "Harvest Mutual", "appeals_address": "Harvest Mutual\n P.O. Box 1 \n\nAustin, TX 73399"}
    assert send(client, "/payers/new", **told).location == "/payers"
    payer = read(lambda: db.session.query(Payer).filter_by(name="Harvest Mutual").one())
    assert payer.appeals_address == ["Harvest Mutual", "P.O. Box 1", "Austin, TX 73399"]
    page = f"/payers/{payer.id}/plans/new"
    assert "Card says" in client.get(page).text  # how to tell one kind of plan from another
    assert send(client, page, name="Open EPO", payer_class="erisa_self_funded", wants_approval="y").status_code == 302
    plan = read(lambda: db.session.query(Plan).filter_by(name="Open EPO").one())
    assert (plan.payer_class, plan.in_network, plan.wants_approval) == ("erisa_self_funded", False, True)
    assert "Open EPO" in client.get("/payers").text


def test_a_payer_or_plan_is_not_entered_twice(sign_in, records):
    client = sign_in("manager")
    assert "lone prairie is on file already." in send(client, "/payers/new", name="lone prairie").text
    page = f"/payers/{records.payer}/plans/new"
    twice = send(client, page, name="Choice PPO", payer_class="erisa_self_funded")
    assert "has a plan named Choice PPO already." in twice.text
    assert "Choose the kind of plan." in send(client, page, name="Other").text


def test_a_person_is_added_and_the_password_shown_once(app, sign_in, read):
    client = sign_in("administrator")
    told = {"full_name": "Noor Haddad", "email": "noor@clinic.example", "roles": "biller"}
    shown = send(client, "/people/new", **told)
    password = re.search(r'class="one-time">([^<]+)<', shown.text)[1]
    assert password not in client.get("/people").text
    visitor = app.test_client()
    answer = send(visitor, "/login", email="noor@clinic.example", password=password)
    assert answer.status_code == 302
    assert visitor.get("/today").location == "/change"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"email": "noor"}, "Enter an e-mail address such as"),
        ({"email": "administrator@clinic.example"}, "already an account"),
        ({"roles": ""}, "Choose at least one role"),
    ],
)
def test_a_faulty_account_is_refused(sign_in, change, words):
    told = {"full_name": "Noor Haddad", "email": "noor@clinic.example", "roles": "biller"} | change
    told = {name: value for name, value in told.items() if value}
    assert words in send(sign_in("administrator"), "/people/new", **told).text


def test_a_person_is_disabled_enabled_and_given_a_new_password(app, sign_in, add_person, read):
    client = sign_in("administrator")
    email = add_person("biller")
    key = read(lambda: db.session.query(User).filter_by(email=email).one().id)
    other = app.test_client()
    send(other, "/login", email=email, password=PASSWORD)
    send(client, f"/people/{key}/disable", "/people")
    assert "/login" in other.get("/today").location
    assert "is disabled and signed out everywhere" in client.get("/people").text
    send(client, f"/people/{key}/enable", "/people")
    shown = send(client, f"/people/{key}/password", "/people").text
    assert "shown once" in shown
    assert "Wrong e-mail or password" in send(other, "/login", email=email, password=PASSWORD).text


def test_nobody_disables_themselves(sign_in, read):
    client = sign_in("administrator")
    key = read(lambda: db.session.query(User).one().id)
    send(client, f"/people/{key}/disable", "/people")
    assert "You cannot disable your own account" in client.get("/people").text


@pytest.mark.parametrize("role", ["manager", "biller", "auditor"])
def test_only_an_administrator_looks_after_accounts(sign_in, role):
    assert sign_in(role).get("/people").status_code == 403
