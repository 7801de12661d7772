"""Payers and plans: what an office sets up."""

from clinic_claims.db import db, transaction
from clinic_claims.models import Denial, Payer, Plan
from clinic_claims.services import denials

from .conftest import send


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


def test_a_payers_page_tells_what_happened_the_last_times(app, sign_in, denied, later):
    with app.app_context(), transaction():
        denial = db.session.get(Denial, denied.denial)
        denials.recover(denial, denial.amount, later(1), source="a test")
    text = sign_in().get("/payers/1").text
    assert "P.O. Box 932" in text
    assert "Denials won, of the last 1" in text
    assert 'href="/denials/1"' in text
    assert "PA-8841" in text
    assert "Days to decide, median" in text
    assert ">5<" in text  # asked on Oct 1, decided on Oct 6
    assert 'href="/rules/level/erisa_self_funded/1"' in text


def test_a_payer_without_a_past_says_so(sign_in, records):
    text = sign_in().get("/payers/1").text
    assert "No denial by this payer has ended yet." in text
