"""Files that come in: several at once, what became of each, and the claim of a payment that matched none."""

import io
import re
from pathlib import Path

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Claim, ClaimPayment, Denial, Event, ImportRun, Remittance
from clinic_claims.services import import_jobs, intake, jobs, progress
from clinic_claims.services.deeds import Deed
from clinic_claims.services.job_kinds import KINDS

from ..services.era import claim as era_claim
from ..services.era import remittance
from .conftest import send, token_of

LINES = [("64612:RT", "412", "0", "CO*50*412", "N115"), ("J0585:JZ", "240", "0", "CO*50*240", "N115")]
FOLDER = Path(__file__).parent.parent / "data" / "835"


def era(number="HL-26-1001", **more) -> bytes:
    return remittance([era_claim(number, "4", "652", "0", LINES)], **more)


def upload(client, *files):
    data = {"csrf_token": token_of(client, "/imports"), "files": [(io.BytesIO(data), name) for name, data in files]}
    return client.post("/imports", data=data, content_type="multipart/form-data")


def results(client, *files) -> str:
    answer = upload(client, *files)
    assert answer.status_code == 302
    return client.get(answer.location).text


@pytest.fixture
def billed(app, request):
    """The number of a claim that waits for its answer."""
    with app.app_context():
        number = request.getfixturevalue("submitted").number
        db.session.remove()
    return number


def test_a_file_is_posted_and_its_counts_shown(sign_in, billed, read):
    text = results(sign_in(), ("one.835", era()))
    assert "<strong>1 of 1</strong> claims matched" in text
    assert read(lambda: db.session.query(Denial).one().codes) == "CO-50 · N115"


def test_several_files_stand_or_fall_each_for_itself(sign_in, billed, read):
    bad = (FOLDER / "unbalanced_claim.835").read_bytes()
    text = results(sign_in(), ("good.835", era()), ("bad.835", bad), ("empty.835", b""))
    assert (text.count("Posted"), text.count("Refused")) == (1, 2)
    assert 'data-label="Tag"><span class="code">CLP</span>' in text
    assert "Nothing was changed." in text
    assert read(lambda: db.session.query(Remittance).count()) == 1


def test_the_same_file_is_not_posted_twice(sign_in, billed, read):
    client = sign_in()
    results(client, ("one.835", era()))
    text = results(client, ("again.835", era()))
    assert "Nothing was posted twice." in text
    assert read(lambda: db.session.query(Remittance).count()) == 1


@pytest.mark.parametrize("data", [b"Hello", b"\x00\xff\xfe", b"%PDF-1.7", "ISA*né".encode("latin-1")])
def test_what_is_no_x12_gets_a_plain_sentence(sign_in, data):
    text = results(sign_in(), ("odd.bin", data))
    assert "Refused" in text
    assert "Nothing was changed." in text


def test_a_hostile_file_name_is_text(sign_in, read):
    text = results(sign_in(), ("../../<b>x</b>.835", b"Hello"))
    assert "<b>x</b>" not in text
    assert "../" not in text


def test_a_table_among_several_files_is_looked_at_like_a_single_one(sign_in, billed, read):
    client = sign_in()
    table = b"Claim,Patient,DOB,DOS,CPT,Charge\nT-1,Marlowe,4/12/1958,3/2/2026,64612,412\n"
    text = results(client, ("claims.csv", table), ("one.835", era()))
    assert text.count('class="card-box') == 2
    assert "claims.csv" in text
    (address,) = re.findall(r'href="(/imports/tables/\w+)"', text)
    assert "What each column holds" in client.get(address).text
    assert read(lambda: db.session.query(ImportRun).one().kind) == "835"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("277ca/accepted_and_rejected.277", "<strong>0 of 2</strong> claims found</p>"),
        ("837p/botox_with_waste.837", "claims entered or brought up to date · <strong>$2,442.00</strong> charged</p>"),
        ("278/approved.278", "<strong>0 of 1</strong> answers noted on their requests</p>"),
        ("999/accepted.999", "<strong>1 of 1</strong> files we sent taken in</p>"),
    ],
)
def test_each_kind_of_file_tells_what_it_holds_and_no_more(sign_in, name, said):
    assert said in results(sign_in(), (name, (FOLDER.parent / name).read_bytes()))


def test_a_file_that_was_refused_is_told_where_files_are_brought(sign_in, billed):
    client = sign_in()
    results(client, ("cut.835", era()[:500]), ("odd.bin", b"Hello"))
    text = client.get("/imports").text
    assert "A file was refused this week and not posted since" in text
    (address,) = re.findall(r'href="(/imports/results\?file=\d+)">cut.835</a>', text)
    assert "the file is cut short" in client.get(address).text
    results(client, ("cut.835", era(billed)))
    assert "refused this week" not in client.get("/imports").text


def test_every_denial_that_a_payment_brought_is_named(sign_in, billed):
    client = sign_in()
    lines = [("64612:RT", "412", "0", "CO*50*412", ""), ("J0585:JZ", "240", "0", "CO*197*240", "")]
    results(client, ("two.835", remittance([era_claim(billed, "4", "652", "0", lines)])))
    text = client.get("/imports/remittances/1").text
    assert ">Open DEN-00001</a>" in text
    assert ">Open DEN-00002</a>" in text


def test_what_was_posted_before_leads_there(sign_in, billed):
    client = sign_in()
    results(client, ("one.835", era()))
    text = results(client, ("again.835", era()))
    assert "Nothing was posted twice. This very file was posted on" in text
    assert 'href="/imports/runs/1"' in text


def test_results_of_nothing_lead_back_to_where_files_are_chosen(sign_in):
    assert sign_in().get("/imports/results").location == "/imports"


def test_more_than_may_come_at_once_is_said_with_the_bound(sign_in, monkeypatch):
    monkeypatch.setattr(intake, "LARGEST", 2**20)
    answer = sign_in().post("/imports", data=b"x" * (2**20 + 1), content_type="multipart/form-data; boundary=cut")
    assert answer.status_code == 413
    assert "Files may have up to 1 MB together. Bring fewer at once" in answer.text


def test_no_file_chosen_is_said(sign_in):
    client = sign_in()
    answer = upload(client)
    assert answer.location == "/imports"
    assert "Choose at least one file." in client.get("/imports").text


def test_the_history_of_imports_leads_to_each_claim(sign_in, billed, read):
    client = sign_in()
    results(client, ("one.835", era()))
    assert "EFT-1" in client.get("/imports").text
    text = client.get("/imports/remittances/1").text
    for said in (billed, "CO-50", "Castellano, Renata", "Open the denial", "one.835"):
        assert said in text
    views = read(lambda: db.session.query(Event).filter_by(action="view", subject="remittance").count())
    assert views == 1


def test_an_unmatched_payment_finds_its_claim_in_one_press(sign_in, billed, read):
    client = sign_in()
    assert "No claim of ours: HL261001" in results(client, ("one.835", era("HL261001")))
    assert "1 payment waits" in client.get("/imports").text
    text = client.get("/imports/unmatched").text
    assert "number much like HL-26-1001" in text
    assert "same name, same date of service, same charge" in text
    answer = send(client, "/imports/unmatched/1", "/imports/unmatched", claim=billed)
    assert answer.location == "/claims/1"
    assert "1 denial opened." in client.get("/claims/1").text
    assert read(lambda: db.session.get(Claim, 1).state) == "denied"
    denial = read(lambda: db.session.query(Denial).one())
    assert (denial.codes, denial.claim_payment_id) == ("CO-50 · N115", 1)
    assert read(lambda: {a.service_line_id for a in db.session.get(ClaimPayment, 1).adjustments}) == {1, 2}
    assert client.get("/imports/unmatched/1").location == "/claims/1"


def test_the_name_of_a_payer_that_was_learned_is_told(sign_in, billed):
    client = sign_in()
    results(client, ("one.835", era("HL261001", payer="PRAIRIE CLAIMS CENTER")))
    send(client, "/imports/unmatched/1", "/imports/unmatched", claim=billed)
    assert "From now on “PRAIRIE CLAIMS CENTER” is taken for Lone Prairie" in client.get("/claims/1").text


def test_a_payment_that_its_own_number_did_not_take_says_why(sign_in, billed):
    client = sign_in()
    results(client, ("one.835", era().replace(b"CASTELLANO*RENATA****MI*LPX", b"SMITH*BOB****MI*ZZ9")))
    assert f"Claim {billed} is of another patient" in client.get("/imports/unmatched").text


def test_a_payment_that_is_none_of_ours_is_set_aside_and_taken_up_again(sign_in, billed, read):
    client = sign_in()
    results(client, ("one.835", era("ELSE")))
    assert 'href="/imports/unmatched/1"' in client.get("/today").text
    refused = send(client, "/imports/unmatched/1/aside", "/imports/unmatched", why="")
    assert (refused.status_code, "Say why it is none of ours" in refused.text) == (409, True)
    send(client, "/imports/unmatched/1/aside", "/imports/unmatched", why="Paid to the hospital")
    assert "Every payment has its claim" in client.get("/imports/unmatched").text
    page = client.get("/imports/remittances/1").text
    assert "Paid to the hospital" in page
    assert "set aside</span>" in page
    assert "1 unmatched" not in client.get("/imports").text
    again = send(client, "/imports/unmatched/1/aside", "/imports/unmatched/1")
    assert again.location == "/imports/unmatched/1"
    assert read(lambda: db.session.get(ClaimPayment, 1).set_aside) is None


def test_a_payment_is_matched_once(sign_in, billed, read):
    client = sign_in()
    results(client, ("one.835", era("HL261001")))
    send(client, "/imports/unmatched/1", "/imports/unmatched", claim=billed)
    again = send(client, "/imports/unmatched/1", "/imports/unmatched", claim=billed)
    assert again.status_code == 409
    assert "matched already" in again.text
    assert read(lambda: db.session.query(Denial).count()) == 1


def test_a_wrong_claim_number_is_said_and_kept(sign_in, billed):
    client = sign_in()
    results(client, ("one.835", era("ELSE")))
    answer = send(client, "/imports/unmatched/1", "/imports/unmatched", claim="HL-0")
    assert answer.status_code == 409
    assert "No claim has the number “HL-0”" in answer.text
    assert 'value="HL-0"' in answer.text


@pytest.fixture
def work_off(app, clock):
    """Do what waits in the background, as this computer or a worker would."""

    def run():
        with app.app_context():
            while jobs.run_next(KINDS, Deed("worker", clock(), app.extensions["rulebook"])):
                pass

    return run


def test_a_large_file_is_posted_in_the_background_and_shown_alike(sign_in, billed, read, work_off, monkeypatch):
    monkeypatch.setattr(import_jobs, "AT_ONCE", 0)
    client = sign_in()
    place = upload(client, ("one.835", era()), ("odd.bin", b"Hello")).location
    text = client.get(place).text
    assert text.count("Waiting for its turn.") == 2
    assert 'hx-trigger="every 1s"' in text
    assert "1 file" not in client.get("/imports").text
    assert "2 files are being posted" in client.get("/imports").text
    assert read(lambda: db.session.query(Remittance).count()) == 0
    work_off()
    text = client.get(place).text
    assert "<strong>1 of 1</strong> claims matched" in text
    assert "hx-trigger" not in text
    assert "Nothing was changed." in text
    listed = client.get("/batches").text
    assert (listed.count("one.835"), listed.count("Refused")) == (1, 1)
    assert read(lambda: db.session.query(ImportRun).one().taken_by) == "biller@clinic.example"


def test_a_large_file_that_was_refused_may_be_asked_for_again(sign_in, billed, read, work_off, monkeypatch):
    monkeypatch.setattr(import_jobs, "AT_ONCE", 0)
    client, wrong = sign_in(), remittance([era_claim("HL-26-1001", "4", "652", "0", LINES)], paid="5")
    upload(client, ("wrong.835", wrong))
    work_off()
    data = {"csrf_token": token_of(client, "/imports"), "files": [(io.BytesIO(wrong), "wrong.835")]}
    more = {"accepted": "So be it"}
    place = client.post("/imports", data=data | more, content_type="multipart/form-data").location
    work_off()
    assert "Posted although" in client.get(place).text
    assert read(lambda: db.session.query(Remittance).one().unbalanced_reason) == "So be it"


def test_how_far_a_file_is_stands_on_its_page(sign_in, billed, app, monkeypatch):
    monkeypatch.setattr(import_jobs, "AT_ONCE", 0)
    client = sign_in()
    place = upload(client, ("one.835", era())).location
    with app.app_context(), progress.of(1):
        progress.expect(1200)
        progress.step(450)
        monkeypatch.setattr(progress, "BETWEEN", 0)
        progress.step(50)
        part = client.get(place, headers={"HX-Request": "true"}).text
    assert "500 of 1,200 claims" in part
    assert "<html" not in part


def test_the_page_that_asks_by_itself_does_not_keep_a_session_open(sign_in, billed, clock, monkeypatch):
    monkeypatch.setattr(import_jobs, "AT_ONCE", 0)
    client = sign_in()
    place = upload(client, ("one.835", era())).location
    for _ in range(16):
        clock.forward(minutes=1)
        answer = client.get(place, headers={"HX-Request": "true"})
    assert answer.status_code == 401


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_would_wait_for_a_large_file_is_told_how_far_it_is(sign_in, billed, app, monkeypatch):
    client = sign_in()
    monkeypatch.setattr(progress, "SHORT", 0)
    typed = {"number": "HL-26-1001", "csrf_token": token_of(client, "/claims")}
    with app.app_context(), progress.of(7):
        progress.expect(1200)
        answer = client.get("/claims/1")
        assert (answer.status_code, "0 of 1,200 records" in answer.text) == (503, True)
        assert '<meta http-equiv="refresh" content="2">' in answer.text
        kept = client.post("/claims/find", data=typed)
        assert (kept.status_code, 'name="number" value="HL-26-1001"' in kept.text) == (503, True)
        assert client.get("/imports").status_code == 200
        monkeypatch.setattr(progress, "DEAD", -1)  # whoever told was killed
        assert client.get("/claims/1").status_code == 200


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_where_several_may_write_nobody_is_sent_away(sign_in, billed, app, monkeypatch):
    client = sign_in()
    monkeypatch.setattr(progress, "SHORT", 0)
    with app.app_context(), progress.of(7):
        progress.expect(1200)
        assert client.get("/claims/1").status_code == 200


def test_without_a_worker_this_computer_does_the_work(app, sign_in, billed, read, monkeypatch):
    monkeypatch.setattr(import_jobs, "AT_ONCE", 0)
    monkeypatch.setitem(app.config, "WORKS_ALONE", True)
    client = sign_in()
    place = upload(client, ("one.835", era())).location
    if (thread := app.extensions["background"].thread) is not None:
        thread.join()
    assert "<strong>1 of 1</strong> claims matched" in client.get(place).text
    assert app.extensions["background"].thread is None


def test_a_claim_tells_of_money_beside_its_payments_and_where_it_stands(sign_in, billed, read):
    client = sign_in()
    results(client, ("one.835", era(provider=[("L6:HL-26-1001", "-1.50"), ("WO:HL-26-1001", "20")])))
    text = client.get("/claims/1").text
    assert "Interest of $1.50 paid to us (L6)" in text
    assert "$20.00 kept back from this check" in text
    places = re.findall(r'href="(/imports/remittances/1\?segment=\d+)#words"', text)
    assert len(set(places)) >= 7  # the claim, its two lines, their reasons, and both entries of the provider
    assert all("aria-current" in client.get(place).text for place in set(places))


def test_a_reader_of_claims_may_follow_a_number_to_its_file(app, sign_in, billed, clock):
    with app.app_context(), transaction():
        intake.take_in("one.835", era(), Deed("D. Park", clock(), app.extensions["rulebook"]))
    text = sign_in("auditor").get("/imports/remittances/1?segment=14").text
    assert "CLP*HL-26-1001" in text
    assert 'href="/imports"' not in text


def test_a_long_remittance_is_shown_some_claims_at_a_time(sign_in, read):
    client = sign_in()
    many = remittance([era_claim(f"X-{number}", "4", "652", "0", LINES) for number in range(55)])
    results(client, ("many.835", many))
    text = client.get("/imports/remittances/1").text
    assert "50 of 55 claims" in text
    after = re.search(r'href="(/imports/remittances/1\?after=\d+)"', text)[1]
    assert "5 of 55 claims" in client.get(after).text
    assert "20 of 55 payments" in client.get("/imports/unmatched").text


@pytest.mark.parametrize("role", ["auditor", "physician", "authorization_coordinator", "administrator"])
def test_only_those_who_post_remittances_come_in(sign_in, role):
    assert sign_in(role).get("/imports").status_code == 403
