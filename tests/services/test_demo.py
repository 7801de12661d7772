"""The demo is loaded as the command promises, looks like a living practice, and can be told again."""

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask_security import verify_password

from clinic_claims.db import transaction
from clinic_claims.models import (
    Appeal,
    Authorization,
    Claim,
    Clinic,
    Denial,
    Document,
    Event,
    Patient,
    Remittance,
    WorkItem,
)
from clinic_claims.services import accounts, demo, history, worklist
from clinic_claims.services.deeds import Refused

from .demo_clinic import rows

SATURDAY = datetime(2026, 11, 14, 5, tzinfo=UTC)  # midnight at the clinic, before the week in which it is loaded
COUNTS = {"patients": 20, "claims": 23, "denials": 12, "appeals": 8}


@pytest.fixture(scope="module")
def deed(wednesday):
    return wednesday


def test_the_summary_is_what_the_command_promises(loaded):
    assert loaded == COUNTS | {"letter": loaded["letter"]}
    assert Path(loaded["letter"]).read_bytes().startswith(b"%PDF-")


def test_nothing_open_lacks_a_next_action_an_owner_or_a_day(loaded):
    open_ones = rows(WorkItem)
    assert len(open_ones) > 15
    assert [item.item for item in open_ones if not (item.next_action and item.because and item.act_by)] == []
    assert [item.item for item in open_ones if not (item.owner_id or item.role)] == []


def test_the_worklist_looks_like_a_living_practice(loaded, deed):
    found = worklist.items(deed)
    days = [item.act_by or date.min for item in found]
    assert days == sorted(days)
    late = [item for item in found if item.act_by and item.act_by < deed.today]
    soon = [item for item in found if item.act_by and 0 <= (item.act_by - deed.today).days <= 7]
    later = [item for item in found if item.act_by and (item.act_by - deed.today).days > 7]
    assert min(len(late), len(soon)) >= 4
    assert later
    assert len({item.owner_id for item in found}) >= 5
    assert {item.stage for item in found} == {0, 1, 2, 3}
    assert {"Review and sign the letter", "Sign or refuse the write-off", "Find the claim"} <= {
        item.next_action for item in found
    }


def test_the_history_is_sealed_in_order_of_time_and_ends_before_today(loaded, empty):
    moments = [event.at for event in rows(Event)]
    assert moments == sorted(moments)
    assert moments[-1] < SATURDAY  # a demo loaded on a weekend looks ahead to Monday
    count, broken = history.verify(empty.config["AUDIT_KEY"].encode())
    assert (count, broken) == (len(moments), None)


def test_nothing_that_happened_lies_in_the_future(loaded, deed):
    told = [document.dated_on for document in rows(Document)]
    told += [day for claim in rows(Claim) for day in (claim.service_from, claim.submitted_on)]
    told += [day for denial in rows(Denial) for day in (denial.denied_on, denial.notice_received_on)]
    told += [request.decided_on for request in rows(Authorization)]
    told += [remittance.paid_on for remittance in rows(Remittance)]
    assert max(day for day in told if day) <= deed.today


def test_one_account_for_each_role_signs_in_with_the_password_on_file(loaded, empty):
    path = Path(empty.config["INSTANCE"]) / demo.ACCOUNTS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    on_file = json.loads(path.read_text("utf-8"))
    assert {row["role"] for row in on_file} == {
        "administrator",
        "auditor",
        "authorization_coordinator",
        "biller",
        "manager",
        "physician",
    }
    assert len({row["password"] for row in on_file}) == len(on_file) == 8
    for row in on_file:
        user = accounts.find_user(row["email"])
        assert verify_password(row["password"], user.password)
        assert not user.must_change_password


def test_a_database_in_use_is_refused_and_nothing_changes(loaded, deed):
    before = len(rows(Event))
    with pytest.raises(Refused, match="holds a clinic already"):
        load_again(deed, reset=False)
    assert len(rows(Event)) == before


def test_told_again_it_is_the_same_to_the_byte(loaded, deed, empty):
    def told():
        items = [(item.item, item.act_by, item.because, item.amount, item.owner_id) for item in worklist.items(deed)]
        return items, [document.sha256 for document in rows(Document)]

    before = told()
    load_again(deed, reset=True)
    assert told() == before
    assert {table.__tablename__ + "s": len(rows(table)) for table in (Patient, Claim, Denial, Appeal)} == COUNTS


def load_again(deed, *, reset):
    with transaction():
        if reset:
            demo.reset()
        return demo.load(deed)


def test_reset_leaves_a_real_clinic_alone(clinic, deed):
    with pytest.raises(Refused, match="does not hold the demo"), transaction():
        demo.reset()
    assert (len(rows(Clinic)), len(rows(Patient))) == (1, 1)


def test_the_command_prints_the_promised_json_and_refuses_a_second_time(tmp_path):
    def run(*options):
        command = [sys.executable, "-m", "clinic_claims.cli", "demo", *options]
        env = os.environ | {"CLINIC_CLAIMS_INSTANCE": str(tmp_path), "CLINIC_CLAIMS_ENV": "office", "DATABASE_URL": ""}
        return subprocess.run(command, env=env, capture_output=True, text=True)

    first, second = run("--reset", "--json"), run("--json")
    assert first.returncode == 0, first.stderr
    told = json.loads(first.stdout)
    assert told == COUNTS | {"letter": str(tmp_path / "letters" / Path(told["letter"]).name)}
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr.startswith("This database holds a clinic already.")
