"""How far long work is: told beside the database, forgotten when it ends, believed only while somebody still tells."""

import os
import time

import pytest

from clinic_claims.services import progress


@pytest.fixture
def database():
    return ""


@pytest.fixture
def app(make_app):
    return make_app("")


def test_it_is_told_while_the_work_runs_and_forgotten_afterwards(app, monkeypatch):
    monkeypatch.setattr(progress, "BETWEEN", 0)
    with progress.of(3):
        assert progress.read(3) is None
        progress.expect(10)
        progress.step(4)
        assert progress.read(3) == (4, 10)
        progress.step(9)
        assert progress.read(3) == (10, 10)
    assert progress.read(3) is None


def test_without_somebody_who_waits_nothing_is_told(app):
    progress.expect(10)
    progress.step()
    assert progress.read(0) is None


def test_only_long_and_living_work_keeps_others_waiting(app, monkeypatch):
    with progress.of(3):
        progress.expect(10)
        assert progress.long_under_way() is None
        monkeypatch.setattr(progress, "SHORT", 0)
        assert progress.long_under_way() == (0, 10)
        silent = time.time() - progress.DEAD - 1
        os.utime(progress._path(3), (silent, silent))
        assert progress.long_under_way() is None
