"""The demo's remittances and its calendar hold on whatever day it is loaded."""

from datetime import UTC, date, datetime

import pytest

from clinic_claims.edi import era835
from clinic_claims.services import demo
from clinic_claims.services.deeds import Deed
from clinic_claims.services.demo.remittances import POSTED, shifted
from clinic_claims.services.demo.stage import Stage


@pytest.mark.parametrize("name", [name for name, *_ in POSTED])
@pytest.mark.parametrize("today", [date(2026, 11, 18), date(2027, 3, 7), date(2025, 12, 31)])
def test_every_file_is_sound_and_stays_so_on_any_calendar(book, name, today):
    stage = Stage(Deed("test", datetime(today.year, today.month, today.day, 17, tzinfo=UTC), book))
    told = (demo.papers.FILES / name).read_bytes()
    moved = shifted(told, stage)
    before, after = era835.read(told), era835.read(moved)
    assert not [*before.faults, *after.faults, *after.warnings]
    assert len(moved) == len(told)
    paid_before, paid_after = before.remittances[0].paid_on, after.remittances[0].paid_on
    assert paid_after - paid_before == stage.shift
    assert paid_after < today


def test_no_file_is_shipped_that_is_never_posted():
    assert {path.name for path in demo.papers.FILES.glob("*.835")} == {name for name, *_ in POSTED}


@pytest.mark.parametrize(
    ("today", "monday"),
    [
        (date(2026, 11, 16), date(2026, 11, 16)),
        (date(2026, 11, 20), date(2026, 11, 16)),
        (date(2026, 11, 21), date(2026, 11, 23)),
        (date(2026, 11, 22), date(2026, 11, 23)),
    ],
)
def test_the_week_of_the_stories_is_the_working_week(book, today, monday):
    stage = Stage(Deed("test", datetime(today.year, today.month, today.day, 17, tzinfo=UTC), book))
    assert stage.day("2026-11-16") == monday
    assert stage.text("{2026-11-16}, {2026-11} and {2026}") == f"November {monday.day}, 2026, November 2026 and 2026"
