"""Rights: what clients may do is what ACLs say, and clients see which right they lack."""
import json

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding, AclBindingFilter, AclOperation, AclPermissionType, AdminClient, ResourcePatternType, ResourceType)

import harness
from harness import eventually
from security_parts import DEADLINE, add_user, client, consume, login, make_topic, produce

ANY = AclBindingFilter(
    ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY, AclPermissionType.ANY)


@pytest.fixture(scope="module")
def server(shared_serve):
    server = shared_serve(env={
        "PINLINE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "PINLINE_SASL_ENABLED_MECHANISMS": "SCRAM-SHA-256",
        "PINLINE_ACL_ENABLED": "true", "PINLINE_SUPER_USERS": "User:root"})
    for name in ("root", "alice", "bob"):
        add_user(server, name, name)
    return server


def settings(server, name):
    return login(server, "SCRAM-SHA-256", name, name)


@pytest.fixture
def root(server):
    admin = AdminClient(settings(server, "root"))
    yield admin
    delete(admin, ANY)


def acl(operation, name, principal="User:alice", permission=AclPermissionType.ALLOW, kind=ResourceType.TOPIC,
        pattern=ResourcePatternType.LITERAL):
    return AclBinding(kind, name, pattern, principal, "*", operation, permission)


# consume() reads in this group.
READERS = acl(AclOperation.READ, "reader", "User:*", kind=ResourceType.GROUP)


def create(admin, *bindings):
    for each in admin.create_acls(list(bindings)).values():
        each.result(DEADLINE)


def delete(admin, pattern):
    return [acl for each in admin.delete_acls([pattern]).values() for acl in each.result(DEADLINE)]


def code(action):
    """The number of the error that the action meets, or None."""
    try:
        error = action()
    except KafkaException as failure:
        return failure.args[0].code()
    return error.code() if isinstance(error, KafkaError) else None


def test_without_acls_only_super_users_may(server, root):
    make_topic(settings(server, "root"), "closed")
    assert produce(settings(server, "root"), "closed") is None
    alice = settings(server, "alice")
    assert code(lambda: consume(alice, "closed")) == KafkaError.GROUP_AUTHORIZATION_FAILED
    assert code(lambda: produce(alice, "closed")) == KafkaError.TOPIC_AUTHORIZATION_FAILED
    assert code(lambda: make_topic(alice, "new")) in (
        KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED)
    assert "closed" not in AdminClient(alice).list_topics(timeout=DEADLINE).topics
    assert code(lambda: create(AdminClient(alice), acl(AclOperation.ALL, "*"))) == KafkaError.CLUSTER_AUTHORIZATION_FAILED


def test_who_may_read_need_not_be_allowed_to_write(server, root):
    make_topic(settings(server, "root"), "shared.pins")
    create(root, READERS, acl(AclOperation.WRITE, "shared.", pattern=ResourcePatternType.PREFIXED),
           acl(AclOperation.READ, "shared.pins", "User:bob"))
    assert produce(settings(server, "alice"), "shared.pins") is None
    assert consume(settings(server, "bob"), "shared.pins") == b"value"
    assert code(lambda: consume(settings(server, "alice"), "shared.pins")) == KafkaError.TOPIC_AUTHORIZATION_FAILED
    assert code(lambda: produce(settings(server, "bob"), "shared.pins")) == KafkaError.TOPIC_AUTHORIZATION_FAILED


def test_a_denial_goes_before_and_its_removal_lets_in(server, root):
    make_topic(settings(server, "root"), "disputed")
    denial = acl(AclOperation.WRITE, "disputed", permission=AclPermissionType.DENY)
    create(root, acl(AclOperation.ALL, "*", "User:*"), denial)
    assert code(lambda: produce(settings(server, "alice"), "disputed")) == KafkaError.TOPIC_AUTHORIZATION_FAILED
    assert produce(settings(server, "bob"), "disputed") is None
    removed = delete(root, AclBindingFilter(
        ResourceType.TOPIC, "disputed", ResourcePatternType.LITERAL, None, None, AclOperation.ANY, AclPermissionType.DENY))
    assert removed == [denial]
    assert produce(settings(server, "alice"), "disputed") is None


def test_filters_find_acls(root):
    bindings = [
        acl(AclOperation.READ, "pins"), acl(AclOperation.READ, "pi", pattern=ResourcePatternType.PREFIXED),
        acl(AclOperation.READ, "*"), acl(AclOperation.READ, "geo"), acl(AclOperation.READ, "pins", kind=ResourceType.GROUP)]
    create(root, *bindings)

    def found(kind=ResourceType.TOPIC, name="pins", pattern=ResourcePatternType.MATCH, principal=None):
        wanted = AclBindingFilter(kind, name, pattern, principal, None, AclOperation.ANY, AclPermissionType.ANY)
        return set(root.describe_acls(wanted).result(DEADLINE))

    assert found() == set(bindings[:3])
    assert found(pattern=ResourcePatternType.LITERAL) == {bindings[0]}
    assert found(pattern=ResourcePatternType.PREFIXED, name=None) == {bindings[1]}
    assert found(ResourceType.ANY, None, ResourcePatternType.ANY) == set(bindings)
    assert found(principal="User:bob") == set()


def test_acls_outlive_a_kill(serve):
    environment = {
        "PINLINE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "PINLINE_SASL_ENABLED_MECHANISMS": "SCRAM-SHA-256",
        "PINLINE_ACL_ENABLED": "true", "PINLINE_SUPER_USERS": "User:root"}
    server = serve(env=environment)
    for name in ("root", "alice"):
        add_user(server, name, name)
    make_topic(settings(server, "root"), "kept")
    create(AdminClient(settings(server, "root")), acl(AclOperation.WRITE, "kept"))
    server.kill()
    server.start()
    assert eventually(lambda: produce(settings(server, "alice"), "kept") is None, "alice may not write")


def test_without_rights_there_is_nothing_to_administer(serve):
    server = serve()
    assert code(lambda: create(AdminClient(client(server)), acl(AclOperation.READ, "x"))) == KafkaError.SECURITY_DISABLED


def test_rules_are_added_listed_and_removed_on_the_command_line(server, root, tmp_path):
    login_file = tmp_path / "client.properties"
    login_file.write_text(
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=SCRAM-SHA-256\nsasl.jaas.config="
        'org.apache.kafka.common.security.scram.ScramLoginModule required username="root" password="root";\n')
    where = ("--bootstrap", server.kafka, "--command-config", login_file)
    rule = ("--principal", "User:alice", "--operation", "read", "--topic", "orders", "--prefixed")
    harness.succeed("acls", "add", *rule, *where)
    listed = json.loads(harness.succeed("acls", "list", *where, "--format", "json"))
    assert [(each["name"], each["pattern"], each["operation"]) for each in listed] == [("orders", "prefixed", "read")]
    harness.succeed("acls", "remove", *rule, *where)
    assert json.loads(harness.succeed("acls", "list", *where, "--format", "json")) == []
