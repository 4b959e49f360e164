"""A server with a schema registry beside it."""
import pytest

from registry_server import Registry
from schema_clients import SchemaProxy


@pytest.fixture(scope="module")
def registry():
    with Registry(login="proxy:s3cret") as registry:
        yield registry


@pytest.fixture(scope="module")
def server(shared_serve, registry):
    return shared_serve(
        env={
            "PINLINE_SCHEMA_REGISTRY_URL": registry.url,
            "PINLINE_SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO": "proxy:s3cret",
        })


@pytest.fixture(scope="module")
def proxy(server, registry):
    return SchemaProxy(server, registry)
