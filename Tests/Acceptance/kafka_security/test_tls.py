"""TLS alone: the server's certificate, the client's, and what is refused at the start."""
import re
import socket
import ssl

import pytest

import harness
from security_parts import client, refusals, round_trip


def mutual(tls, **more):
    return {
        "PINLINE_KAFKA_SECURITY_PROTOCOL": "SSL", "PINLINE_SSL_KEYSTORE_LOCATION": tls.keystore,
        "PINLINE_SSL_TRUSTSTORE_LOCATION": tls.path("ca.pem"), "PINLINE_SSL_CLIENT_AUTH": "required", **more}


def with_certificate(server, tls, name="alice"):
    return client(
        server, security_protocol="SSL", ssl_ca_location=tls.path("ca.pem"),
        ssl_certificate_location=tls.path(f"{name}.pem"), ssl_key_location=tls.path(f"{name}.key"))


def test_a_client_with_a_certificate_gets_in_and_one_without_does_not(serve, tls):
    server = serve(env=mutual(tls))
    round_trip(with_certificate(server, tls), "by-certificate")
    refusals(client(server, security_protocol="SSL", ssl_ca_location=tls.path("ca.pem")))
    refusals(client(server))


def test_the_certificate_s_subject_is_the_principal(serve, tls):
    server = serve(env=mutual(tls, PINLINE_ACL_ENABLED="true", PINLINE_SUPER_USERS="User:CN=alice,O=Pins\\, Inc.,C=GB"))
    round_trip(with_certificate(server, tls), "by-subject")


def test_tls_1_1_is_refused_and_1_2_and_1_3_are_not(serve, tls):
    server = serve(env={"PINLINE_KAFKA_SECURITY_PROTOCOL": "SSL", "PINLINE_SSL_KEYSTORE_LOCATION": tls.keystore})
    host, port = server.kafka.rsplit(":", 1)

    def version(newest):
        context = ssl.create_default_context(cafile=tls.path("ca.pem"))
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = newest
        with socket.create_connection((host, int(port)), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname="127.0.0.1") as wrapped:
                return wrapped.version()

    assert version(ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
    assert version(ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
    with pytest.raises((ssl.SSLError, ConnectionError)):
        version(ssl.TLSVersion.TLSv1_1)


@pytest.mark.parametrize("settings, expected", [
    ({"PINLINE_KAFKA_SECURITY_PROTOCOL": "SSL"}, "ssl.keystore.location"),
    ({"PINLINE_KAFKA_SECURITY_PROTOCOL": "SSL", "PINLINE_SSL_KEYSTORE_LOCATION": "/nowhere.pem"}, "/nowhere.pem cannot be read"),
    ({"PINLINE_KAFKA_SECURITY_PROTOCOL": "SSL", "PINLINE_SSL_KEYSTORE_LOCATION": "CA"}, "no private key"),
    ({"PINLINE_KAFKA_SECURITY_PROTOCOL": "SSL", "PINLINE_SSL_KEYSTORE_LOCATION": "CA", "PINLINE_SSL_KEY_LOCATION": "KEY"},
     "do not go together"),
    ({"PINLINE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"}, "sasl.enabled.mechanisms"),
    ({"PINLINE_SASL_ENABLED_MECHANISMS": "PLAIN"}, "kafka.security.protocol"),
    ({"PINLINE_SASL_ENABLED_MECHANISMS": "GSSAPI"}, "none of PLAIN"),
    ({"PINLINE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "PINLINE_SASL_ENABLED_MECHANISMS": "AWS_MSK_IAM"}, "auth.credentials.file"),
    ({"PINLINE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "PINLINE_SASL_ENABLED_MECHANISMS": "AWS_MSK_IAM",
      "PINLINE_AUTH_CREDENTIALS_FILE": "CA"}, "must name the columns"),
], ids=str)
def test_a_start_that_would_not_be_safe_is_refused(tmp_path, tls, settings, expected):
    places = {"CA": tls.path("ca.pem"), "KEY": tls.path("alice.key")}
    done = harness.run(
        "serve", "--data", tmp_path / "data", "--ingest", "127.0.0.1:0", "--kafka", "127.0.0.1:0", "--web", "127.0.0.1:0",
        env={name: places.get(value, value) for name, value in settings.items()}, timeout=30)
    assert done.returncode != 0 and expected in done.stderr, done.stderr
    assert len(re.findall(r"^error|^Error", done.stderr, re.MULTILINE)) <= 1


def test_other_machines_are_let_in_only_if_they_log_in(serve, tmp_path):
    refused = harness.run(
        "serve", "--data", tmp_path / "data", "--ingest", "127.0.0.1:0", "--kafka", "0.0.0.0:0", "--web", "127.0.0.1:0", timeout=30)
    assert refused.returncode != 0 and "nobody has to log in" in refused.stderr
    serve(
        env={"PINLINE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "PINLINE_SASL_ENABLED_MECHANISMS": "SCRAM-SHA-512"},
        arguments=["--kafka", "0.0.0.0:0"])
