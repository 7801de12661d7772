"""Keep files by their SHA-256: written whole or not at all, never changed, checked when read."""

import os
import tempfile
from hashlib import sha256
from pathlib import Path


class Damaged(OSError):
    """The bytes on disk are not the bytes that were stored."""


class Store:
    """A folder of files, two characters deep."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Say where a file lies."""
        return self.folder / digest[:2] / digest

    def put(self, data: bytes) -> str:
        """Store bytes durably and return their SHA-256; storing the same bytes again is free."""
        digest = sha256(data).hexdigest()
        target = self.path(digest)
        if target.exists():
            return digest
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return digest

    def get(self, digest: str) -> bytes:
        """Read a file back. Raises FileNotFoundError, or Damaged when its bytes have changed."""
        data = self.path(digest).read_bytes()
        if sha256(data).hexdigest() != digest:
            raise Damaged(f"stored file {digest[:12]}… has changed on disk")
        return data
