"""One archive with the database, every document and a manifest of hashes; and the way back.

The archive is a zip: `manifest.json`, the copy of the database, `documents/<SHA-256>`. Keys are not in it: keep
`secrets.json` (or the secrets of the environment) apart, or the history's seals cannot be checked after a restore.
With a key the whole zip is sealed (AES-256-GCM, see `sealing`).
"""

import json
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path

from flask import current_app
from sqlalchemy import delete, func, select

from .. import sealing
from ..db import db, transaction
from ..models import Claim, Denial, Document, Event, Patient
from ..models.accounts import Invitation, UserSession
from ..models.history import audit_keys, key_at_work, name_of
from . import audit_keys as giving_up
from . import database_copies, documents, upkeep
from .deeds import Deed, Refused
from .history import record

FORMAT = 1
UNFINISHED, A_DAY = ".backup-", 86_400  # start of a working folder's name; seconds
KEY_FIRST = (
    "The history in this backup is sealed with an audit key that is not in place here: put the secrets.json of the "
    "installation that made it in place of this one's, or set AUDIT_KEY, and restore again. If the key is lost for "
    "good, add --lost-key: what it sealed can then no longer be proved, and passwords are handed out anew."
)
MANIFEST = "manifest.json"
COUNTED = {"patients": Patient, "claims": Claim, "denials": Denial, "documents": Document, "events": Event}
TABLES = {name: table.__tablename__ for name, table in COUNTED.items()}


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What an archive holds. `audit_key` is a fingerprint: it tells keys apart and opens nothing."""

    format: int
    product: str
    made_at: str
    database: str  # sqlite or postgresql
    schema: str | None
    database_sha256: str
    documents: list[str]
    missing: list[str]
    counts: dict[str, int]
    audit_key: str

    def in_words(self) -> str:
        """Sum it up in a line."""
        counted = ", ".join(f"{count:,} {name}" for name, count in self.counts.items())
        return f"{self.database} database of {self.made_at[:16].replace('T', ' ')} UTC with {counted}"


def make(target: Path, deed: Deed, key: bytes | None = None) -> Manifest:
    """Write a backup beside the target and put it in place once it is whole, sealed where a key is given.

    The history is told afterwards: a backup that failed is none. Raises Refused or OSError.
    """
    if not target.absolute().parent.is_dir():
        raise Refused(f"{target.parent}: there is no such folder.")
    with beside(target) as (fresh, folder):
        copy = folder / database_copies.FILES[database_copies.kind()]
        database_copies.save(copy)
        plain = folder / "plain" if key else fresh
        manifest = _pack(plain, copy, deed.at)
        if key:
            sealing.seal(plain, fresh, key)
    with transaction():
        record("backup", "make_backup", deed, sentence="Backup made.", file=target.name)
    return manifest


@contextmanager
def beside(target: Path) -> Generator[tuple[Path, Path]]:
    """Give a file to write and a folder to work in, both gone in the end; the target appears whole or not at all."""
    _sweep(target.absolute().parent)
    with tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=UNFINISHED) as folder:
        fresh = Path(folder, "archive")
        fresh.touch(0o600)  # patients' data: for this account alone
        yield fresh, Path(folder)
        with fresh.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(fresh, target)


def _sweep(folder: Path) -> None:
    """Remove what a backup left that was killed on its way; a day is longer than any backup takes."""
    for left in folder.glob(f"{UNFINISHED}*"):
        if time.time() - left.stat().st_mtime > A_DAY:
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def unsealed(source: Path, key: bytes | None) -> Generator[Path]:
    """Give the archive in the plain for the length of a block. Raises Refused for a sealed one without its key."""
    if not sealing.is_sealed(source):
        yield source
        return
    if key is None:
        raise Refused("this backup is sealed: give the key it was made with, as --key-file FILE")
    with tempfile.TemporaryDirectory(dir=_instance()) as folder:
        plain = Path(folder, "plain")
        sealing.unseal(source, plain, key)
        yield plain


def _pack(fresh: Path, copy: Path, at: datetime) -> Manifest:
    """Write copy, documents and manifest; documents are read after the copy, so that none it names is left out."""
    schema, counts = upkeep.version(), _counted(copy)
    wanted = sorted(set(db.session.scalars(select(Document.sha256))))
    db.session.rollback()  # nobody need wait while the documents are packed
    with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(copy, copy.name)
        held = [digest for digest in wanted if _pack_document(archive, digest)]
        manifest = _manifest(copy, at, schema, counts, held, sorted(set(wanted) - set(held)))
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
    return manifest


def _pack_document(archive: zipfile.ZipFile, digest: str) -> bool:
    """Add a document as it lies in the store. Return whether it was there."""
    try:
        data = documents.store().read(digest)
    except FileNotFoundError:
        return False
    archive.writestr(f"documents/{digest}", data, zipfile.ZIP_STORED)
    return True


def _manifest(
    copy: Path, at: datetime, schema: str | None, counts: dict[str, int], held: list[str], missing: list[str]
) -> Manifest:
    return Manifest(
        format=FORMAT,
        product="clinic-claims",
        made_at=at.isoformat(timespec="seconds"),
        database=database_copies.kind(),
        schema=schema,
        database_sha256=digest_of(copy),
        documents=held,
        missing=missing,
        counts=counts,
        audit_key=name_of(key_at_work(db.session())),
    )


def _counted(copy: Path) -> dict[str, int]:
    """Count what the copy holds; PostgreSQL's dump cannot be asked, so there the open database is."""
    if database_copies.kind() == "sqlite":
        return database_copies.counted(copy, TABLES)
    return {name: db.session.scalar(select(func.count()).select_from(table)) or 0 for name, table in COUNTED.items()}


def restore(
    source: Path,
    deed: Deed,
    manifest: Manifest,
    *,
    force: bool = False,
    key: bytes | None = None,
    lost_key: bool = False,
) -> None:
    """Bring a checked archive back. Raises Refused where claims are on record and it is not forced, and where its
    audit key is not in place and not given up with `lost_key`.

    Documents come first: a document no database names does no harm, a database without its documents would. Open
    sessions and invitations of that day do not come back to life.
    """
    if force:
        database_copies.set_aside_damaged()
    else:
        _refuse_to_replace()
    is_lost = manifest.audit_key not in map(name_of, audit_keys())
    if is_lost and not lost_key:
        raise Refused(KEY_FIRST)
    if manifest.database != database_copies.kind():
        raise Refused(f"This is a backup of {manifest.database}; the open database is {database_copies.kind()}.")
    with (
        unsealed(source, key) as plain,
        zipfile.ZipFile(plain) as archive,
        tempfile.TemporaryDirectory(dir=_instance()) as folder,
    ):
        for digest in manifest.documents:
            documents.store().put(archive.read(f"documents/{digest}"))
        copy = Path(archive.extract(database_copies.FILES[manifest.database], folder))
        database_copies.load(copy)
    upkeep.upgrade()
    with transaction():
        for table in (UserSession, Invitation):
            db.session.execute(delete(table))
        if is_lost:
            giving_up.give_up(manifest.audit_key, deed)
        told = f"Restored from the backup of {manifest.made_at}."
        record("backup", "restore_backup", deed, sentence=told, file=source.name)


def _refuse_to_replace() -> None:
    """Raise Refused where a newer release made the database, or where it holds claims."""
    if (found := upkeep.version()) and found not in upkeep.known_versions():
        raise Refused("The database was made by a newer release. Go back to before it with --force.")
    claims = db.session.scalar(select(func.count()).select_from(Claim)) if found else 0
    if claims:
        raise Refused(f"The database holds {claims:,} claims. Restore into an empty one, or replace it with --force.")


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _instance() -> Path:
    folder = Path(current_app.config["INSTANCE"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder
