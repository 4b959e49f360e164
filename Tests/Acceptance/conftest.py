"""Servers for the tests; each is ended with its test, whatever became of it."""
import pytest

import harness
import s3_store


@pytest.fixture(scope="session", autouse=True)
def program():
    return harness.binary()


def _serving(folder):
    servers = []

    def serve(env=None, arguments=(), data=None):
        name = f"data{len(servers)}"
        server = harness.Server(data or folder / name, env, arguments, log=folder / f"{name}.server.log")
        servers.append(server)
        return server.start()

    return serve, servers


@pytest.fixture
def serve(tmp_path):
    """Starts a server with a fresh data folder: `serve(env={...}, arguments=[...], data=folder)`."""
    start, servers = _serving(tmp_path)
    yield start
    for server in servers:
        server.kill()


@pytest.fixture
def server(serve):
    return serve()


@pytest.fixture(scope="module")
def shared_serve(tmp_path_factory):
    """As `serve`, for a server that the tests of a module share."""
    start, servers = _serving(tmp_path_factory.mktemp("shared"))
    yield start
    for server in servers:
        server.kill()


@pytest.fixture(scope="session")
def s3(tmp_path_factory):
    """A store that speaks S3, shared by all tests: `s3.bucket("name")`, `s3.url`, `s3.objects(bucket)`."""
    store = s3_store.Store(tmp_path_factory.mktemp("s3") / "moto.log")
    try:
        yield store.start()
    finally:
        store.stop()


@pytest.fixture
def faulty_s3(s3):
    """A proxy before `s3` that fails where it is told to: `faulty_s3.answer(503, "SlowDown", method="PUT")`."""
    proxy = s3_store.FaultyProxy(s3.url).start()
    yield proxy
    proxy.stop()
