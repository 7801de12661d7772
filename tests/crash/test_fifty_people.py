"""Fifty people at once on a real server of two processes, each with a session of their own: nobody's work is lost."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

import pytest
import requests
from flask_security import hash_password

from clinic_claims.db import db, transaction
from clinic_claims.models import Claim, Event
from clinic_claims.services import accounts

from ..web.conftest import PASSWORD
from . import soundness
from .works import deed_of

PEOPLE, RECORDS, DEEDS = 50, 10, 2  # people, claims that they share, and what each gets done
STEPS = ("note_accepted", "note_pending")  # to and fro
MOST = 100  # tries until somebody who never gets through has failed


@pytest.fixture
def shared(place) -> dict[int, int]:
    """The claims that everybody works on, with the version each stands in; and an account for each person."""
    with transaction():
        for number in range(PEOPLE):
            user, _ = accounts.add_user(f"Person No{number}", mail(number), ["biller"], deed_of(place.app))
            user.password, user.must_change_password = hash_password(PASSWORD), False
    claims = (
        db.session.query(Claim)
        .filter(Claim.state.in_(("submitted", "accepted", "pending")))
        .order_by(Claim.id)
        .limit(RECORDS)
    )
    found = {claim.id: claim.version_id for claim in claims}
    assert len(found) == RECORDS
    db.session.rollback()
    return found


def mail(number: int) -> str:
    return f"person{number}@clinic.example"


@pytest.fixture
def site(place, monkeypatch) -> Iterator[str]:
    """The server as it is run in earnest: two processes of four threads."""
    given = {"CLINIC_CLAIMS_ENV": "test", "CLINIC_CLAIMS_INSTANCE": str(place.folder), "DATABASE_URL": place.address}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    command = [sys.executable, "-m", "clinic_claims.cli", "serve", "--empty", "--port", "0", "--workers", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().removeprefix("Serving on ").strip()
        server.terminate()


class Person:
    """Somebody with a browser: opens a step of a claim, takes it, and opens the other one when overtaken."""

    def __init__(self, site: str, number: int) -> None:
        self.site, self.browser, self.met = site, requests.Session(), Counter()
        page = self.browser.get(f"{site}/login").text
        self.token = re.search(r'name="csrf-token" content="([^"]+)"', page)[1]
        self.send("/login", email=mail(number), password=PASSWORD)
        self.token = self.browser.get(f"{site}/account/time").json()["token"]

    def send(self, address: str, **answers: str) -> int:
        data = {"csrf_token": self.token, **answers}
        return self.browser.post(self.site + address, data=data, allow_redirects=False).status_code

    def work(self, claim: int) -> None:
        for action, _ in zip(cycle(STEPS), range(MOST), strict=False):
            address = f"/steps/claim/{claim}/{action}"
            page = self.browser.get(self.site + address)
            hidden = dict(re.findall(r'name="(version|seen)"[^>]*value="([^"]*)"', page.text))
            self.met[self.send(address, **hidden)] += 1
            if self.met[302] == DEEDS:
                return


def test_fifty_people_at_once_lose_no_update(place, shared, site):
    with ThreadPoolExecutor(PEOPLE) as pool:
        people = list(pool.map(lambda number: Person(site, number), range(PEOPLE)))
        list(pool.map(lambda person, number: person.work(list(shared)[number % RECORDS]), people, range(PEOPLE)))
    met = sum((person.met for person in people), Counter())
    assert met[302] == PEOPLE * DEEDS
    assert met[409] > 0, "nobody met anybody"
    assert set(met) <= {302, 409}
    told = db.session.query(Event).filter(Event.action.in_(STEPS), Event.actor.like("person%")).count()
    versions = {claim.id: claim.version_id for claim in db.session.query(Claim).filter(Claim.id.in_(shared))}
    assert told == met[302]
    assert sum(versions[key] - shared[key] for key in shared) == met[302]
    soundness.check(place.app, {})
