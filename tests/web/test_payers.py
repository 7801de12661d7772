"""Payers and plans: what an office sets up."""

from clinic_claims.db import db, transaction
from clinic_claims.models import Denial, Event, Payer, Plan
from clinic_claims.services import denials, letters

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


def test_how_many_appeals_a_plan_hears_is_part_of_the_plan(sign_in, records, read):
    client = sign_in("manager")
    told = {"name": "Choice PPO", "payer_class": "erisa_self_funded", "internal_levels": "one"}
    assert send(client, "/payers/plans/1/edit", **told).status_code == 302
    assert read(lambda: db.session.get(Plan, 1).internal_levels) == "one"


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
    assert ">1 of 1<" in text
    assert 'href="/denials/1"' in text
    assert "PA-8841" in text
    assert "Days to decide, median" in text
    assert ">5<" in text  # asked on Oct 1, decided on Oct 6
    assert 'href="/rules/level/erisa_self_funded/1"' in text


def test_a_payer_without_a_past_says_so(sign_in, records):
    text = sign_in().get("/payers/1").text
    assert "No denial by this payer has ended yet." in text


DISPUTES = {
    "disputes-address": "Lone Prairie\nDisputes\nP.O. Box 7\nAustin, TX 73399",
    "disputes-fax": "(512) 555-0170",
}


def test_a_payer_is_corrected_with_its_desks_limits_and_names_and_the_history_says_so(sign_in, records, read):
    client = sign_in()
    page = f"/payers/{records.payer}/edit"
    text = client.get(page).text
    assert "P.O. Box 932" in text
    assert "LONE PRAIRIE INS" in text
    told = {"name": "Lone Prairie", "edi_id": "LONEP", "appeals_address": "Lone Prairie\nP.O. Box 933", "aliases": "LP"}
    told |= {"upload_megabytes": "20", "upload_pages": "300", **DISPUTES}
    assert send(client, page, **told).location == f"/payers/{records.payer}"
    payer = read(lambda: db.session.get(Payer, records.payer))
    assert (payer.upload_megabytes, payer.upload_pages, payer.aliases) == (20, 300, ["LP"])
    assert payer.desks == {
        "disputes": {"address": ["Lone Prairie", "Disputes", "P.O. Box 7", "Austin, TX 73399"], "fax": "(512) 555-0170"}
    }
    text = client.get(f"/payers/{records.payer}").text
    for said in ("20 MB a file", "Provider disputes", "(512) 555-0170", "Lone Prairie: appeals address, "):
        assert said in text
    event = read(lambda: db.session.query(Event).filter_by(action="correct_payer").one())
    assert event.data["changed"]["upload_pages"] == [None, 300]
    assert send(client, page, **told).status_code == 302
    assert read(lambda: db.session.query(Event).filter_by(action="correct_payer").count()) == 1


def test_a_letter_goes_to_the_desk_of_its_kind(app, sign_in, appeal, deed):
    with app.app_context():
        with transaction():
            db.session.get(Payer, 1).desks = {"disputes": {"address": ["Lone Prairie", "Disputes"], "fax": "1"}}
        denial = db.session.get(Denial, 1)
        assert letters.compose(denial, deed, kind="dispute").address == ("Lone Prairie", "Disputes")
        assert letters.compose(denial, deed, kind="dispute").facts.coverage.appeals_fax == "1"
        assert letters.compose(denial, deed, kind="appeal").address[-1] == "Austin, TX 73399"


def test_two_payers_share_no_name_in_files(sign_in, records, read):
    client = sign_in("manager")
    assert send(client, "/payers/new", name="Harvest Mutual", edi_id="HARV", aliases="HARVEST").status_code == 302
    page = f"/payers/{records.payer}/edit"
    assert "has the payer ID HARV" in send(client, page, name="Lone Prairie", edi_id="HARV").text
    assert "HARVEST is a name of Harvest Mutual" in send(client, page, name="Lone Prairie", aliases="HARVEST").text
    assert "is on file already" in send(client, page, name="harvest mutual").text
    assert send(client, page, name="Lone Prairie", upload_pages="-3").status_code == 422


def test_a_lead_corrects_the_kind_of_a_plan(sign_in, records, read):
    client = sign_in("manager")
    text = client.get("/payers/plans/1/edit").text
    assert 'selected value="erisa_self_funded"' in text
    told = {"name": "Choice PPO", "payer_class": "commercial_fully_insured", "state": "TX", "in_network": "y"}
    assert send(client, "/payers/plans/1/edit", **told).status_code == 302
    plan = read(lambda: db.session.get(Plan, 1))
    assert (plan.payer_class, plan.state, plan.wants_approval) == ("commercial_fully_insured", "TX", False)


def test_who_may_not_correct_payers_is_refused(sign_in, records):
    client = sign_in("physician")
    assert client.get(f"/payers/{records.payer}/edit").status_code == 403
    assert "/edit" not in client.get(f"/payers/{records.payer}").text


def test_a_biller_corrects_a_payer_but_no_plan(sign_in, records):
    client = sign_in()
    assert client.get(f"/payers/{records.payer}/edit").status_code == 200
    assert client.get("/payers/plans/1/edit").status_code == 403
