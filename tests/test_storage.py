"""Documents in a folder and in a bucket: the same bytes come back, and anything else is told."""

import os
import subprocess
import sys

import pytest

from clinic_claims import storage
from clinic_claims.storage import Damaged, Folder, NoStore, Unreachable

NOTICE = b"Notice of denial"
HASH = "b15e9729db8a690f95214367662df657c0fe82d9b660e102c59cccb5ae833cdd"


@pytest.fixture(params=["folder", "bucket"])
def store(request, tmp_path):
    bucket = request.param == "bucket"
    return storage.at(request.getfixturevalue("bucket_address") if bucket else str(tmp_path / "documents"))


def overwrite(store: storage.Store, digest: str, data: bytes) -> None:
    """Change a file behind the store's back."""
    if isinstance(store, Folder):
        store.path(digest).write_bytes(data)
    else:
        store._client.put(store._path(digest), data)


def test_what_was_put_comes_back_under_its_hash(store):
    assert [store.put(NOTICE), store.put(NOTICE)] == [HASH, HASH]
    assert store.get(HASH) == NOTICE


def test_a_large_file_comes_back(store):
    data = os.urandom(8_000_000)
    assert store.get(store.put(data)) == data


def test_what_is_not_there_is_missing(store):
    with pytest.raises(FileNotFoundError):
        store.get(HASH)


def test_changed_bytes_are_told_and_mended_by_putting_them_again(store):
    overwrite(store, store.put(NOTICE), b"Notice of approval")
    with pytest.raises(Damaged, match="b15e9729db8a… has changed"):
        store.get(HASH)
    assert store.read(HASH) == b"Notice of approval"
    store.put(NOTICE)
    assert store.get(HASH) == NOTICE


def test_a_file_is_removed_once_and_for_all(store):
    store.put(NOTICE)
    store.remove(HASH)
    store.remove(HASH)
    with pytest.raises(FileNotFoundError):
        store.read(HASH)


def test_a_store_that_can_be_written_says_nothing(store):
    assert store.try_out() is None


@pytest.mark.parametrize("address", ["s3://", "gs://clinic/main", "https://clinic.example/documents"])
def test_another_kind_of_address_is_refused(address):
    with pytest.raises(NoStore, match="s3://clinic-documents/main"):
        storage.at(address)


def test_a_bucket_that_is_not_there_is_told(bucket_address):
    elsewhere = storage.at("s3://clinic-elsewhere")
    for ask in (elsewhere.try_out, lambda: elsewhere.get(HASH), lambda: elsewhere.put(NOTICE)):
        with pytest.raises(Unreachable, match="there is no such bucket"):
            ask()


def test_a_server_that_does_not_answer_is_told(bucket_address, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setitem(storage.AGAIN, "max_retries", 0)
    with pytest.raises(Unreachable) as caught:
        storage.at("s3://clinic-silent").get(HASH)
    assert (caught.value.filename, caught.value.strerror[:18]) == ("s3://clinic-silent", "it does not answer")


def test_a_fork_is_told_and_does_not_wait_for_ever(bucket_address, monkeypatch):
    opened = storage.at(bucket_address)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    with pytest.raises(Unreachable, match="forked"):
        opened.put(NOTICE)


def test_without_its_package_a_bucket_is_refused_in_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(NoStore, match="need the package obstore"):
        storage.at("s3://clinic-documents")


def test_a_folder_needs_no_package():
    code = "import sys, clinic_claims.storage; print('obstore' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
