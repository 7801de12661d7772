"""Static files: kept for good under an address that changes with them, compressed, asked for again by tag."""

import gzip
import re

import pytest

from clinic_claims.web import static_files


def test_every_file_a_page_names_is_there_and_kept_for_good(client):
    named = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', client.get("/login").text))
    assert {address.rsplit("/", 1)[1] for address in named} >= {"app.css", "app.js"}
    for address in named:
        with client.get(address) as answer:
            assert (answer.status_code, "immutable" in answer.headers["Cache-Control"]) == (200, True), address


def test_the_address_changes_with_any_file(tmp_path, monkeypatch):
    monkeypatch.setattr(static_files, "FOLDER", tmp_path)
    (tmp_path / "app.css").write_text("one")
    static_files.address.cache_clear()
    first = static_files.address()
    (tmp_path / "app.css").write_text("two")
    static_files.address.cache_clear()
    assert static_files.address() != first
    static_files.address.cache_clear()


def test_an_address_of_another_release_is_not_answered_with_new_files(client):
    answer = client.get("/static/000000000000/app.css")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


def test_text_is_sent_compressed_to_those_who_take_it(client, app):
    address = f"{app.static_url_path}/app.js"
    with client.get(address) as plain, client.get(address, headers={"Accept-Encoding": "gzip"}) as packed:
        assert packed.content_encoding == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert len(packed.data) < len(plain.data)
        assert "Accept-Encoding" in plain.headers["Vary"]
        assert "Content-Encoding" not in plain.headers


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_a_file_that_did_not_change_is_not_sent_again(client, app, encoding):
    headers = {"Accept-Encoding": encoding}
    with client.get(f"{app.static_url_path}/app.js", headers=headers) as first:
        tag = first.headers["ETag"]
    with client.get(f"{app.static_url_path}/app.js", headers=headers | {"If-None-Match": tag}) as second:
        assert (second.status_code, second.data) == (304, b"")


def test_pages_are_never_compressed(client):
    """They hold tokens."""
    assert "Content-Encoding" not in client.get("/login", headers={"Accept-Encoding": "gzip"}).headers
