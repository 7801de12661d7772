"""Known holes in locked packages are found without a network, and an old list of them is told."""

import importlib.util
import json
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SPEC = importlib.util.spec_from_file_location("advisories", ROOT / ".ci/advisories.py")
advisories = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(advisories)

DAY = date(2026, 11, 22)
HOLE = {"package": "mako", "id": "GHSA-1", "says": "a path leaves the folder", "introduced": "1.2", "fixed": "1.3.11"}
OSV = {
    "id": "GHSA-2",
    "summary": "Paths leave the folder",
    "affected": [
        {
            "package": {"name": "mako", "ecosystem": "PyPI"},
            "ranges": [
                {"type": "GIT", "repo": "https://git.example/mako", "events": [{"introduced": "0"}]},
                {"type": "ECOSYSTEM", "events": [{"introduced": "1.0"}, {"fixed": "1.3.12"}]},
                {"type": "ECOSYSTEM", "events": [{"introduced": "0.5"}, {"last_affected": "0.9"}]},
            ],
        },
        {"package": {"name": "other"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]},
    ],
}


def snapshot(*rows: dict[str, str], taken_on: date = DAY):
    return {"taken_on": taken_on.isoformat(), "source": "a test", "advisories": list(rows)}


def test_no_locked_package_has_a_hole_that_the_snapshot_knows(capsys):
    assert advisories.main([]) == 0
    assert "locked packages" in capsys.readouterr().out


@pytest.mark.parametrize(("version", "named"), [("1.1.9", 0), ("1.2", 1), ("1.3.10", 1), ("1.3.11", 0), ("1.10", 0)])
def test_a_version_inside_the_range_is_named_with_its_cure(version, named):
    found = list(advisories.hits(snapshot(HOLE), {"mako": version, "flask": "3.1.3"}))
    assert found == [f"mako {version}: GHSA-1, a path leaves the folder (fixed in 1.3.11)"] * named


def test_a_hole_without_a_fix_is_named_up_to_the_last_version_known():
    hole = {"package": "mako", "id": "GHSA-1", "says": "x", "last": "1.3"}
    assert [len(list(advisories.hits(snapshot(hole), {"mako": version}))) for version in ("1.3", "1.3.1")] == [1, 0]


@pytest.mark.parametrize(("taken", "warned"), [(date(2026, 10, 23), False), (date(2026, 10, 22), True)])
def test_an_old_snapshot_is_told_and_fails_nothing(taken, warned):
    said = list(advisories.told(snapshot(taken_on=taken), {"mako": "1.4"}, DAY))
    assert any(line.startswith("WARNING") for line in said) is warned


def test_a_snapshot_is_made_of_every_range_that_is_about_a_locked_package():
    withdrawn = OSV | {"id": "GHSA-3", "withdrawn": "2026-01-01T00:00:00Z"}
    made = advisories.fetched({"mako": "1.3"}, lambda _: {"vulns": [OSV, withdrawn]}, DAY)
    told = {"package": "mako", "id": "GHSA-2", "says": "Paths leave the folder"}
    ranges = [{"introduced": "1.0", "fixed": "1.3.12"}, {"introduced": "0.5", "last": "0.9"}]
    assert made["advisories"] == [told | one for one in ranges]
    assert (made["taken_on"], [line[:8] for line in advisories.hits(made, {"mako": "1.3"})]) == (
        "2026-11-22",
        ["mako 1.3"],
    )


def test_the_kept_snapshot_names_packages_that_are_locked():
    kept = json.loads(advisories.SNAPSHOT.read_text("utf-8"))
    locked = "".join((ROOT / lock).read_text("utf-8") for lock in advisories.LOCKS)
    assert [one["package"] for one in kept["advisories"] if f"\n{one['package']}==" not in locked] == []
