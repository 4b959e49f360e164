"""What REST Proxy v2 refuses below /consumers, with which status and code, in whose words."""
import json

import pytest
import requests

from instances import CONTROL, DEADLINE, fresh


@pytest.fixture(scope="module")
def instance(proxy):
    return proxy.create(format="json")


@pytest.mark.parametrize("wish, status, code, message", [
    ({"format": "xml"}, 422, 42204, "Invalid consumer configuration: Invalid format type."),
    ({"format": "avro"}, 422, 42204, "schema registry"),
    ({"auto.offset.reset": "soon"}, 422, 42204, "String must be one of: latest, earliest, none"),
    ({"auto.commit.enable": "perhaps"}, 422, 42204, "Expected value to be either true or false"),
    ({"fetch.min.bytes": -2}, 400, 40001, "It does not abide by the constraints"),
    ({"fetch.min.bytes": 10000001}, 400, 40001, "no more than 10000000"),
    ({"fetch.min.bytes": "many"}, 422, 422, "not a whole number"),
    ({"name": 7}, 422, 422, "not a string"),
    ({"name": ""}, 422, 422, "empty"),
    ({"nonsense": 1}, 422, 422, "Unrecognized field: nonsense"),
])
def test_an_instance_that_cannot_be_made(proxy, wish, status, code, message):
    refusal = proxy.create(status=status, **wish)
    assert refusal["error_code"] == code and message in refusal["message"], refusal


def test_wishes_are_taken_as_clients_write_them(proxy):
    proxy.create(**{"format": "JSON", "auto.offset.reset": "EARLIEST", "auto.commit.enable": True,
                    "fetch.min.bytes": "1", "consumer.request.timeout.ms": 100, "name": None})
    assert proxy.create(id="by-id", name="by-name").id == "by-id"
    assert proxy.create().id.startswith("rest-consumer-")


def test_a_name_is_free_once_and_escaped_in_links(proxy):
    group = "group of/two"
    answer = requests.post(f"{proxy.base}/consumers/group%20of%2Ftwo", data='{"name": "a/b c"}',
                           headers={"Content-Type": CONTROL}, timeout=DEADLINE)
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert made["instance_id"] == "a/b c"
    assert made["base_uri"].endswith("/test/consumers/group%20of%2Ftwo/instances/a%2Fb%20c"), group
    again = requests.post(f"{proxy.base}/consumers/group%20of%2Ftwo", data='{"name": "a/b c"}',
                          headers={"Content-Type": CONTROL}, timeout=DEADLINE)
    assert (again.status_code, again.json()) == (409, {
        "error_code": 40902,
        "message": "Consumer with specified consumer ID already exists in the specified consumer group."})
    assert requests.delete(made["base_uri"], timeout=DEADLINE).status_code == 204


def test_base_uri_is_how_the_client_came_or_what_a_proxy_tells(proxy):
    answer = requests.post(
        f"{proxy.base}/consumers/g", data="{}", timeout=DEADLINE,
        headers={"Content-Type": CONTROL, "X-Forwarded-Proto": "https", "X-Forwarded-Host": "abc.example.com"})
    assert answer.json()["base_uri"].startswith("https://abc.example.com/test/consumers/g/instances/")


@pytest.mark.parametrize("method, path", [
    ("DELETE", ""), ("POST", "subscription"), ("GET", "subscription"), ("DELETE", "subscription"),
    ("POST", "assignments"), ("GET", "assignments"), ("GET", "records"), ("POST", "offsets"), ("GET", "offsets"),
    ("POST", "positions"), ("POST", "positions/beginning"), ("POST", "positions/end"),
])
def test_an_instance_that_is_not_there(proxy, method, path):
    answer = requests.request(
        method, f"{proxy.base}/consumers/nobody/instances/none/{path}".rstrip("/"), data="{}",
        headers={"Content-Type": CONTROL}, timeout=DEADLINE)
    assert (answer.status_code, answer.json()) == (
        404, {"error_code": 40403, "message": "Consumer instance not found."})


@pytest.mark.parametrize("method, path, body, status, code", [
    ("POST", "subscription", {}, 422, 422),
    ("POST", "subscription", {"topics": "x"}, 422, 422),
    ("POST", "subscription", {"topics": [1]}, 422, 422),
    ("POST", "subscription", {"topics": ["a b"]}, 400, 40002),
    ("POST", "subscription", {"topic_pattern": "("}, 422, 422),
    ("POST", "subscription", {"topic": ["a"]}, 422, 422),
    ("POST", "assignments", {"partitions": [{"topic": "a"}]}, 422, 422),
    ("POST", "assignments", {"partitions": [{"topic": "a", "partition": -1}]}, 422, 422),
    ("POST", "positions", {"offsets": [{"topic": "a", "partition": 0, "offset": -1}]}, 422, 422),
    ("POST", "positions", {"offsets": [{"topic": "a", "partition": 0, "offset": 1}]}, 409, 40903),
    ("POST", "positions", {"timestamps": [{"topic": "a", "partition": 0, "timestamp": "today"}]}, 422, 422),
    ("POST", "positions", {"timestamps": [{"topic": "a", "partition": 0, "timestamp": 1}]}, 409, 40903),
    ("POST", "positions/end", {"partitions": [{"topic": "a b", "partition": 0}]}, 409, 40903),
    ("POST", "offsets", {"offsets": [{"topic": "none", "partition": 0, "offset": 1}]}, 404, 40402),
    ("POST", "offsets", {"offsets": [{"topic": "none", "partition": 0, "offset": 2**63 - 1}]}, 422, 422),
    ("GET", "offsets", None, 404, 40402),
    ("GET", "records", None, 409, 40903),
])
def test_a_request_that_cannot_be_done(proxy, method, path, body, status, code):
    instance = proxy.create(format="json")
    headers = {"Accept": "application/vnd.kafka.json.v2+json"} if path == "records" else None
    refusal = instance.refused(method, path, body, headers=headers)
    assert refusal[:2] == (status, code), refusal


@pytest.mark.parametrize("body, status", [("{", 400), ("[]", 422), ("", 422), ("null", 422), ('{"topics":', 400)])
def test_bodies_that_are_none(instance, body, status):
    answer = requests.post(f"{instance.uri}/subscription", data=body, headers={"Content-Type": CONTROL},
                           timeout=DEADLINE)
    assert (answer.status_code, answer.json()["error_code"]) == (status, status), answer.text


def test_types_that_are_not_the_proxys(instance):
    wrong = requests.post(f"{instance.uri}/subscription", json={"topics": ["a"]}, timeout=DEADLINE)
    assert (wrong.status_code, wrong.json()["message"]) == (415, "HTTP 415 Unsupported Media Type")
    refused = instance.call("GET", "subscription", headers={"Accept": "text/html"}, status=406)
    assert refused.json()["error_code"] == 406
    named = instance.call("GET", "subscription", headers={"Accept": "application/vnd.kafka.json.v2+json"}, status=200)
    assert named.headers["Content-Type"] == "application/vnd.kafka.json.v2+json"


@pytest.mark.parametrize("query", ["timeout=soon", "max_bytes=all"])
def test_a_query_that_is_no_number_is_no_path(instance, query):
    answer = requests.get(f"{instance.uri}/records?{query}", headers={"Accept": instance.accept}, timeout=DEADLINE)
    assert (answer.status_code, answer.json()["error_code"]) == (404, 404)


@pytest.mark.parametrize("method, path, allowed", [
    ("GET", "/consumers/g", {"POST"}), ("PUT", "/consumers/g/instances/i/subscription", {"GET", "POST", "DELETE"}),
    ("POST", "/consumers/g/instances/i/records", {"GET"}), ("DELETE", "/brokers", {"GET"}),
    ("POST", "/topics", {"GET"}), ("DELETE", "/topics/t", {"GET", "POST"}),
])
def test_methods_that_are_not_served(proxy, method, path, allowed):
    answer = requests.request(method, proxy.base + path, data="{}", timeout=DEADLINE)
    assert answer.status_code == 405, answer.text
    assert {part.strip() for part in answer.headers["Allow"].split(",")} == allowed


@pytest.mark.parametrize("path", [
    "/consumers", "/consumers/g/instances", "/consumers/g/instances/i/nothing", "/brokers/0", "/topics/t/partitions/x"])
def test_paths_that_are_none(proxy, path):
    assert proxy.get(path, status=404) == {"error_code": 404, "message": "HTTP 404 Not Found"}


def test_topics_partitions_and_brokers_are_told(proxy):
    topic = proxy.make_topic(partitions=2)
    proxy.produce(topic, *[{"value": n, "partition": 1} for n in range(3)])
    assert topic in proxy.get("/topics")
    told = proxy.get(f"/topics/{topic}")
    partitions = [
        {"partition": p, "leader": 0, "replicas": [{"broker": 0, "leader": True, "in_sync": True}]} for p in (0, 1)]
    assert told["name"] == topic and told["partitions"] == partitions
    assert told["configs"]["cleanup.policy"] == "delete" and told["configs"]["retention.ms"]
    assert proxy.get(f"/topics/{topic}/partitions") == partitions
    assert proxy.get(f"/topics/{topic}/partitions/1") == partitions[1]
    assert proxy.get(f"/topics/{topic}/partitions/1/offsets") == {"beginning_offset": 0, "end_offset": 3}
    assert proxy.get("/brokers") == {"brokers": [0]}
    for path, code, message in [
        ("/topics/none", 40401, "Topic not found."), ("/topics/none/partitions", 40401, "Topic not found."),
        ("/topics/none/partitions/0", 40401, "Topic not found."),
        (f"/topics/{topic}/partitions/2", 40402, "Partition not found."),
        (f"/topics/{topic}/partitions/2/offsets", 40402, "Partition not found."),
        ("/topics/a%20b", 40401, "Topic not found."),
    ]:
        assert proxy.get(path, status=404) == {"error_code": code, "message": message}, path
    assert json.dumps(proxy.get("/topics", headers={"Accept": "*/*"})), fresh("x")
