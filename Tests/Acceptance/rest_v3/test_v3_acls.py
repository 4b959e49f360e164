"""ACLs through REST Proxy v3, on a server that keeps them; seen by the command line."""
import pytest
import requests

from proxy import Proxy

ALICE = {"resource_type": "TOPIC", "resource_name": "pins", "pattern_type": "LITERAL", "principal": "User:alice",
         "host": "*", "operation": "READ", "permission": "ALLOW"}


@pytest.fixture(scope="module")
def server(shared_serve):
    # Whoever posts without a name may do everything here: these tests are about ACLs, not about who may change them.
    return shared_serve(env={
        "PINLINE_KAFKA_SECURITY_PROTOCOL": "PLAINTEXT", "PINLINE_ACL_ENABLED": "true",
        "PINLINE_SUPER_USERS": "User:ANONYMOUS"})


@pytest.fixture(scope="module")
def proxy(server):
    return Proxy(server)


@pytest.fixture(autouse=True)
def clean(proxy):
    yield
    proxy.call("DELETE", "/acls", params=dict.fromkeys(
        ("resource_type", "pattern_type", "operation", "permission"), "ANY"))


def told(acls):
    return [{name: acl[name] for name in ALICE} for acl in acls]


def test_an_acl_is_made_found_and_deleted(proxy):
    made = proxy.session.post(proxy.url("/acls"), json=ALICE, timeout=30)
    assert made.status_code == 201 and not made.content
    found = proxy.get(made.headers["Location"])["data"]
    assert told(found) == [ALICE]
    assert found[0]["kind"] == "KafkaAcl" and found[0]["metadata"]["resource_name"] is None
    assert proxy.get(found[0]["metadata"]["self"])["data"] == found
    gone = proxy.call("DELETE", "/acls", params=ALICE)
    assert told(gone["data"]) == [ALICE]
    assert proxy.get("/acls")["data"] == []


def test_many_are_made_at_once_or_none(proxy):
    others = [{**ALICE, "operation": operation} for operation in ("WRITE", "DESCRIBE_CONFIGS")]
    group = {**ALICE, "resource_type": "GROUP", "resource_name": "read", "pattern_type": "PREFIXED"}
    proxy.post("/acls:batch", {"data": [ALICE, *others, group]}, 204)
    assert len(proxy.get("/acls")["data"]) == 4
    assert told(proxy.get("/acls", params={"resource_type": "group"})["data"]) == [group]
    assert told(proxy.get("/acls", params={"resource_type": "GROUP", "resource_name": "reader",
                                           "pattern_type": "MATCH"})["data"]) == [group]
    assert len(proxy.get("/acls", params={"principal": "User:alice", "operation": "write"})["data"]) == 1
    bad = {**ALICE, "principal": "bob"}
    assert proxy.error("POST", "/acls:batch", 400, json={"data": [{**ALICE, "host": "10.0.0.1"}, bad]}) == 40002
    assert len(proxy.get("/acls")["data"]) == 4


@pytest.mark.parametrize("change, code", [
    ({"resource_type": "ANY"}, 400), ({"pattern_type": "MATCH"}, 400), ({"operation": "ANY"}, 400),
    ({"permission": "UNKNOWN"}, 400), ({"resource_type": "TABLE"}, 40002), ({"host": None}, 400),
    ({"resource_type": "CLUSTER", "resource_name": "mine"}, 40002), ({"principal": "nobody"}, 40002), ({"more": 1}, 400),
])
def test_acls_that_cannot_be_are_refused(proxy, change, code):
    assert proxy.error("POST", "/acls", 400, json={**ALICE, **change}) == code


def test_what_is_to_be_deleted_has_to_be_said(proxy):
    assert proxy.error("DELETE", "/acls", 400) == 400
    assert proxy.error("DELETE", "/acls", 400, params={"resource_type": "TOPIC", "pattern_type": "ANY"}) == 400


def test_the_rights_of_who_asks_are_looked_up(serve):
    server = serve(env={
        "PINLINE_KAFKA_SECURITY_PROTOCOL": "PLAINTEXT", "PINLINE_ACL_ENABLED": "true",
        "PINLINE_SUPER_USERS": "User:root"})
    proxy = Proxy(server)
    assert proxy.get("/topics")["data"] == [] and proxy.get("/consumer-groups")["data"] == []
    for method, path, body in [
            ("GET", "/topics/x", None), ("POST", "/topics", {"topic_name": "x"}), ("DELETE", "/topics/x", None),
            ("PATCH", "/topics/x", {"partitions_count": 2}), ("GET", "/topics/x/configs", None),
            ("GET", "/brokers/0/configs", None), ("GET", "/acls", None), ("POST", "/acls", ALICE),
            ("GET", "/consumer-groups/x", None)]:
        assert proxy.error(method, path, 403, json=body) == 40301, path
    assert requests.get(f"http://{server.web}/readyz", timeout=10).status_code == 200
