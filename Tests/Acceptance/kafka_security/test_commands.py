"""The commands log in like people's own tools: by their client.properties."""
import json
import subprocess
import threading

import pytest

import harness
from security_parts import add_user, make_topic, login, client
from test_tls import mutual, with_certificate

MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
IAM_KEYS = {"AWS_ACCESS_KEY_ID": "AKIAADA", "AWS_SECRET_ACCESS_KEY": "ada/secret+key", "AWS_REGION": "eu-west-1"}


def jaas(mechanism, user, password):
    module = "plain.PlainLoginModule" if mechanism == "PLAIN" else "scram.ScramLoginModule"
    return (f"sasl.mechanism={mechanism}\nsasl.jaas.config=org.apache.kafka.common.security.{module} required "
            f'username="{user}" password="{password}";\n')


IAM = ("sasl.mechanism=AWS_MSK_IAM\nsasl.jaas.config=software.amazon.msk.auth.iam.IAMLoginModule required;\n"
       "sasl.client.callback.handler.class=software.amazon.msk.auth.iam.IAMClientCallbackHandler\n")


@pytest.fixture
def properties(tmp_path):
    """Writes a client.properties; returns what names it and the server on the command line."""
    def write(server, text, tls=None, protocol="SASL"):
        transport = f"security.protocol={protocol + '_' if protocol else ''}{'SSL' if tls else 'PLAINTEXT'}\n"
        if tls:
            transport += f"ssl.truststore.type=PEM\nssl.truststore.location={tls.path('ca.pem')}\n"
        path = tmp_path / "client.properties"
        path.write_text(transport + text)
        return ("--bootstrap", server.kafka, "--command-config", path)

    return write


def retention(name, where, **options):
    rows = json.loads(harness.succeed("topics", "describe", name, "--settings", *where, "--format", "json", **options))
    return {row["setting"]: row["value"] for row in rows if row["set_for"] == "topic"}


@pytest.mark.parametrize("kind", ["plain text", "TLS"])
@pytest.mark.parametrize("mechanism", MECHANISMS + ("AWS_MSK_IAM",))
def test_a_client_s_properties_log_in(request, tls, properties, kind, mechanism):
    server = request.getfixturevalue("tls_server" if kind == "TLS" else "plain_server")
    text = IAM if mechanism == "AWS_MSK_IAM" else jaas(mechanism, "alice", "alice-secret")
    where = properties(server, text, tls if kind == "TLS" else None)
    options = {"env": IAM_KEYS} if mechanism == "AWS_MSK_IAM" else {}
    name = f"of-{mechanism}-{kind.replace(' ', '-')}"
    harness.succeed("topics", "create", name, *where, **options)
    harness.succeed("topics", "alter", name, "--config", "retention.ms=86400000", *where, **options)
    assert retention(name, where, **options) == {"retention.ms": "86400000"}


def test_the_access_key_may_be_a_profile_s(plain_server, properties, tmp_path):
    credentials = tmp_path / "credentials"
    credentials.write_text(
        "[default]\naws_access_key_id = AKIANONE\naws_secret_access_key = no\n"
        "[pins]\naws_access_key_id=AKIAADA\naws_secret_access_key = ada/secret+key\nregion = us-west-2\n")
    environment = {"AWS_SHARED_CREDENTIALS_FILE": str(credentials), "AWS_ACCESS_KEY_ID": "", "AWS_REGION": "eu-west-1"}
    where = properties(plain_server, IAM.replace("required;", 'required awsProfileName="pins";'))
    harness.succeed("topics", "list", *where, env=environment)
    wrong = harness.run("topics", "list", *properties(plain_server, IAM), env=environment)
    assert wrong.returncode == 1 and "refused the login" in wrong.stderr, wrong.stderr


def test_a_pkcs12_keystore_is_the_certificate(serve, tls, properties, tmp_path):
    server = serve(env=mutual(tls))
    store = tmp_path / "alice.p12"
    subprocess.run(
        ["openssl", "pkcs12", "-export", "-in", tls.path("alice.pem"), "-inkey", tls.path("alice.key"), "-out", store,
         "-passout", "pass:changeit"], check=True, capture_output=True)
    where = properties(
        server, f"ssl.keystore.type=PKCS12\nssl.keystore.location={store}\nssl.keystore.password=changeit\n", tls, "")
    harness.succeed("topics", "create", "by-store", *where)
    harness.succeed("topics", "alter", "by-store", "--config", "retention.ms=1000", *where)
    pem = properties(
        server, f"ssl.keystore.certificate.chain={_joined(tls.path('alice.pem'))}\nssl.keystore.key="
        f"{_joined(tls.path('alice.key'))}\n", tls, "")
    assert retention("by-store", pem) == {"retention.ms": "1000"}
    without = harness.run("topics", "list", "--timeout", "3", *properties(server, "", tls, ""))
    assert without.returncode == 1, without.stdout


def _joined(path):
    return "\\n".join(open(path, encoding="ascii").read().split("\n"))


def test_a_keystore_of_java_is_refused_with_the_way_out(plain_server, properties):
    where = properties(plain_server, "ssl.keystore.location=me.jks\n")
    done = harness.run("topics", "list", *where)
    assert done.returncode == 1 and "keytool -importkeystore -srckeystore me.jks" in done.stderr, done.stderr


def test_changes_at_one_time_do_not_undo_each_other(serve):
    server = serve()
    where = ("--bootstrap", server.kafka)
    make_topic(client(server), "shared")
    settings = {"retention.ms": "60000", "segment.bytes": "1048576", "max.message.bytes": "100000",
                "retention.bytes": "1000000", "segment.ms": "600000", "cleanup.policy": "compact"}
    threads = [
        threading.Thread(target=harness.succeed, args=("topics", "alter", "shared", "--config", f"{name}={value}", *where))
        for name, value in settings.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert retention("shared", where) == settings
    harness.succeed("topics", "alter", "shared", "--delete-config", "retention.ms", *where)
    assert retention("shared", where) == {name: value for name, value in settings.items() if name != "retention.ms"}
    wrong = harness.run("topics", "alter", "shared", "--config", "retention.ms=soon", *where)
    assert wrong.returncode == 1 and "retention.ms" in wrong.stderr, wrong.stderr


def test_who_may_not_see_the_rules_is_told_so(serve, properties):
    server = serve(env={
        "PINLINE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "PINLINE_SASL_ENABLED_MECHANISMS": "SCRAM-SHA-256",
        "PINLINE_ACL_ENABLED": "true", "PINLINE_SUPER_USERS": "User:root"})
    for name in ("root", "alice"):
        add_user(server, name, name)
    refused = harness.run("acls", "list", *properties(server, jaas("SCRAM-SHA-256", "alice", "alice")))
    assert refused.returncode == 1 and refused.stdout == "", refused.stdout
    assert "Cluster authorization failed" in refused.stderr
    make_topic(login(server, "SCRAM-SHA-256", "root", "root"), "closed")
    denied = harness.run(
        "topics", "alter", "closed", "--config", "retention.ms=1",
        *properties(server, jaas("SCRAM-SHA-256", "alice", "alice")))
    assert denied.returncode == 1, denied.stdout
    root = properties(server, jaas("SCRAM-SHA-256", "root", "root"))
    assert json.loads(harness.succeed("acls", "list", *root, "--format", "json")) == []


def test_without_rules_there_is_nothing_to_list(serve):
    done = harness.run("acls", "list", "--bootstrap", serve().kafka)
    assert done.returncode == 1 and "No Authorizer is configured" in done.stderr, done.stderr
