"""Keep files by their SHA-256, in a folder or in a bucket: written whole or not at all, checked when read."""

import errno
import os
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

BUCKET = "s3://"
AS_BUCKETS_ARE = "The address of a document store is a folder, or a bucket such as s3://clinic-documents/main."
PATIENCE: Any = {"connect_timeout": timedelta(seconds=5), "timeout": timedelta(minutes=1)}  # of one request
AGAIN: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}


class Damaged(OSError):
    """The bytes in the store are not the bytes that were stored."""


class Unreachable(OSError):
    """The bucket does not answer, or refuses us. `filename` is its address, `strerror` says what to look at."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(errno.EIO, reason, address)


class NoStore(ValueError):
    """This is no address of a document store; `reasons` say what one looks like."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reasons = [reason]


class Store(ABC):
    """Files by their SHA-256, whatever they lie in."""

    @abstractmethod
    def put(self, data: bytes) -> str:
        """Store bytes durably and return their SHA-256; storing the same bytes again changes nothing."""

    @abstractmethod
    def read(self, digest: str) -> bytes:
        """Return a file as it lies there, unchecked. Raises FileNotFoundError."""

    @abstractmethod
    def remove(self, digest: str) -> None:
        """Remove a file, if it is there."""

    @abstractmethod
    def try_out(self) -> None:
        """Write a few bytes. Raises OSError, whose text says what is wrong."""

    def get(self, digest: str) -> bytes:
        """Read a file back. Raises FileNotFoundError, or Damaged when its bytes have changed."""
        data = self.read(digest)
        if sha256(data).hexdigest() != digest:
            raise Damaged(f"stored file {digest[:12]}… has changed")
        return data


def at(address: str) -> Store:
    """Return the store at an address. Raises NoStore for what is no address of one."""
    if address.startswith(BUCKET) and len(address) > len(BUCKET):
        return _bucket(address)
    if "://" in address:
        raise NoStore(AS_BUCKETS_ARE)
    return Folder(Path(address))


class Folder(Store):
    """A folder of files, two characters deep."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __str__(self) -> str:
        return str(self.folder)

    def path(self, digest: str) -> Path:
        """Say where a file lies."""
        return self.folder / digest[:2] / digest

    def put(self, data: bytes) -> str:
        """Write beside the place and rename; a file of that name that was damaged is mended by it."""
        digest = sha256(data).hexdigest()
        target = self.path(digest)
        if target.exists() and target.read_bytes() == data:
            return digest
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, target)
            _settle(target.parent)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return digest

    def read(self, digest: str) -> bytes:
        """Return a file as it lies there."""
        return self.path(digest).read_bytes()

    def remove(self, digest: str) -> None:
        """Remove a file, if it is there."""
        self.path(digest).unlink(missing_ok=True)

    def try_out(self) -> None:
        """Write a file that has no name."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self.folder) as file:
            file.write(b"ready")


def _settle(folder: Path) -> None:
    """Bring a folder's new names to the disk: a power cut must not take back what was acknowledged."""
    for each in (folder, folder.parent):
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class Bucket(Store):
    """A bucket of any server that speaks S3. Where and with which key: AWS_ENDPOINT_URL, AWS_REGION and so on."""

    def __init__(self, address: str) -> None:
        try:
            from obstore.store import S3Store
        except ImportError:
            raise NoStore("Documents in a bucket need the package obstore: install it, or unset the bucket.") from None
        self._address, self._process = address, os.getpid()
        options = PATIENCE | {"allow_http": os.environ.get("AWS_ALLOW_HTTP") == "true"}  # https unless it says so
        self._client = S3Store.from_url(address, client_options=options, retry_config=AGAIN)

    def __str__(self) -> str:
        return self._address

    def put(self, data: bytes) -> str:
        """Send the bytes under a signature that covers them: the server refuses what arrives otherwise."""
        digest = sha256(data).hexdigest()
        with self._asked() as client:
            client.put(self._path(digest), data, use_multipart=False)
        return digest

    def read(self, digest: str) -> bytes:
        """Fetch a file as it lies there."""
        with self._asked() as client:
            return bytes(client.get(self._path(digest)).bytes())

    def remove(self, digest: str) -> None:
        """Remove a file, if it is there."""
        with self._asked() as client:
            client.delete(self._path(digest))

    def try_out(self) -> None:
        """Write a small object of our own."""
        with self._asked() as client:
            client.put("ready", b"ready", use_multipart=False)

    def _path(self, digest: str) -> str:
        return f"{digest[:2]}/{digest}"

    @contextmanager
    def _asked(self) -> Generator[Any]:
        """Give the client, and put into words what it meets."""
        from obstore import exceptions

        if os.getpid() != self._process:  # its threads do not live on in a fork: it would wait for ever
            raise Unreachable(self._address, "this process was forked from one that had the bucket open")
        try:
            yield self._client
        except FileNotFoundError as error:
            if "NoSuchKey" in str(error):
                raise FileNotFoundError(errno.ENOENT, "a document is missing", self._address) from None
            raise Unreachable(self._address, "there is no such bucket") from None
        except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError):
            raise Unreachable(self._address, "it refuses this key: see AWS_ACCESS_KEY_ID") from None
        except exceptions.BaseError:
            raise Unreachable(self._address, "it does not answer: see AWS_ENDPOINT_URL and AWS_REGION") from None


@cache
def _bucket(address: str) -> Bucket:
    """Open a bucket once a process: its connections are kept."""
    return Bucket(address)
