"""The client of the interface, for the tests of this folder."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import connect_client  # noqa: E402
import sink_client  # noqa: E402


@pytest.fixture
def connect(server):
    return connect_client.Connect(server.web)


@pytest.fixture(scope="module")
def shared(shared_serve):
    """A server that the tests of a module share, and its interface."""
    server = shared_serve()
    return server, connect_client.Connect(server.web)


@pytest.fixture(scope="module")
def module_sinks(shared):
    sinks = sink_client.Sinks(*shared)
    yield sinks
    sinks.delete_all()


@pytest.fixture
def sinks(module_sinks):
    """Makes sinks, on a server that the tests of a module share; they are deleted after the test."""
    yield module_sinks
    module_sinks.delete_all()
