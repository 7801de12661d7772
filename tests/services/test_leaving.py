"""Everything can be taken along in open formats, but nobody's password."""

import csv

import pytest

from clinic_claims.db import db, transaction
from clinic_claims.models import Document
from clinic_claims.services import accounts, documents, leaving
from clinic_claims.services.deeds import Refused


@pytest.fixture
def filled(submitted, deed):
    with transaction():
        documents.add(b"Notice of denial", "denial_notice", "=1+1", deed, about=submitted)
        accounts.add_user("B. Iller", "b.iller@clinic.example", ["biller"], deed)


def rows(folder, table):
    with (folder / "tables" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_table_and_document_is_written(filled, deed, tmp_path):
    counts = leaving.export(tmp_path / "out", deed)
    claim, event = rows(tmp_path / "out", "claim")[0], rows(tmp_path / "out", "event")[-1]
    assert (claim["number"], claim["charged"], claim["service_from"]) == ("HL-26-1001", "652.00", "2026-10-20")
    assert (event["action"], event["actor"]) == ("export", "D. Park")
    digest = db.session.query(Document).one().sha256
    assert (tmp_path / "out/documents" / f"{digest}.txt").read_bytes() == b"Notice of denial"
    assert counts["documents"] == 1
    assert counts["tables"] == len(db.metadata.tables) - len(leaving.AT_THE_DOOR)
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0


def test_no_means_to_sign_in_is_written(filled, deed, tmp_path):
    leaving.export(tmp_path / "out", deed)
    (person,) = rows(tmp_path / "out", "app_user")
    assert set(person) == leaving.OF_A_PERSON
    assert set(db.metadata.tables) >= leaving.AT_THE_DOOR
    assert not any((tmp_path / "out/tables" / f"{name}.csv").exists() for name in leaving.AT_THE_DOOR)


def test_text_that_a_spreadsheet_would_run_is_made_harmless(filled, deed, tmp_path):
    leaving.export(tmp_path / "out", deed)
    assert rows(tmp_path / "out", "document")[0]["title"] == "'=1+1"


def test_a_folder_that_holds_anything_is_refused(filled, deed, tmp_path):
    with pytest.raises(Refused, match="is not empty"):
        leaving.export(tmp_path, deed)
