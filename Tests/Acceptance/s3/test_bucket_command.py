"""`pinline bucket` and boto3 side by side, also before a store and a network that fail."""
import hashlib
import os
import subprocess
import sys

import pytest

import harness
import s3_store

# Two whole parts of the least size and a bit more; `pinline bucket put` takes parts of 25 MiB.
LARGE = 30_000_000


@pytest.fixture
def bucket(s3, request):
    name = hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:20]
    return s3.bucket(f"commands-{name}")


@pytest.fixture
def large(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(os.urandom(LARGE))
    return path


def put(s3, file, place, *flags, url=None, **options):
    return harness.run("bucket", "put", file, place, *flags, env=s3.environment(url), **options)


def test_what_is_put_is_what_boto3_gets(s3, bucket, tmp_path):
    names = ["topics/u.pin/partition=0/u.pin+0+0000000000.json", "a b&c=d?e%41.json", "ä/日本.json"]
    file = tmp_path / "file"
    for name in names:
        file.write_text(name)
        assert put(s3, file, f"s3://{bucket}/{name}").stdout.endswith(": stored\n")
    assert s3.objects(bucket) == {name: name.encode() for name in names}
    listed = harness.succeed("bucket", "list", f"s3://{bucket}", "--format", "csv", env=s3.environment())
    assert [line.split(",")[0] for line in listed.splitlines()[1:]] == sorted(names, key=str.encode)
    for name in names:
        harness.succeed("bucket", "get", f"s3://{bucket}/{name}", tmp_path / "got", env=s3.environment())
        assert (tmp_path / "got").read_text() == name


def test_an_object_that_is_there_is_left_alone_where_asked(s3, bucket, tmp_path):
    s3.client().put_object(Bucket=bucket, Key="a", Body=b"first")
    (tmp_path / "file").write_text("second")
    assert put(s3, tmp_path / "file", f"s3://{bucket}/a", "--if-absent").stdout.endswith(": exists\n")
    assert s3.objects(bucket) == {"a": b"first"}


def test_tags_are_kept(s3, bucket, tmp_path):
    (tmp_path / "file").write_text("x")
    done = put(s3, tmp_path / "file", f"s3://{bucket}/a", "--tag", "startOffset=0", "--tag", "record count=5")
    assert done.returncode == 0, done.stderr
    tags = s3.client().get_object_tagging(Bucket=bucket, Key="a")["TagSet"]
    assert {t["Key"]: t["Value"] for t in tags} == {"startOffset": "0", "record count": "5"}


def test_a_large_file_goes_in_parts_and_comes_back_whole(s3, bucket, large, tmp_path):
    assert put(s3, large, f"s3://{bucket}/large").returncode == 0
    body = s3.client().get_object(Bucket=bucket, Key="large")
    assert body["ETag"].endswith('-2"')
    assert body["Body"].read() == large.read_bytes()
    harness.succeed("bucket", "get", f"s3://{bucket}/large", tmp_path / "got", env=s3.environment())
    assert (tmp_path / "got").read_bytes() == large.read_bytes()


# ---- Failing

PASSING = {
    "slow down": lambda p: p.answer(503, "SlowDown", method="PUT", times=2),
    "internal error": lambda p: p.answer(500, "InternalError", method="PUT"),
    "too many requests": lambda p: p.answer(429, "TooManyRequests", method="PUT", headers={"Retry-After": "0"}),
    "conflict": lambda p: p.answer(409, "ConditionalRequestConflict", method="PUT"),
    "cut before the body": lambda p: p.cut(0, method="PUT"),
    "cut in the middle": lambda p: p.cut(1000, method="PUT"),
    "answer lost": lambda p: p.lose(method="PUT"),
    "slow": lambda p: p.slow(1, method="PUT"),
}


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_got_over(s3, faulty_s3, bucket, tmp_path, fault):
    (tmp_path / "file").write_bytes(b"x" * 100_000)
    PASSING[fault](faulty_s3)
    done = put(s3, tmp_path / "file", f"s3://{bucket}/a", url=faulty_s3.url)
    assert done.returncode == 0, done.stderr
    assert s3.objects(bucket) == {"a": b"x" * 100_000}


PARTS = {
    "a part is refused": lambda p: p.answer(503, "SlowDown", method="PUT", match="partNumber=2", times=2),
    "a part is cut": lambda p: p.cut(1_000_000, method="PUT", match="partNumber=1"),
    "a part's answer is lost": lambda p: p.lose(method="PUT", match="partNumber=1"),
    "completing fails with 200": lambda p: p.late_error(method="POST", match="uploadId"),
    "completing fails": lambda p: p.answer(500, "InternalError", method="POST", match="uploadId"),
    "completing is lost": lambda p: p.lose(method="POST", match="uploadId"),
    "beginning is lost": lambda p: p.cut(0, method="POST", match="uploads"),
}


@pytest.mark.parametrize("fault", PARTS)
def test_a_large_file_gets_over_what_passes(s3, faulty_s3, bucket, large, fault):
    PARTS[fault](faulty_s3)
    done = put(s3, large, f"s3://{bucket}/large", url=faulty_s3.url)
    assert done.returncode == 0, done.stderr
    assert s3.client().get_object(Bucket=bucket, Key="large")["Body"].read() == large.read_bytes()


def test_parts_of_an_upload_that_is_given_up_are_dropped(s3, faulty_s3, bucket, large):
    faulty_s3.answer(403, "AccessDenied", method="PUT", match="partNumber=2", times=-1)
    done = put(s3, large, f"s3://{bucket}/large", url=faulty_s3.url)
    assert done.returncode == 1 and "may not do that" in done.stderr, done.stderr
    assert s3.objects(bucket) == {}
    assert not s3.client().list_multipart_uploads(Bucket=bucket).get("Uploads")


def test_what_does_not_pass_ends_with_what_to_do(s3, faulty_s3, bucket, tmp_path):
    (tmp_path / "file").write_text("x")
    faulty_s3.answer(503, "SlowDown", times=-1)
    done = put(s3, tmp_path / "file", f"s3://{bucket}/a", url=faulty_s3.url)
    assert done.returncode == 1 and "SlowDown" in done.stderr and "4 attempts" in done.stderr, done.stderr
    assert len(faulty_s3.requests("PUT")) == 4
    assert s3.objects(bucket) == {}


def test_a_condition_that_the_store_does_not_know_is_told(s3, faulty_s3, bucket, tmp_path):
    (tmp_path / "file").write_text("x")
    faulty_s3.answer(501, "NotImplemented", times=-1)
    done = put(s3, tmp_path / "file", f"s3://{bucket}/a", "--if-absent", url=faulty_s3.url)
    assert done.returncode == 1 and "enable.conditional.writes=false" in done.stderr, done.stderr


def test_a_download_that_breaks_off_goes_on(s3, faulty_s3, bucket, large, tmp_path):
    s3.client().upload_file(str(large), bucket, "large")
    faulty_s3.cut_answer(10_000_000, method="GET", times=2)
    harness.succeed("bucket", "get", f"s3://{bucket}/large", tmp_path / "got", env=s3.environment(faulty_s3.url))
    assert (tmp_path / "got").read_bytes() == large.read_bytes()
    ranges = [s.headers.get("Range") for s in faulty_s3.requests("GET")]
    assert ranges[0] is None and all(r.startswith("bytes=") for r in ranges[1:]) and len(ranges) == 3


def test_a_bucket_of_another_region_names_it(s3, faulty_s3, bucket, tmp_path):
    (tmp_path / "file").write_text("x")
    faulty_s3.answer(301, "PermanentRedirect", headers={"x-amz-bucket-region": "us-east-2"}, times=-1)
    done = put(s3, tmp_path / "file", f"s3://{bucket}/a", url=faulty_s3.url)
    assert done.returncode == 1 and "is in the region us-east-2, not eu-west-1" in done.stderr, done.stderr


def test_the_command_line_of_aws_sees_what_ours_puts_and_ours_what_it_puts(s3, bucket, large, tmp_path):
    def aws(*arguments):
        subprocess.run(
            [sys.executable, "-m", "awscli", "--endpoint-url", s3.url, "s3", "cp", *map(str, arguments)],
            env={**os.environ, **s3.environment()}, check=True, capture_output=True, stdin=subprocess.DEVNULL)

    assert put(s3, large, f"s3://{bucket}/a b/large").returncode == 0
    aws(f"s3://{bucket}/a b/large", tmp_path / "theirs")
    assert (tmp_path / "theirs").read_bytes() == large.read_bytes()
    aws(large, f"s3://{bucket}/c+d/large")
    harness.succeed("bucket", "get", f"s3://{bucket}/c+d/large", tmp_path / "ours", env=s3.environment())
    assert (tmp_path / "ours").read_bytes() == large.read_bytes()


@pytest.mark.parametrize("key, place, text", [
    (None, "s3://no-such-bucket-anywhere/a", "there is no bucket 'no-such-bucket-anywhere'"),
    (("", ""), "s3://b/a", "there is no access key"),
])
def test_wrong_places_and_keys_are_named(s3, tmp_path, key, place, text):
    env = {**s3.environment(), "HOME": str(tmp_path)}
    if key:
        env.update(AWS_ACCESS_KEY_ID=key[0], AWS_SECRET_ACCESS_KEY=key[1])
    (tmp_path / "file").write_text("x")
    done = harness.run("bucket", "put", tmp_path / "file", place, env=env)
    assert done.returncode == 1 and text in done.stderr, done.stderr
    assert "Traceback" not in done.stderr and done.stderr.count("\n") == 1


def test_a_store_that_checks_signatures_takes_ours(tmp_path):
    """moto lets nobody in without a right signature once it is told to; its check is botocore's own signer."""
    strict = s3_store.Store(tmp_path / "moto.log", {"INITIAL_NO_AUTH_ACTION_COUNT": "4"}).start()
    try:
        iam = strict.client(service="iam")
        iam.create_user(UserName="u")
        policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
        iam.put_user_policy(UserName="u", PolicyName="all", PolicyDocument=policy)
        key = iam.create_access_key(UserName="u")["AccessKey"]
        iam.list_users()
        (tmp_path / "key.csv").write_text(
            f"User name,Access key ID,Secret access key\nu,{key['AccessKeyId']},{key['SecretAccessKey']}\n")
        (tmp_path / "file").write_text("signed")
        own = strict.client(key=(key["AccessKeyId"], key["SecretAccessKey"]))
        own.create_bucket(Bucket="strict", CreateBucketConfiguration={"LocationConstraint": s3_store.REGION})
        flags = ["--s3-endpoint", strict.url, "--s3-region", s3_store.REGION, "--s3-credentials", tmp_path / "key.csv"]
        place = "s3://strict/topics/ä b+c/a=1&2.json"
        harness.succeed("bucket", "put", tmp_path / "file", place, *flags)
        harness.succeed("bucket", "get", place, tmp_path / "got", *flags)
        assert (tmp_path / "got").read_text() == "signed"
        assert "topics/" in harness.succeed("bucket", "list", "s3://strict", *flags)
        wrong = harness.run("bucket", "list", "s3://strict", env={
            **strict.environment(), "AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": "wrong"})
        assert wrong.returncode == 1 and key["AccessKeyId"] in wrong.stderr, wrong.stderr
    finally:
        strict.stop()
