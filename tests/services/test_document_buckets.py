"""The clinic's documents in a bucket: saved, restored, examined and moved like those of a folder."""

from pathlib import Path

import pytest
from sqlalchemy import text

from clinic_claims import storage
from clinic_claims.db import db, transaction
from clinic_claims.models import Document
from clinic_claims.services import backup_checks, backups, condition, documents, leaving, moving, upkeep
from clinic_claims.services.deeds import Refused

from .era import claim as era_claim
from .era import remittance

NOTICE = b"Notice of denial"


@pytest.fixture
def app(database, make_app, bucket_address):
    app = make_app(database, DOCUMENTS=bucket_address)
    with db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)"))
        connection.execute(
            text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": upkeep.known_versions()[-1]}
        )
    return app


@pytest.fixture
def notice(app, submitted, deed) -> str:
    with transaction():
        return documents.add(NOTICE, "denial_notice", "Notice of October", deed, about=submitted).sha256


def test_a_document_lies_in_the_bucket_and_nowhere_else(app, notice, tmp_path):
    assert documents.store().get(notice) == NOTICE
    assert not (tmp_path / "documents").exists()


def test_a_backup_holds_the_bucket_and_a_restore_fills_it(app, notice, deed, tmp_path):
    target = tmp_path / "clinic.zip"
    manifest = backups.make(target, deed)
    assert (manifest.documents, manifest.missing) == ([notice], [])
    assert backup_checks.verify(target).faults == ()
    documents.store().remove(notice)
    backups.restore(target, deed, manifest, force=True)
    assert documents.read(db.session.query(Document).one()) == NOTICE


def test_a_missing_and_a_changed_document_are_found(app, notice, deed, tmp_path):
    documents.store()._client.put(documents.store()._path(notice), b"Notice of approval")
    assert "1 documents are missing or changed" in told(deed)["document files"]
    documents.store().remove(notice)
    assert "1 documents are missing or changed" in told(deed)["document files"]
    assert backups.make(tmp_path / "clinic.zip", deed).missing == [notice]


def told(deed) -> dict[str, str]:
    return {finding.name: finding.said for finding in condition.examine(deed.at)}


def test_a_bucket_that_is_gone_makes_the_installation_not_ready(app):
    app.config["DOCUMENTS"] = "s3://clinic-elsewhere"
    said = {finding.name: finding.said for finding in condition.ready()}["documents"]
    assert said == "s3://clinic-elsewhere cannot be written: there is no such bucket."


def test_everything_is_exported_from_a_bucket(app, notice, deed, tmp_path):
    assert leaving.export(tmp_path / "out", deed)["documents"] == 1
    assert (tmp_path / "out/documents" / f"{notice}.txt").read_bytes() == NOTICE


def test_documents_move_from_a_folder_to_a_bucket_and_back(app, notice, tmp_path):
    folder = storage.at(str(tmp_path / "documents"))
    assert moving.copy_documents(documents.store(), folder) == 1
    assert folder.get(notice) == NOTICE
    documents.store().remove(notice)
    assert moving.copy_documents(folder, documents.store()) == 1
    assert documents.store().get(notice) == NOTICE


def test_a_changed_document_is_not_moved(app, notice, tmp_path):
    folder = storage.Folder(tmp_path / "documents")
    moving.copy_documents(documents.store(), folder)
    Path(folder.path(notice)).write_bytes(b"Notice of approval")
    with pytest.raises(Refused, match=f"Document {notice} is missing or changed"):
        moving.copy_documents(folder, documents.store())
    assert documents.store().get(notice) == NOTICE


def test_files_go_once_the_transaction_is_committed_and_stay_when_it_is_not(app, notice, deed):
    with pytest.raises(ZeroDivisionError), transaction():
        db.session.delete(db.session.query(Document).one())
        documents.drop_unnamed([notice])
        db.session.flush()
        raise ZeroDivisionError
    assert documents.store().get(notice) == NOTICE
    with transaction():
        db.session.delete(db.session.query(Document).one())
        documents.drop_unnamed([notice])
        assert documents.store().get(notice) == NOTICE
    with pytest.raises(FileNotFoundError):
        documents.store().get(notice)


def test_a_file_that_another_document_names_stays(app, notice, deed, submitted):
    with transaction():
        documents.add(NOTICE, "denial_notice", "Another copy", deed, about=submitted)
        documents.drop_unnamed([notice])
    assert documents.store().get(notice) == NOTICE


def test_documents_move_by_command(office, bucket_address):
    assert office.call("seed", "--claims", "5").exit_code == 0
    file = remittance([era_claim("C-1", "1", "400", "150", [("64612:RT", "400", "150", "CO*50*250", "N115")])])
    (office.folder / "era.835").write_bytes(file)
    assert office.call("import", office.folder / "era.835").exit_code == 0
    (digest,) = [path.name for path in (office.folder / "documents").rglob("*") if path.is_file()]
    assert "1 documents copied and read back" in office.call("move-documents", bucket_address).stdout
    assert storage.at(bucket_address).get(digest) == file
    assert office.refuse("move-documents", "ftp://clinic.example")[0].endswith("s3://clinic-documents/main.")
    given = {"CLINIC_CLAIMS_DOCUMENTS": "s3://clinic-elsewhere"}
    assert "there is no such bucket" in office.call("doctor", **given).stderr
