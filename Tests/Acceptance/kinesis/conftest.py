"""A server that the tests of a module share, and a client of it."""
import pytest
from kinesis_clients import connect


@pytest.fixture(scope="module")
def server(shared_serve):
    return shared_serve()


@pytest.fixture(scope="module")
def kinesis(server):
    return connect(server)


@pytest.fixture
def stream(kinesis, request):
    """The name of a stream of the test's own, with one shard."""
    name = request.node.name.replace("[", "-").replace("]", "")[-100:]
    kinesis.create_stream(StreamName=name, ShardCount=1)
    yield name
    kinesis.delete_stream(StreamName=name, EnforceConsumerDeletion=True)
