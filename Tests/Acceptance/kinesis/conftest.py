"""A server that the tests of a module share, and clients of it as boto3 makes them."""
import boto3
import pytest
from botocore.config import Config

ACCOUNT = "000000000000"


def connect(server, region="us-east-1", key="none", secret="none", retries=2):
    return boto3.client(
        "kinesis", endpoint_url=f"http://{server.ingest}", region_name=region, aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"mode": "standard", "max_attempts": retries + 1}, read_timeout=30))


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
