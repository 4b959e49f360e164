"""Certificates that all tests share, and a server with them."""
import pytest

import security_parts
from certificates import Certificates


@pytest.fixture(scope="session")
def tls(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def access_keys(tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "credentials.csv"
    path.write_text(security_parts.ACCESS_KEYS, encoding="utf-8-sig")
    return str(path)


MECHANISMS = "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER,AWS_MSK_IAM"


def _environment(access_keys, tls=None):
    return {
        "PINLINE_KAFKA_SECURITY_PROTOCOL": "SASL_SSL" if tls else "SASL_PLAINTEXT",
        "PINLINE_SASL_ENABLED_MECHANISMS": MECHANISMS, "PINLINE_AUTH_CREDENTIALS_FILE": access_keys,
        # Many tests fail to log in from this one host.
        "PINLINE_CONNECTION_FAILED_AUTHENTICATION_DELAY_MS": "0",
        **({"PINLINE_SSL_KEYSTORE_LOCATION": tls.keystore} if tls else {})}


@pytest.fixture(scope="module")
def plain_server(shared_serve, access_keys):
    """SASL_PLAINTEXT with every mechanism, and the user alice."""
    server = shared_serve(env=_environment(access_keys))
    security_parts.add_user(server, "alice", "alice-secret")
    return server


@pytest.fixture(scope="module")
def tls_server(shared_serve, access_keys, tls):
    """SASL_SSL with every mechanism, and the user alice."""
    server = shared_serve(env=_environment(access_keys, tls))
    security_parts.add_user(server, "alice", "alice-secret")
    return server
