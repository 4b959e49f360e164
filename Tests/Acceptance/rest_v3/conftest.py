"""A server with REST Proxy v3, and its cluster as clients see it."""
import pytest

from proxy import Proxy


@pytest.fixture(scope="module")
def server(shared_serve):
    return shared_serve()


@pytest.fixture(scope="module")
def proxy(server):
    return Proxy(server)
