"""Every way in is the same deed: whole or not at all, once, and nothing left of what was cut off."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from clinic_claims.db import db, transaction
from clinic_claims.models import Adjustment, ClaimPayment, Document, Event, ImportRun, LinePayment, Remittance, WorkItem
from clinic_claims.services import history, import_jobs, intake, traces, watching

from .era import claim, remittance

LINES = [("64612:RT", "412", "300", "CO*45*112", ""), ("J0585:JZ", "240", "240", "", "")]
DATA = Path(__file__).parents[1] / "data"
KEPT = (ImportRun, Document, Remittance, ClaimPayment, LinePayment, Adjustment, WorkItem)
CUT_SHORT = """
import sys
from datetime import UTC, datetime
from pathlib import Path

from clinic_claims import create_app, rulebook
from clinic_claims.services import intake, remittances
from clinic_claims.services.deeds import Deed
from tests.conftest import SETTINGS

folder, file, address = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
post_batch, calls = remittances._post_batch, []

def stop_in_the_middle(*given):
    post_batch(*given)
    calls.append(given)
    if len(calls) == 2:
        print("in the middle", flush=True)
        sys.stdin.read()

remittances._post_batch = stop_in_the_middle
with create_app(SETTINGS | {"INSTANCE": folder, "SQLALCHEMY_DATABASE_URI": address}).app_context():
    intake.run(file, Deed(actor="D. Park", at=datetime(2026, 11, 20, 17, tzinfo=UTC), book=rulebook.load()))
"""


def many(number):
    return remittance([claim(f"BIG-{each}", "1", "652", "540", LINES) for each in range(number)])


def counts():
    return [db.session.scalar(select(func.count()).select_from(model)) for model in KEPT]


def test_a_large_import_that_is_killed_leaves_nothing_and_posts_whole_afterwards(app, database, deed, tmp_path):
    file = tmp_path / "big.835"
    file.write_bytes(many(1_500))
    db.session.remove()
    child = subprocess.Popen(
        [sys.executable, "-c", CUT_SHORT, tmp_path, file, database],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert child.stdout.readline() == "in the middle\n"
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert child.returncode == -signal.SIGKILL
    assert counts() == [0] * len(KEPT)
    assert db.session.scalar(select(func.count(Event.id))) == 0
    db.session.remove()
    answer = intake.run(file, deed)
    assert (answer.status, len(answer.unmatched)) == ("posted", 1_500)
    assert counts() == [1, 1, 1, 1_500, 3_000, 1_500, 1_500]
    assert history.verify(app.config["AUDIT_KEY"].encode())[1] is None


GOOD = [path for path in sorted(DATA.glob("*/*")) if path.parent.name != "csv"]


@pytest.fixture
def once(empty_sqlite, tmp_path, make_app):
    """One database for many files, each rolled back."""
    shutil.copy(empty_sqlite, tmp_path / "clinic_claims.sqlite")
    return make_app("")


@st.composite
def harmed(draw):
    """Take a good file and cut it short, or overwrite a stretch of it."""
    body = draw(st.sampled_from(GOOD)).read_bytes()
    start = draw(st.integers(0, len(body)))
    end = draw(st.integers(start, min(len(body), start + 80)))
    junk = draw(st.one_of(st.just(b""), st.binary(max_size=6), st.sampled_from([b"~", b"*", b"CLP*1*1*5*5~"])))
    return draw(st.sampled_from([body[:start], body[:start] + junk + body[end:]]))


@settings(max_examples=150)
@given(harmed())
def test_a_damaged_file_is_never_posted_by_half(once, deed, data):
    with transaction():
        answer = intake.take_in("harmed", data, deed)
        db.session.flush()
        found = counts()
        db.session.rollback()
    assert (answer.status == "refused") == (found == [0] * len(KEPT)) == bool(answer.faults)
    assert found[3] == (answer.claims if (answer.kind, answer.status) == ("835", "posted") else 0)


@settings(max_examples=40)
@given(harmed())
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_server_keeps_nothing_of_a_damaged_file_either(app, deed, data):
    with transaction():
        answer = intake.take_in("harmed", data, deed)
        db.session.flush()
        found = counts()
        db.session.rollback()
    assert (answer.status == "refused") == (found == [0] * len(KEPT)) == bool(answer.faults)
    assert found[3] == (answer.claims if (answer.kind, answer.status) == ("835", "posted") else 0)


def test_what_is_wrong_at_the_very_end_undoes_all_that_was_posted_before(app, deed):
    """The sums of a payment are known only after its last claim: by then hundreds of claims were written."""
    whole = many(700).replace(b"BPR*I*378000*", b"BPR*I*378001*")
    with transaction():
        answer = intake.take_in("era.835", whole, deed)
    assert (answer.status, answer.claims, answer.matched, answer.unmatched) == ("refused", 700, 0, [])
    assert [fault["tag"] for fault in answer.faults] == ["BPR"]
    assert (answer.can_accept, counts()) == (True, [0] * len(KEPT))
    assert db.session.scalars(select(Event.action)).all() == ["refuse_file"]
    with transaction():
        answer = intake.take_in("era.835", whole, deed, accepted="the bank paid a dollar more")
    assert (answer.status, counts()[:4]) == ("posted", [1, 1, 1, 700])


def test_a_large_file_cut_in_the_middle_is_refused_and_leaves_nothing(once, deed):
    whole = many(10_000)
    with transaction():
        answer = intake.take_in("cut.835", whole[: len(whole) // 2], deed)
    assert (answer.status, counts()) == ("refused", [0] * len(KEPT))
    assert any("SE is missing" in fault["message"] for fault in answer.faults)


def test_latin_letters_of_an_old_system_are_kept_as_received(once, deed):
    body = (DATA / "835" / "latin1_name.835").read_bytes()
    with transaction():
        assert intake.take_in("old.835", body, deed).status == "posted"
    (document,) = db.session.query(Document).all()
    (payment, *_) = db.session.query(ClaimPayment).order_by(ClaimPayment.id)
    assert traces.around(document, payment.segment)[0].number <= payment.segment


def test_every_number_leads_back_to_the_segment_it_stands_in(once, deed):
    with transaction():
        intake.take_in("era.835", many(3), deed)
    (document,) = db.session.query(Document).all()
    for row in (*db.session.query(ClaimPayment), *db.session.query(LinePayment), *db.session.query(Adjustment)):
        (found,) = [each for each in traces.around(document, row.segment) if each.number == row.segment]
        tag = {"claim_payment": "CLP", "line_payment": "SVC", "adjustment": "CAS"}[row.__tablename__]
        assert found.text.startswith(f"{tag}*")


@pytest.fixture
def dropped(once, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def test_a_watched_folder_is_emptied_and_tells_what_became_of_each_file(dropped, deed):
    (dropped / "good.835").write_bytes(many(2))
    (dropped / "cut.835").write_bytes(many(2)[:500])
    (dropped / ".hidden").write_bytes(many(2))
    (dropped / "later.835.part").write_bytes(many(2))
    (dropped / "empty.835").write_bytes(b"")
    assert sorted(answer.status for answer in watching.take(dropped, lambda: deed, 0)) == ["posted", "refused"]
    left = sorted(path.name for path in dropped.iterdir() if path.is_file())
    assert left == [".hidden", "empty.835", "later.835.part"]
    told = json.loads((dropped / "done" / "good.835.result.json").read_text())
    assert (told["status"], told["claims"], (dropped / "done" / "good.835").read_bytes()) == ("posted", 2, many(2))
    assert json.loads((dropped / "refused" / "cut.835.result.json").read_text())["faults"]


def test_a_file_that_still_grows_is_left_alone(dropped, deed):
    (dropped / "fresh.835").write_bytes(many(1))
    assert list(watching.take(dropped, lambda: deed, 60)) == []
    past = os.stat(dropped / "fresh.835").st_mtime - 61
    os.utime(dropped / "fresh.835", (past, past))
    assert [answer.status for answer in watching.take(dropped, lambda: deed, 60)] == ["posted"]


def test_half_a_file_waits_longer_for_the_rest_of_it(dropped, deed):
    def age(seconds):
        past = time.time() - seconds
        os.utime(dropped / "slow.835", (past, past))

    (dropped / "slow.835").write_bytes(many(3)[:600])
    age(30)
    assert list(watching.take(dropped, lambda: deed, 5)) == []
    (dropped / "slow.835").write_bytes(many(3))
    age(30)
    assert [answer.status for answer in watching.take(dropped, lambda: deed, 5)] == ["posted"]
    (dropped / "slow.835").write_bytes(many(4)[:600])
    age(5 * watching.PATIENCE + 1)
    assert [answer.status for answer in watching.take(dropped, lambda: deed, 5)] == ["refused"]


def test_a_file_that_is_taken_away_meanwhile_stops_nothing(dropped, deed):
    (dropped / "gone.835").symlink_to(dropped / "nowhere")
    (dropped / "good.835").write_bytes(many(1))
    assert [answer.status for answer in watching.take(dropped, lambda: deed, 0)] == ["posted"]


def test_what_was_refused_of_a_watched_folder_is_told_until_it_is_posted(dropped, deed):
    (dropped / "era.835").write_bytes(many(2)[:500])
    (dropped / "scan.pdf").write_bytes(b"%PDF-1.7")
    assert len(list(watching.take(dropped, lambda: deed, 0))) == 2
    somebody = replace(deed, actor="priya@clinic.example")
    assert [Path(each.data["file"]).name for each in import_jobs.refused_lately(somebody)] == ["scan.pdf", "era.835"]
    (dropped / "era.835").write_bytes(many(2))
    assert [answer.status for answer in watching.take(dropped, lambda: deed, 0)] == ["posted"]
    (told,) = import_jobs.refused_lately(somebody)
    assert Path(told.data["file"]).name == "scan.pdf"
    assert import_jobs.refused_lately(replace(somebody, at=deed.at + timedelta(days=8))) == []


def test_the_same_file_dropped_again_is_put_away_under_a_free_name(dropped, deed):
    for status in ("posted", "already_posted"):
        (dropped / "era.835").write_bytes(many(1))
        assert [answer.status for answer in watching.take(dropped, lambda: deed, 0)] == [status]
    assert {path.name for path in (dropped / "done").iterdir()} == {
        "era.835", "era.835.result.json", "era-2.835", "era-2.835.result.json",
    }  # fmt: skip
