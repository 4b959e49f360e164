"""The proxy that other tests let fail: that it passes on what it should, and fails as it is told to."""
import botocore.exceptions
import pytest

import s3_store


@pytest.fixture
def bucket(s3, request):
    return s3.bucket(f"faulty-{abs(hash(request.node.name))}")


def test_what_no_fault_fits_passes_through(s3, faulty_s3, bucket):
    client = s3_store.client(faulty_s3.url)
    client.put_object(Bucket=bucket, Key="a b+c", Body=b"content")
    assert client.get_object(Bucket=bucket, Key="a b+c")["Body"].read() == b"content"
    assert client.head_object(Bucket=bucket, Key="a b+c")["ContentLength"] == 7
    client.delete_object(Bucket=bucket, Key="a b+c")
    assert s3.objects(bucket) == {}
    assert [s.method for s in faulty_s3.requests()] == ["PUT", "GET", "HEAD", "DELETE"]


def test_the_chosen_request_is_refused(s3, faulty_s3, bucket):
    client = s3_store.client(faulty_s3.url)
    faulty_s3.answer(503, "SlowDown", method="PUT", match="second", skip=1)
    client.put_object(Bucket=bucket, Key="first", Body=b"1")
    client.put_object(Bucket=bucket, Key="second", Body=b"1")
    with pytest.raises(botocore.exceptions.ClientError, match="SlowDown"):
        client.put_object(Bucket=bucket, Key="second", Body=b"2")
    client.put_object(Bucket=bucket, Key="third", Body=b"1")
    assert s3.objects(bucket) == {"first": b"1", "second": b"1", "third": b"1"}


@pytest.mark.parametrize("fault, is_done", [("cut", False), ("lose", True)])
def test_a_broken_connection_is_seen_by_the_client(s3, faulty_s3, bucket, fault, is_done):
    getattr(faulty_s3, fault)(method="PUT")
    with pytest.raises((botocore.exceptions.ConnectionError, botocore.exceptions.HTTPClientError)):
        s3_store.client(faulty_s3.url).put_object(Bucket=bucket, Key="a", Body=b"1" * 100_000)
    assert (s3.objects(bucket) != {}) == is_done


def test_an_answer_may_break_off(s3, faulty_s3, bucket):
    s3.client().put_object(Bucket=bucket, Key="a", Body=b"1" * 1000)
    faulty_s3.cut_answer(100, method="GET")
    body = s3_store.client(faulty_s3.url).get_object(Bucket=bucket, Key="a")["Body"]
    with pytest.raises(Exception):
        body.read()
