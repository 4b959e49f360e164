"""A server that the tests of a module share, and REST Proxy v2 on it."""
import pytest

from instances import Proxy


@pytest.fixture(scope="module")
def server(shared_serve):
    return shared_serve()


@pytest.fixture(scope="module")
def proxy(server):
    return Proxy(server)
