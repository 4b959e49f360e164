"""Clients log in by signed requests: MSK's token and the Java library's own mechanism."""
import base64
import json
import socket
import struct
import time
from urllib.parse import unquote

import pytest
from aws_msk_iam_sasl_signer import MSKAuthTokenProvider
from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import CredentialProvider, Credentials
from confluent_kafka import Producer

from harness import eventually
from security_parts import client, produce


# ---- OAUTHBEARER, as people write it with aws-msk-iam-sasl-signer-python

class Provider(CredentialProvider):
    """Stands in for the chain of AWS credentials."""

    def __init__(self, key, secret):
        super().__init__()
        self.credentials = Credentials(key, secret)

    def load(self):
        return self.credentials


def token(key="AKIAADA", secret="ada/secret+key", region="eu-west-1"):
    return MSKAuthTokenProvider.generate_auth_token_from_credentials_provider(region, Provider(key, secret))


def oauth(server, tls, provide):
    def refresh(_):
        value, expiry = provide()
        return value, expiry / 1000

    return client(
        server, security_protocol="SASL_SSL" if tls else "SASL_PLAINTEXT", sasl_mechanism="OAUTHBEARER",
        oauth_cb=refresh, **({"ssl_ca_location": tls.path("ca.pem")} if tls else {}))


def test_the_token_of_msk_logs_in_over_tls(tls_server, tls):
    assert produce(oauth(tls_server, tls, token), "by-token") is None


@pytest.mark.parametrize("wrong", [
    lambda: token(secret="guess"), lambda: token(key="AKIANONE"),
    lambda: ("bm8gdG9rZW4", int(time.time() * 1000) + 60_000)], ids=["secret", "key", "no token"])
def test_a_wrong_token_is_refused(plain_server, wrong):
    told = []
    producer = Producer({**oauth(plain_server, None, wrong), "error_cb": told.append})
    eventually(lambda: producer.poll(0.1) or told, "the login was not refused")
    assert "invalid credentials with SASL mechanism OAUTHBEARER" in told[0].str()


# ---- AWS_MSK_IAM, as the Java library sends it

def payload(key="AKIAADA", secret="ada/secret+key", region="us-east-1", **changes):
    host = "b-1.pins.example.net"
    request = AWSRequest("GET", f"https://{host}/?Action=kafka-cluster%3AConnect")
    SigV4QueryAuth(Credentials(key, secret), "kafka-cluster", region, expires=900).add_auth(request)
    query = request.url.split("?", 1)[1]
    values = {name.lower(): unquote(value) for name, value in (part.split("=", 1) for part in query.split("&"))}
    return {"version": "2020_10_22", "host": host, "user-agent": "test", **values, **changes}


class Wire:
    """A Kafka client of few words."""

    def __init__(self, server):
        host, port = server.kafka.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=20)
        self.number = 0

    def ask(self, key, version, body):
        self.number += 1
        header = struct.pack(">hhih", key, version, self.number, 4) + b"test"
        self.socket.sendall(struct.pack(">i", len(header) + len(body)) + header + body)
        size, = struct.unpack(">i", self._read(4))
        return self._read(size)[4:]

    def _read(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def login(self, values):
        """The error, its message, the answer and the milliseconds the login holds."""
        mechanism = b"AWS_MSK_IAM"
        error, = struct.unpack_from(">h", self.ask(17, 1, struct.pack(">h", len(mechanism)) + mechanism))
        assert error == 0
        token = json.dumps(values).encode()
        answer = self.ask(36, 1, struct.pack(">i", len(token)) + token)
        error, length = struct.unpack_from(">hh", answer)
        place = 4 + max(length, 0)
        size, = struct.unpack_from(">i", answer, place)
        place += 4
        lifetime, = struct.unpack_from(">q", answer, place + size)
        return error, answer[4:4 + max(length, 0)].decode(), answer[place:place + size], lifetime

    def metadata(self):
        return self.ask(3, 1, struct.pack(">i", 0))


def test_the_payload_of_the_java_library_logs_in(plain_server):
    wire = Wire(plain_server)
    error, message, answer, lifetime = wire.login(payload())
    assert (error, message) == (0, "")
    told = json.loads(answer)
    assert told["version"] == "2020_10_22" and len(told["request-id"]) == 36
    assert 880_000 < lifetime <= 900_000
    assert wire.metadata()


@pytest.mark.parametrize("changes", [
    {"secret": "guess"}, {"key": "AKIANONE"}, {"host": "other"}, {"action": "kafka-cluster:DescribeTopic"},
    {"x-amz-expires": "901"}, {"version": "2019"}], ids=str)
def test_a_wrong_payload_is_refused_and_the_connection_closed(plain_server, changes):
    wire = Wire(plain_server)
    error, message, answer, _ = wire.login(payload(**changes))
    assert error == 58 and "AWS_MSK_IAM" in message and answer == b""
    with pytest.raises((EOFError, ConnectionError)):
        wire.metadata()


def test_requests_before_the_login_close_the_connection(plain_server):
    with pytest.raises((EOFError, ConnectionError)):
        Wire(plain_server).metadata()


def test_a_login_ends_after_the_longest_time_and_can_be_renewed(serve, access_keys):
    server = serve(env={
        "PINLINE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "PINLINE_SASL_ENABLED_MECHANISMS": "AWS_MSK_IAM",
        "PINLINE_AUTH_CREDENTIALS_FILE": access_keys, "PINLINE_CONNECTIONS_MAX_REAUTH_MS": "1500"})
    renewed, other, idle = Wire(server), Wire(server), Wire(server)
    for wire in (renewed, other, idle):
        assert wire.login(payload())[3] == 1500
    ends = time.monotonic() + 1.6
    while time.monotonic() < ends - 0.4:
        assert renewed.metadata()
    assert renewed.login(payload())[0] == 0
    assert other.login(payload(key="AKIABOB", secret="bob-secret"))[0] == 58
    while time.monotonic() < ends:
        assert renewed.metadata()
    with pytest.raises((EOFError, ConnectionError)):
        idle.metadata()
