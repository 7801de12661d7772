"""A real S3 server for the tests: moto's, in this process, on a port of 127.0.0.1 that is free."""

from collections.abc import Iterator
from itertools import count

import pytest

from clinic_claims import storage

KEYS = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "tests", "AWS_REGION": "us-east-1"}


class Server:
    """The running server, and the settings that lead to it."""

    def __init__(self, address: str) -> None:
        self.settings = {**KEYS, "AWS_ENDPOINT_URL": address, "AWS_ALLOW_HTTP": "true"}
        self._numbers = count(1)

    def create_bucket(self) -> str:
        """Make an empty bucket and return the address of a store in it."""
        import boto3  # loads slowly, and few tests ask for it

        name = f"clinic-{next(self._numbers)}"
        keys = {"aws_access_key_id": KEYS["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": KEYS["AWS_SECRET_ACCESS_KEY"]}
        client = boto3.client("s3", endpoint_url=self.settings["AWS_ENDPOINT_URL"], region_name="us-east-1", **keys)
        client.create_bucket(Bucket=name)
        client.close()
        return f"s3://{name}/main"


@pytest.fixture(scope="session")
def bucket_server() -> Iterator[Server]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield Server(f"http://{host}:{port}")
    server.stop()


@pytest.fixture
def bucket_address(bucket_server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of an empty store in a bucket, with the settings that open it."""
    for name, value in bucket_server.settings.items():
        monkeypatch.setenv(name, value)
    yield bucket_server.create_bucket()
    storage._bucket.cache_clear()
