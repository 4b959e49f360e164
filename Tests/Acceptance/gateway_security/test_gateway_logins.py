"""Keys, passwords, tokens, signatures and certificates; what is refused, and how."""
import base64
import json
import time

import jwt
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

import harness
from gateway_parts import BODY, TOPIC, end_of, make_key, make_user, post

REQUIRED = {"PINLINE_GATEWAY_AUTH": "required", "PINLINE_GATEWAY_AUTH_FAILED_DELAY_MS": "0"}


def refused(answer, code=40101, status=401):
    assert answer.status_code == status, (answer.status_code, answer.text)
    body = answer.json()
    assert body["error_code"] == code and body["message"], body
    return answer


@pytest.fixture(scope="module")
def server(shared_serve):
    """Asks for keys and passwords."""
    server = shared_serve(env=REQUIRED)
    make_user(server, "alice", "alice-secret")
    return server


# ---- Keys and passwords

def test_nobody_gets_in_who_does_not_say_who_it_is(server):
    answer = refused(post(server))
    assert 'Basic realm="pinline"' in answer.headers["WWW-Authenticate"]


def test_a_user_gets_in_with_the_password_and_not_without(server):
    assert post(server, auth=("alice", "alice-secret")).status_code == 200
    refused(post(server, auth=("alice", "wrong")))
    refused(post(server, auth=("nobody", "alice-secret")))
    refused(post(server, headers={"Authorization": "Basic !!!"}))
    refused(post(server, headers={"Authorization": "Digest x"}))


def test_a_key_is_good_until_it_is_revoked(serve):
    server = serve(env={**REQUIRED, "PINLINE_GATEWAY_AUTH_CACHE_MS": "50"})
    key, name = make_key(server, "bob")
    with requests.Session() as session:
        for _ in range(3):
            assert post(server, headers={"x-api-key": key}, session=session).status_code == 200
        refused(post(server, headers={"x-api-key": key + "x"}, session=session))
        listed = harness.succeed("keys", "list", "--data", server.data)
        assert name in listed and "bob" in listed and key not in listed
        assert "revoked" in harness.succeed("keys", "revoke", name, "--data", server.data)
        harness.eventually(
            lambda: post(server, headers={"x-api-key": key}, session=session).status_code == 401, "the key is still good")
    assert key.encode() not in (server.data / "state.sqlite").read_bytes()


def test_a_key_that_clients_have_already_is_taken_over(serve, tmp_path):
    server = serve(env=REQUIRED)
    (tmp_path / "key").write_text("an-old-key-of-api-gateway-0123456789\n")
    key, _ = make_key(server, "carol", "--key-file", str(tmp_path / "key"))
    assert key == "an-old-key-of-api-gateway-0123456789"
    assert post(server, headers={"X-Api-Key": key}).status_code == 200


def test_the_key_and_password_are_remembered_and_a_thousand_requests_are_quick(server):
    with requests.Session() as session:
        began = time.monotonic()
        for _ in range(200):
            assert post(server, auth=("alice", "alice-secret"), session=session).status_code == 200
        assert time.monotonic() - began < 20


def test_wrong_passwords_are_slowed_down(serve):
    server = serve(env={"PINLINE_GATEWAY_AUTH": "required", "PINLINE_GATEWAY_AUTH_FAILED_DELAY_MS": "100"})
    make_user(server, "alice", "alice-secret")
    began = time.monotonic()
    for _ in range(4):
        refused(post(server, auth=("alice", "guess")))
    assert time.monotonic() - began > 1.4


def test_who_says_nothing_is_anonymous_where_logins_are_optional(serve):
    server = serve(env={**REQUIRED, "PINLINE_GATEWAY_AUTH": "optional"})
    assert post(server).status_code == 200
    refused(post(server, headers={"x-api-key": "wrong"}))


def test_nothing_is_looked_at_where_nobody_is_asked(serve):
    assert post(serve(), headers={"Authorization": "Basic !", "x-api-key": "x"}).status_code == 200


def test_a_refused_request_is_one_request_and_the_connection_goes_on(server):
    with requests.Session() as session:
        for _ in range(3):
            refused(post(server, session=session))
            assert post(server, session=session, auth=("alice", "alice-secret")).status_code == 200


# ---- Tokens

def number(value):
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).decode().rstrip("=")


def key_set(**keys):
    """A JSON Web Key Set of private keys' public halves, by PyJWT's own hand."""
    algorithms = {"rsa": jwt.algorithms.RSAAlgorithm, "ec": jwt.algorithms.ECAlgorithm, "ed": jwt.algorithms.OKPAlgorithm}
    return json.dumps({"keys": [
        {**json.loads(algorithms[name.split("_")[0]].to_jwk(key.public_key())), "kid": name} for name, key in keys.items()]})


def claims(**more):
    return {"sub": "alice", "exp": int(time.time()) + 600, "iss": "https://issuer.example", "aud": "pins", **more}


def bearer(server, token, **options):
    return post(server, headers={"Authorization": f"Bearer {token}"}, **options)


@pytest.fixture
def issuer(tmp_path):
    class Issuer:
        keys = {
            "rsa": rsa.generate_private_key(65537, 2048), "ec": ec.generate_private_key(ec.SECP256R1()),
            "ed": ed25519.Ed25519PrivateKey.generate()}
        algorithms = {"rsa": "RS256", "ec": "ES256", "ed": "EdDSA"}
        path = tmp_path / "jwks.json"

        def write(self):
            self.path.write_text(key_set(**self.keys))

        def token(self, name="ec", kid=None, **more):
            return jwt.encode(claims(**more), self.keys[name], self.algorithms[name], headers={"kid": kid or name})

    issuer = Issuer()
    issuer.write()
    return issuer


def token_server(serve, issuer, **more):
    return serve(env={
        **REQUIRED, "PINLINE_GATEWAY_JWT_JWKS_FILE": str(issuer.path), "PINLINE_GATEWAY_JWT_ISSUER": "https://issuer.example",
        "PINLINE_GATEWAY_JWT_AUDIENCE": "pins", "PINLINE_SSL_RELOAD_INTERVAL_MS": "100", **more})


def test_tokens_of_each_kind_of_key_get_in(serve, issuer):
    server = token_server(serve, issuer)
    for name in issuer.keys:
        assert bearer(server, issuer.token(name)).status_code == 200, name


def test_tokens_that_are_not_good_do_not(serve, issuer):
    server = token_server(serve, issuer)
    now = int(time.time())
    stranger = jwt.encode(claims(), ec.generate_private_key(ec.SECP256R1()), "ES256", headers={"kid": "ec"})
    for token in (
            stranger, issuer.token(exp=now - 3600), issuer.token(nbf=now + 3600), issuer.token(iss="https://other.example"),
            issuer.token(aud="others"), issuer.token(sub=""), issuer.token(kid="gone"), issuer.token() + "x", "x.y.z",
            jwt.encode(claims(), None, "none"), jwt.encode(claims(), "a" * 32, "HS256", headers={"kid": "rsa"})):
        assert "invalid_token" in refused(bearer(server, token)).headers["WWW-Authenticate"], token


def test_keys_of_tokens_are_read_again_when_their_file_changes(serve, issuer):
    server = token_server(serve, issuer)
    issuer.keys["ec_2"] = ec.generate_private_key(ec.SECP256R1())
    token = jwt.encode(claims(), issuer.keys["ec_2"], "ES256", headers={"kid": "ec_2"})
    refused(bearer(server, token))
    issuer.write()
    harness.eventually(lambda: bearer(server, token).status_code == 200, "the new key is not known")
    issuer.path.write_text("not a key set")
    harness.eventually(lambda: "stay as they were" in server.log_tail(10_000), "nothing is told of the broken file")
    assert bearer(server, token).status_code == 200


# ---- Signatures

def signed(server, service, secret="ada/secret+key", key="AKIAADA", change=None, topic=TOPIC, session=None):
    url = f"http://{server.ingest}/prod/topics/{topic}"
    data = json.dumps(BODY)
    request = AWSRequest("POST", url, data=data, headers={"Content-Type": harness.KAFKA_JSON})
    SigV4Auth(Credentials(key, secret), service, "us-east-1").add_auth(request)
    return requests.post(url, data=change or data, headers=dict(request.headers), timeout=30)


@pytest.fixture
def signature_server(serve, access_keys):
    return serve(env={**REQUIRED, "PINLINE_AUTH_CREDENTIALS_FILE": access_keys})


@pytest.mark.parametrize("service", ["execute-api", "kinesis"])
def test_a_signed_request_gets_in(signature_server, service):
    assert signed(signature_server, service).status_code == 200


def test_a_request_that_is_signed_otherwise_does_not(signature_server):
    server = signature_server
    for answer, kind in (
            (signed(server, "execute-api", secret="wrong"), "InvalidSignatureException"),
            (signed(server, "execute-api", key="AKIAOTHER"), "UnrecognizedClientException"),
            (signed(server, "s3"), "InvalidSignatureException"),
            (signed(server, "execute-api", change=json.dumps(BODY) + " "), "InvalidSignatureException"),
            (post(server, headers={"Authorization": "AWS4-HMAC-SHA256 x"}), "IncompleteSignatureException"),
            (post(server), "MissingAuthenticationTokenException")):
        assert refused(answer).headers["x-amzn-ErrorType"] == kind, answer.text


# ---- Rights

def test_who_may_write_which_topic_is_what_the_acls_say(serve):
    server = serve(env={
        **REQUIRED, "PINLINE_ACL_ENABLED": "true", "PINLINE_SUPER_USERS": "User:root;User:ANONYMOUS"})
    for name in ("alice", "bob", "root"):
        make_user(server, name, f"{name}-secret")
    key, _ = make_key(server, "alice")
    harness.succeed(
        "acls", "add", "--bootstrap", server.kafka, "--principal", "User:alice", "--operation", "write", "--topic", TOPIC)
    assert post(server, auth=("root", "root-secret")).status_code == 200

    def alice_may():
        return post(server, auth=("alice", "alice-secret")).status_code == 200

    harness.eventually(alice_may, "the ACL does not count")
    assert post(server, headers={"x-api-key": key}).status_code == 200
    refused(post(server, auth=("bob", "bob-secret")), 40301, 403)
    refused(post(server, "other.pin", headers={"x-api-key": key}), 40301, 403)
    before = end_of(server, auth=("root", "root-secret"))
    refused(post(server, auth=("bob", "bob-secret")), 40301, 403)
    assert end_of(server, auth=("root", "root-secret")) == before + 1


# ---- Starts that would not be safe

@pytest.mark.parametrize("settings, expected", [
    ({"PINLINE_GATEWAY_AUTH": "maybe"}, "none, optional, required"),
    ({"PINLINE_GATEWAY_AUTH_METHODS": "basic"}, "nobody is asked"),
    ({"PINLINE_GATEWAY_AUTH": "required", "PINLINE_GATEWAY_AUTH_METHODS": "bearer"}, "gateway.jwt.jwks.file"),
    ({"PINLINE_GATEWAY_AUTH": "required", "PINLINE_GATEWAY_AUTH_METHODS": "signature"}, "auth.credentials.file"),
    ({"PINLINE_GATEWAY_AUTH": "required", "PINLINE_GATEWAY_AUTH_METHODS": "certificate"}, "ingest.ssl.client.auth"),
    ({"PINLINE_GATEWAY_AUTH": "required", "PINLINE_GATEWAY_JWT_JWKS_FILE": "/nowhere.json"}, "/nowhere.json cannot be read"),
    ({"PINLINE_INGEST_SSL_KEYSTORE_LOCATION": "/nowhere.pem"}, "/nowhere.pem cannot be read"),
    ({"PINLINE_INGEST_SSL_CLIENT_AUTH": "required"}, "ingest.ssl.truststore.location"),
    ({"PINLINE_GATEWAY_ACCESS_LOG": "/nowhere/access.log"}, "/nowhere/access.log cannot be written"),
], ids=str)
def test_a_start_that_cannot_be_meant_is_refused(tmp_path, settings, expected):
    done = harness.run(
        "serve", "--data", tmp_path / "data", "--ingest", "127.0.0.1:0", "--kafka", "127.0.0.1:0", "--web", "127.0.0.1:0",
        env=settings, timeout=30)
    assert done.returncode != 0 and expected in done.stderr, done.stderr


def test_other_machines_are_let_in_only_if_they_log_in(serve, tmp_path):
    done = harness.run(
        "serve", "--data", tmp_path / "data", "--ingest", "0.0.0.0:0", "--kafka", "127.0.0.1:0", "--web", "127.0.0.1:0",
        env={"PINLINE_GATEWAY_AUTH": "optional"}, timeout=30)
    assert done.returncode != 0 and "gateway.auth" in done.stderr, done.stderr
    serve(env=REQUIRED, arguments=["--ingest", "0.0.0.0:0"])
