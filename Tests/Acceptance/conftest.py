"""Servers for the tests; each is ended with its test, whatever became of it."""
import pytest

import harness


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
