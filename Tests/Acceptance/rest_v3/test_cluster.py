"""What REST Proxy v3 tells of the cluster, its topics and settings, and how it changes them; seen by a Kafka client."""
import pytest
from confluent_kafka.admin import AdminClient, ConfigResource

from proxy import DEADLINE, Proxy, fresh


@pytest.fixture(scope="module")
def admin(server):
    return AdminClient({"bootstrap.servers": server.kafka, "log_level": 2})


def configs(admin, topic):
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    return admin.describe_configs([resource])[resource].result(DEADLINE)


def test_every_link_leads_somewhere(server, proxy):
    """Walks from the list of clusters over all links, and finds each resource at its own address."""
    proxy.make_topic(partitions=2)
    waiting, seen, kinds = [proxy.root], set(), set()

    def look(value):
        if isinstance(value, dict):
            if "related" in value:
                waiting.append(value["related"])
            if "metadata" in value:
                waiting.append(value["metadata"]["self"])
                kinds.add(value["kind"])
            for inner in value.values():
                look(inner)
        elif isinstance(value, list):
            for inner in value[:3]:
                look(inner)

    while waiting:
        url = waiting.pop()
        if url in seen:
            continue
        seen.add(url)
        answer = proxy.session.get(url, timeout=DEADLINE)
        # Nothing is being reassigned, and no rights are kept.
        if "/acls" in url:
            assert answer.status_code == 400 and answer.json()["error_code"] == 40002, url
        elif url.endswith("/reassignment") and "/-/" not in url:
            assert answer.status_code == 404, url
        else:
            assert answer.status_code == 200, f"{url}: {answer.text}"
            if not url.endswith("-configs") or "data" in answer.json():
                assert answer.json()["metadata"]["self"] == url
            look(answer.json())
    assert {"KafkaCluster", "KafkaBroker", "KafkaTopic", "KafkaPartition", "KafkaReplica", "KafkaTopicConfig",
            "KafkaBrokerConfig", "KafkaReassignmentList", "KafkaClusterConfigList"} <= kinds


def test_the_cluster_is_the_one_that_kafka_clients_see(server, proxy, admin):
    metadata = admin.list_topics(timeout=DEADLINE)
    assert proxy.cluster == metadata.cluster_id
    cluster = proxy.get("")
    assert cluster["metadata"] == {"self": proxy.base, "resource_name": f"crn:///kafka={proxy.cluster}"}
    assert cluster["controller"]["related"] == f"{proxy.base}/brokers/0"
    [broker] = proxy.get("/brokers")["data"]
    assert f"{broker['host']}:{broker['port']}" == server.kafka
    assert broker == proxy.get("/brokers/0")
    assert proxy.error("GET", "/brokers/7", 404) == 404
    assert proxy.error("GET", f"{proxy.root}/other", 404) == 404
    assert proxy.error("GET", f"{proxy.root}/other/topics", 404) == 404
    assert proxy.error("GET", "/nothing", 404) == 404
    assert proxy.error("PUT", "/topics", 405) == 405


def test_links_keep_the_stage_and_what_a_proxy_tells(server):
    staged = Proxy(server, stage="/prod")
    assert staged.get("/topics")["metadata"]["self"] == f"{staged.base}/topics"
    told = staged.get("/topics", headers={
        "X-Forwarded-Proto": "https", "X-Forwarded-Host": "api.example.net", "X-Forwarded-Prefix": "/pins"})
    assert told["metadata"]["self"] == f"https://api.example.net/pins/prod/v3/clusters/{staged.cluster}/topics"


def test_the_life_of_a_topic(proxy, admin):
    name = fresh("life")
    made = proxy.post("/topics", {"topic_name": name, "partitions_count": 2, "replication_factor": 1, "configs": [
        {"name": "retention.ms", "value": "60000"}, {"name": "cleanup.policy", "value": "compact"}]}, 201)
    assert {k: made[k] for k in ("kind", "topic_name", "partitions_count", "replication_factor", "is_internal")} == {
        "kind": "KafkaTopic", "topic_name": name, "partitions_count": 2, "replication_factor": 1, "is_internal": False}
    assert made == proxy.get(f"/topics/{name}") and made in proxy.get("/topics")["data"]
    assert made["metadata"]["resource_name"] == f"crn:///kafka={proxy.cluster}/topic={name}"
    assert made["authorized_operations"] == []
    allowed = proxy.get(f"/topics/{name}", params={"include_authorized_operations": "true"})["authorized_operations"]
    assert {"READ", "WRITE", "DESCRIBE_CONFIGS"} <= set(allowed)
    assert len(admin.list_topics(name, DEADLINE).topics[name].partitions) == 2
    assert configs(admin, name)["retention.ms"].value == "60000"

    again = {"topic_name": name}
    assert proxy.error("POST", "/topics", 400, json=again) == 40002
    assert proxy.call("PATCH", f"/topics/{name}", json={"partitions_count": 3})["partitions_count"] == 3
    assert proxy.error("PATCH", f"/topics/{name}", 400, json={"partitions_count": 3}) == 40002
    assert proxy.error("PATCH", f"/topics/{name}", 400, json={"partitions_count": 2}) == 40002
    assert proxy.error("PATCH", f"/topics/{name}", 422, headers={"Content-Type": "application/json"}) == 42206
    assert len(admin.list_topics(name, DEADLINE).topics[name].partitions) == 3

    proxy.produce(name, *[{"partition_id": 1, "key": {"type": "STRING", "data": "k"}}] * 5)
    offset = proxy.get(f"/topics/{name}/partitions/1/offset")
    assert (offset["kind"], offset["earliest_offset"], offset["latest_offset"]) == ("KafkaPartitionWithOffsets", 0, 5)
    assert [p["partition_id"] for p in proxy.get(f"/topics/{name}/partitions")["data"]] == [0, 1, 2]
    [replica] = proxy.get(f"/topics/{name}/partitions/2/replicas")["data"]
    assert (replica["broker_id"], replica["is_leader"], replica["is_in_sync"]) == (0, True, True)
    assert replica in proxy.get("/brokers/0/partition-replicas")["data"]
    assert proxy.error("GET", f"/topics/{name}/partitions/3", 404) == 404
    assert proxy.error("GET", f"/topics/{name}/partitions/x", 404) == 404
    assert proxy.error("GET", f"/topics/{name}/partitions/3/offset", 404) == 40402
    assert proxy.error("GET", f"/topics/{name}/partitions/0/replicas/9", 404) == 404
    assert proxy.get(f"/topics/{name}/partitions/-/reassignment")["data"] == []

    proxy.call("DELETE", f"/topics/{name}", 204)
    for method, path in [("GET", ""), ("DELETE", ""), ("GET", "/partitions"), ("GET", "/configs"),
                         ("GET", "/partitions/0/offset"), ("GET", "/configs/retention.ms")]:
        assert proxy.error(method, f"/topics/{name}{path}", 404) == 40403, path
    assert proxy.error("PATCH", f"/topics/{name}", 404, json={"partitions_count": 9}) == 40403


def test_a_topic_that_is_only_checked_is_not_made(proxy):
    name = fresh("dry")
    body = {"topic_name": name, "partitions_count": 4, "validate_only": True}
    assert proxy.post("/topics", body)["partitions_count"] == 4
    assert proxy.error("GET", f"/topics/{name}", 404) == 40403
    assert proxy.error("POST", "/topics", 400, json={**body, "partitions_count": 0}) == 40002


@pytest.mark.parametrize("body, status, code", [
    ({"topic_name": "a b"}, 422, 42206), ({"topic_name": ""}, 422, 42206), ({}, 400, 400),
    ({"topic_name": "x", "partitions_count": "many"}, 400, 400), ({"topic_name": "x", "more": 1}, 400, 400),
    ({"topic_name": "bad-rf", "replication_factor": 3}, 400, 40002),
    ({"topic_name": "bad-rf", "replication_factor": 99999}, 400, 400),
    ({"topic_name": "bad-config", "configs": [{"name": "no.such", "value": "1"}]}, 400, 40002),
    ({"topic_name": "bad-config", "configs": [{"name": "retention.ms", "value": "x"}]}, 400, 40002),
    ({"topic_name": "bad-config", "configs": [{"name": "retention.ms", "value": "1"}] * 2}, 400, 40002),
    ({"topic_name": "bad-brokers", "replicas_assignments": {"0": [5]}}, 400, 40002),
    ({"topic_name": "bad-brokers", "replicas_assignments": {"x": [0]}}, 400, 400),
])
def test_topics_that_cannot_be_are_refused(proxy, body, status, code):
    assert proxy.error("POST", "/topics", status, json=body) == code


def test_a_topic_may_name_the_brokers_of_its_partitions(proxy):
    name = proxy.make_topic(partitions=None, replicas_assignments={"0": [0], "1": [0], "2": [0]})
    assert proxy.get(f"/topics/{name}")["partitions_count"] == 3


def test_broken_bodies_are_refused(proxy):
    headers = {"Content-Type": "application/json"}
    for data in ("{", "[]", "17", '{"topic_name": "x"', "\xff"):
        assert proxy.error("POST", "/topics", 400, data=data.encode("latin-1"), headers=headers) == 400
    for data in ("", "null"):
        assert proxy.error("POST", "/topics", 422, data=data, headers=headers) == 42206
    assert proxy.error("POST", "/topics", 415, data="<a/>", headers={"Content-Type": "text/xml"}) == 415
    assert proxy.error("GET", "/topics", 406, headers={"Accept": "text/html"}) == 406


def test_settings_of_a_topic_are_changed_and_seen_by_kafka_clients(proxy, admin):
    name = proxy.make_topic()
    path = f"/topics/{name}/configs"
    listed = {c["name"]: c for c in proxy.get(path)["data"]}
    known = configs(admin, name)
    assert set(listed) == set(known)
    assert {n: c["value"] for n, c in listed.items()} == {n: c.value for n, c in known.items()}
    assert {n: c["is_default"] for n, c in listed.items()} == {n: c.is_default for n, c in known.items()}

    proxy.call("PUT", f"{path}/retention.ms", 204, json={"value": "1234"})
    setting = proxy.get(f"{path}/retention.ms")
    assert (setting["value"], setting["is_default"], setting["source"], setting["topic_name"]) == (
        "1234", False, "DYNAMIC_TOPIC_CONFIG", name)
    assert [s["source"] for s in setting["synonyms"]] == ["DYNAMIC_TOPIC_CONFIG", "DEFAULT_CONFIG"]
    assert configs(admin, name)["retention.ms"].value == "1234"
    proxy.call("DELETE", f"{path}/retention.ms", 204)
    assert proxy.get(f"{path}/retention.ms")["is_default"]

    changes = [{"name": "cleanup.policy", "value": "compact,delete"}, {"name": "segment.bytes", "value": "1048576"}]
    proxy.post(f"{path}:alter", {"data": changes, "validate_only": True}, 204)
    assert proxy.get(f"{path}/cleanup.policy")["value"] == "delete"
    proxy.post(f"{path}:alter", {"data": changes}, 204)
    proxy.post(f"{path}:alter", {"data": [{"name": "segment.bytes", "operation": "DELETE"}]}, 204)
    known = configs(admin, name)
    assert (known["cleanup.policy"].value, known["segment.bytes"].is_default) == ("compact,delete", True)
    assert {"name": "cleanup.policy", "topic_name": name}.items() <= next(
        c for c in proxy.get("/topics/-/configs")["data"]
        if (c["topic_name"], c["name"]) == (name, "cleanup.policy")).items()

    assert proxy.error("GET", f"{path}/no.such", 404) == 404
    assert proxy.error("PUT", f"{path}/no.such", 404, json={"value": "1"}) == 404
    assert proxy.error("DELETE", f"{path}/no.such", 404) == 404
    assert proxy.error("PUT", f"{path}/retention.ms", 400, json={"value": "soon"}) == 40002
    assert proxy.error("PUT", f"{path}/retention.ms", 400, json={"value": None}) == 40002
    assert proxy.error("POST", f"{path}:alter", 404, json={"data": [{"name": "no.such", "value": "1"}]}) == 404
    assert proxy.error("POST", f"{path}:alter", 400, json={"data": [{"name": "retention.ms", "operation": "?"}]}) == 400
    assert proxy.error("POST", f"{path}:alter", 400, json={}) == 400


def test_settings_of_the_broker_are_told_and_cannot_be_changed(proxy, admin):
    listed = {c["name"]: c for c in proxy.get("/brokers/0/configs")["data"]}
    resource = ConfigResource(ConfigResource.Type.BROKER, "0")
    known = admin.describe_configs([resource])[resource].result(DEADLINE)
    assert {n: c["value"] for n, c in listed.items()} == {n: c.value for n, c in known.items()}
    assert all(c["is_read_only"] and c["broker_id"] == 0 for c in listed.values())
    assert proxy.get("/brokers/-/configs")["data"] == list(listed.values())
    assert proxy.get("/brokers/0/configs/num.partitions") == listed["num.partitions"]
    assert proxy.error("PUT", "/brokers/0/configs/num.partitions", 400, json={"value": "3"}) == 40002
    assert proxy.error("POST", "/brokers/0/configs:alter", 400,
                       json={"data": [{"name": "num.partitions", "value": "3"}]}) == 40002
    assert proxy.error("GET", "/brokers/5/configs", 404) == 404
    assert proxy.error("GET", "/brokers/0/configs/no.such", 404) == 404
    assert proxy.get("/broker-configs")["data"] == []
    assert proxy.error("GET", "/broker-configs/num.partitions", 404) == 404
    assert proxy.error("PUT", "/broker-configs/num.partitions", 400, json={"value": "3"}) == 40002
    assert proxy.error("DELETE", "/broker-configs/num.partitions", 404) == 404
    assert proxy.error("POST", "/broker-configs:alter", 400,
                       json={"data": [{"name": "num.partitions", "value": "3"}]}) == 40002
