"""The client of the interface, for the tests of this folder."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import connect_client  # noqa: E402


@pytest.fixture
def connect(server):
    return connect_client.Connect(server.web)


@pytest.fixture(scope="module")
def shared(shared_serve):
    """A server that the tests of a module share, and its interface."""
    server = shared_serve()
    return server, connect_client.Connect(server.web)
