"""However deeds and savepoints follow each other, the chain is whole and tells exactly what stood."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from clinic_claims.db import db, transaction
from clinic_claims.models import Claim, Event
from clinic_claims.services import claims, history

from ..crash.soundness import worklist_is_true

NEXT = {"submitted": "note_accepted", "accepted": "note_pending", "pending": "note_accepted"}
DEEDS = st.sampled_from(["move", "note", "look"])
WORKS = st.recursive(  # a work is a list of deeds and of works inside savepoints, each with whether it stands
    st.tuples(st.booleans(), st.lists(DEEDS, max_size=4)),
    lambda inner: st.tuples(st.booleans(), st.lists(DEEDS | inner, max_size=5)),
    max_leaves=6,
)


class Undone(Exception):
    """Somebody thinks better of it."""


class Day:
    """What is done to one claim, and what of it should be on record at any moment."""

    def __init__(self, claim, deed) -> None:
        self.number, self.deed = claim.id, deed
        self.begin()

    def begin(self) -> None:
        self.start = history.anchor()[0]
        self.told: list[str] = []

    def transact(self, stands, work) -> None:
        before = len(self.told)
        try:
            with transaction():
                self.do(work)
                if not stands:
                    raise Undone
        except Undone:
            del self.told[before:]

    def do(self, work) -> None:
        for part in work:
            if isinstance(part, tuple):
                self.attempt(*part)
            else:
                getattr(self, part)()

    def attempt(self, stands, work) -> None:
        before = len(self.told)
        try:
            with db.session.begin_nested():
                self.do(work)
                if not stands:
                    raise Undone
        except Undone:
            del self.told[before:]

    def move(self) -> None:
        claim = db.session.get_one(Claim, self.number)
        action = NEXT[claim.state]
        claims.move(claim, action, self.deed)
        self.told.append(action)

    def note(self) -> None:
        history.record(db.session.get_one(Claim, self.number), "note", self.deed)
        self.told.append("note")

    def look(self) -> None:
        assert self.on_record() == self.told

    def on_record(self) -> list[str]:
        return list(db.session.scalars(select(Event.action).where(Event.id > self.start).order_by(Event.id)))


@pytest.fixture
def day(submitted, deed) -> Day:
    return Day(submitted, deed)


@settings(max_examples=25)
@given(st.lists(WORKS, min_size=1, max_size=4))
def test_the_history_tells_exactly_what_stood(app, day, works):
    day.begin()
    for work in works:
        day.transact(*work)
    assert day.on_record() == day.told
    numbers = db.session.scalars(select(Event.id).order_by(Event.id)).all()
    assert numbers == list(range(1, len(numbers) + 1))
    assert history.verify(app.config["AUDIT_KEY"].encode()) == (len(numbers), None)
    reached = select(Event.reached).where(Event.subject == "claim", Event.reached.is_not(None))
    assert db.session.get_one(Claim, day.number).state == db.session.scalar(reached.order_by(Event.id.desc()).limit(1))
    worklist_is_true()
