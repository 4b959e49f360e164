"""https on the ingest port: certificates of both sides, and their replacement while clients are connected."""
import re
import shutil
import signal
import socket
import ssl
import subprocess

import pytest
import requests

import harness
from gateway_parts import post


@pytest.fixture
def keystore(tls, tmp_path):
    path = tmp_path / "server.pem"
    shutil.copy(tls.keystore, path)
    return path


@pytest.fixture
def secure(serve, tmp_path, keystore):
    """Starts a server with the certificate; it is ready when the web port says so."""
    def start(**more):
        return serve(env={
            "PINLINE_INGEST_SSL_KEYSTORE_LOCATION": str(keystore), "PINLINE_SSL_RELOAD_INTERVAL_MS": "0", **more})
    return start


def replace(tls, keystore, name):
    """Another certificate of the same authority, as an operator puts it: a new file under the old name."""
    tls.issue(name, f"/CN={name}", "subjectAltName=IP:127.0.0.1,DNS:localhost")
    new = keystore.with_suffix(".new")
    new.write_text("".join(open(tls.path(part), encoding="ascii").read() for part in (f"{name}.key", f"{name}.pem", "ca.pem")))
    new.rename(keystore)


def subject(server):
    """The name in the certificate that openssl is shown."""
    shown = subprocess.run(
        ["openssl", "s_client", "-connect", server.ingest, "-servername", "localhost"], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=30).stdout
    return re.search(r"^subject=.*?CN ?= ?(\S+)", shown, re.MULTILINE)[1]


def test_requests_posts_over_https_and_checks_the_certificate(secure, tls):
    server = secure()
    assert post(server, scheme="https", verify=tls.path("ca.pem")).status_code == 200
    with pytest.raises(requests.exceptions.SSLError):
        post(server, scheme="https")
    with pytest.raises(requests.exceptions.ConnectionError):
        post(server)
    assert "https://" in server.log_tail()


def test_tls_1_1_is_refused_and_1_2_and_1_3_are_not(secure, tls):
    server = secure()

    def version(newest):
        context = ssl.create_default_context(cafile=tls.path("ca.pem"))
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = newest
        with socket.create_connection((server.host, server.port), timeout=10) as plain:
            with context.wrap_socket(plain, server_hostname="127.0.0.1") as wrapped:
                return wrapped.version()

    assert version(ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
    assert version(ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
    with pytest.raises((ssl.SSLError, ConnectionError)):
        version(ssl.TLSVersion.TLSv1_1)


def test_a_replaced_certificate_is_shown_after_sighup_and_old_connections_go_on(secure, tls, keystore):
    server = secure()
    before = subject(server)
    with requests.Session() as session:
        session.verify = tls.path("ca.pem")
        session.trust_env = False  # REQUESTS_CA_BUNDLE would count more than the session's own setting
        assert post(server, scheme="https", session=session).status_code == 200
        replace(tls, keystore, "second")
        assert subject(server) == before
        server.process.send_signal(signal.SIGHUP)
        harness.eventually(lambda: subject(server) == "second", "the old certificate is still shown")
        assert post(server, scheme="https", session=session).status_code == 200
    assert post(server, scheme="https", verify=tls.path("ca.pem")).status_code == 200


def test_a_replaced_certificate_is_found_without_being_told(secure, tls, keystore):
    server = secure(PINLINE_SSL_RELOAD_INTERVAL_MS="100")
    replace(tls, keystore, "third")
    harness.eventually(lambda: subject(server) == "third", "the old certificate is still shown")


def test_a_file_that_cannot_be_used_changes_nothing_and_is_told_once(secure, tls, keystore):
    server = secure(PINLINE_SSL_RELOAD_INTERVAL_MS="50")
    before = subject(server)
    keystore.write_text("no certificate")
    harness.eventually(lambda: "certificates stay as they were" in server.log_tail(), "nothing is told of it")
    assert subject(server) == before
    assert post(server, scheme="https", verify=tls.path("ca.pem")).status_code == 200
    assert server.log_tail(100_000).count("certificates stay as they were") == 1
    replace(tls, keystore, "fourth")
    harness.eventually(lambda: subject(server) == "fourth", "the new certificate is not shown")


def test_a_client_s_certificate_is_its_login(secure, tls):
    server = secure(
        PINLINE_INGEST_SSL_TRUSTSTORE_LOCATION=tls.path("ca.pem"), PINLINE_INGEST_SSL_CLIENT_AUTH="requested",
        PINLINE_GATEWAY_AUTH="required", PINLINE_ACL_ENABLED="true", PINLINE_SUPER_USERS="User:CN=alice,O=Pins\\, Inc.,C=GB")
    alice = (tls.path("alice.pem"), tls.path("alice.key"))
    assert post(server, scheme="https", verify=tls.path("ca.pem"), cert=alice).status_code == 200
    assert post(server, scheme="https", verify=tls.path("ca.pem")).status_code == 401
    tls.issue("mallory", "/CN=mallory", "extendedKeyUsage=clientAuth")
    mallory = (tls.path("mallory.pem"), tls.path("mallory.key"))
    assert post(server, scheme="https", verify=tls.path("ca.pem"), cert=mallory).status_code == 403


def test_where_certificates_are_required_nobody_gets_in_without(secure, tls):
    server = secure(
        PINLINE_INGEST_SSL_TRUSTSTORE_LOCATION=tls.path("ca.pem"), PINLINE_INGEST_SSL_CLIENT_AUTH="required")
    alice = (tls.path("alice.pem"), tls.path("alice.key"))
    assert post(server, scheme="https", verify=tls.path("ca.pem"), cert=alice).status_code == 200
    with pytest.raises((requests.exceptions.SSLError, requests.exceptions.ConnectionError)):
        post(server, scheme="https", verify=tls.path("ca.pem"))
