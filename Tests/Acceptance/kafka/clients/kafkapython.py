"""kafka-python 3.0; README.md says what each command does."""
import records
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic
from kafka.consumer.subscription_state import ConsumerRebalanceListener


def create(broker, partitions, *topics):
    answer = KafkaAdminClient(bootstrap_servers=broker).create_topics(
        [NewTopic(topic, int(partitions), 1) for topic in topics])
    assert all(topic["error_code"] == 0 for topic in answer["topics"]), answer


def list_topics(broker):
    print("\n".join(KafkaAdminClient(bootstrap_servers=broker).list_topics()))


def delete(broker, *topics):
    answer = KafkaAdminClient(bootstrap_servers=broker).delete_topics(list(topics))
    assert all(topic["error_code"] == 0 for topic in answer["topics"]), answer


def produce(broker, topic, codec):
    with KafkaProducer(
            bootstrap_servers=broker, acks="all", compression_type=None if codec == "none" else codec,
            linger_ms=20) as producer:
        sent = []
        for record in records.wanted():
            sent.append(producer.send(topic, timestamp_ms=record.pop("timestamp"), **record))
        for future in sent:
            future.get(timeout=records.DEADLINE)


def consume(broker, topic, count, since=None):
    consumer = KafkaConsumer(bootstrap_servers=broker, consumer_timeout_ms=records.DEADLINE * 1000)
    places = [TopicPartition(topic, p) for p in sorted(consumer.partitions_for_topic(topic))]
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    if since:
        for place, found in consumer.offsets_for_times(dict.fromkeys(places, int(since))).items():
            if found:
                consumer.seek(place, found.offset)
            else:
                consumer.seek_to_end(place)
    for _ in range(int(count)):
        show(next(consumer))
    consumer.close()


def show(record):
    records.show(record.partition, record.offset, record.timestamp, record.key, record.value, record.headers)


class Told(ConsumerRebalanceListener):
    def on_partitions_revoked(self, revoked):
        pass

    def on_partitions_assigned(self, assigned):
        records.say({"assigned": sorted(place.partition for place in assigned)})


def member(broker, group, topic, count=None):
    consumer = KafkaConsumer(
        bootstrap_servers=broker, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False,
        session_timeout_ms=6000, heartbeat_interval_ms=500, max_poll_records=10)
    consumer.subscribe([topic], listener=Told())
    shown = 0
    while count is None or shown < int(count):
        limit = {} if count is None else {"max_records": int(count) - shown}
        for batch in consumer.poll(timeout_ms=100, **limit).values():
            for record in batch:
                show(record)
                shown += 1
            consumer.commit()
    consumer.close()


records.main({"create": create, "list": list_topics, "delete": delete, "produce": produce, "consume": consume,
              "member": member})
