"""Open a backup and check every part of it: hashes, the database's own integrity, counts, and the history's chain."""

import json
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from typing import Any

from ..models import Event
from ..models.history import CHANGED_KEY, PURGED, KeyMissing, audit_keys, name_of
from ..reading import Misread, from_json
from . import backups, chain, database_copies, upkeep
from .backups import FORMAT, MANIFEST, TABLES, Manifest
from .deeds import Refused

DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)  # what the library raises by the byte hit
NOT_OURS = "this is no backup of Clinic Claims"


@dataclass(frozen=True, kw_only=True)
class Checked:
    """The outcome. `notes` say what could not be checked here; `faults` what is wrong."""

    manifest: Manifest | None = None
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def verify(source: Path, key: bytes | None = None) -> Checked:
    """Check an archive. Raises OSError when it cannot be read at all, Sealed for the wrong key; nothing is changed."""
    try:
        with (
            backups.unsealed(source, key) as plain,
            zipfile.ZipFile(plain) as archive,
            tempfile.TemporaryDirectory() as folder,
        ):
            manifest = _manifest(archive)
            faults = [f"{source}: {fault}." for fault in _faults(archive, manifest, Path(folder))]
    except DAMAGE:
        return Checked(faults=(f"{source}: {NOT_OURS}, or the file is cut short.",))
    except Refused as error:
        return Checked(faults=tuple(f"{source}: {reason}." for reason in error.reasons))
    return Checked(manifest=manifest, notes=tuple(_notes(manifest)), faults=tuple(faults))


OTHER_KEY = (
    "The history's seals were not checked: this installation has another audit key. "
    "Put the secrets.json of the installation that made the backup in place."
)


def _notes(manifest: Manifest) -> Iterator[str]:
    yield from (f"Document {digest} was missing already when the backup was made." for digest in manifest.missing)
    if manifest.audit_key not in map(name_of, audit_keys()):
        yield OTHER_KEY


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        manifest = from_json(json.loads(archive.read(MANIFEST)), Manifest)
    except (KeyError, ValueError, Misread):
        raise Refused(NOT_OURS) from None
    if manifest.format != FORMAT or manifest.database not in database_copies.FILES:
        raise Refused("the backup was made by a newer version: update first")
    if manifest.schema not in upkeep.known_versions():
        raise Refused(f"its database is of version {manifest.schema}, which this release does not know: update first")
    return manifest


def _faults(archive: zipfile.ZipFile, manifest: Manifest, folder: Path) -> Iterator[str]:
    held = set(archive.namelist())
    for digest in manifest.documents:
        yield from _document(archive, f"documents/{digest}", digest, held)
    name = database_copies.FILES[manifest.database]
    if name not in held or not _extract(archive, name, folder):
        yield "the database is missing or damaged"
        return
    if backups.digest_of(folder / name) != manifest.database_sha256:
        yield "the database has changed since the backup was made"
    elif manifest.database == "sqlite":
        yield from _database(folder / name, manifest)
    else:
        database_copies.readable(folder / name)


def _extract(archive: zipfile.ZipFile, name: str, folder: Path) -> bool:
    try:
        archive.extract(name, folder)
    except (*DAMAGE, OSError):
        return False
    return True


def _document(archive: zipfile.ZipFile, name: str, digest: str, held: set[str]) -> Iterator[str]:
    if name not in held:
        yield f"document {digest} is missing"
        return
    try:
        with archive.open(name) as file:
            found = file_digest(file, "sha256").hexdigest()  # pyright: ignore[reportArgumentType] (a readable file)
    except DAMAGE:
        found = ""
    if found != digest:
        yield f"document {digest} has changed since the backup was made"


OTHER_DATABASE_KEY = "its database does not open with the database key of this installation"


def _database(copy: Path, manifest: Manifest) -> Iterator[str]:
    """Ask SQLite whether the file is sound, count what it holds, and walk its history."""
    if not database_copies.opens(copy):
        yield OTHER_DATABASE_KEY
        return
    with database_copies.opened(copy) as connection:
        answers = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        if answers != ["ok"]:
            yield f"the database is damaged: {answers[0]}"
            return
        if manifest.audit_key in map(name_of, audit_keys()):
            yield from _history(connection)
    found = database_copies.counted(copy, TABLES)
    if found != manifest.counts:
        yield f"it holds {found} where the manifest says {manifest.counts}"


COLUMNS = tuple(column.name for column in Event.__table__.columns)
NAMES = ", ".join(f'"{name}"' for name in COLUMNS)


def _history(connection: Any) -> Iterator[str]:
    """Walk the chain of the copy, as `audit verify` walks that of the open database."""
    naming = f"SELECT action, data FROM event WHERE action IN ('{CHANGED_KEY}', '{PURGED}') ORDER BY id"  # noqa: S608
    named = [(action, json.loads(data)) for action, data in connection.execute(naming)]
    try:
        walk = chain.begin(audit_keys(), named)
        query = f"SELECT {NAMES} FROM event WHERE id > ? ORDER BY id"  # noqa: S608 (our own columns)
        rows = connection.execute(query, (walk.number,))
        yield from islice(filter(None, map(walk.follow, map(_event, rows))), 1)
    except KeyMissing as error:
        yield error.reasons[0].rstrip(".")


def _event(row: tuple[Any, ...]) -> Event:
    given = dict(zip(COLUMNS, row, strict=True))
    at = datetime.fromisoformat(f"{given['at']}+00:00")
    return Event(**given | {"at": at, "data": json.loads(given["data"])})
