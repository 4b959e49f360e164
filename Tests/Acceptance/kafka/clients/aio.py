"""aiokafka 0.14; README.md says what each command does."""
import asyncio

import records
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic


async def administer(broker, work):
    admin = AIOKafkaAdminClient(bootstrap_servers=broker)
    await admin.start()
    try:
        return await work(admin)
    finally:
        await admin.close()


async def create(broker, partitions, *topics):
    wanted = [NewTopic(topic, int(partitions), 1) for topic in topics]
    answer = await administer(broker, lambda admin: admin.create_topics(wanted))
    assert all(error[1] == 0 for error in answer.topic_errors), answer


async def list_topics(broker):
    print("\n".join(await administer(broker, lambda admin: admin.list_topics())))


async def delete(broker, *topics):
    answer = await administer(broker, lambda admin: admin.delete_topics(list(topics)))
    assert all(error[1] == 0 for error in answer.topic_error_codes), answer


async def produce(broker, topic, codec):
    async with AIOKafkaProducer(
            bootstrap_servers=broker, acks="all", compression_type=None if codec == "none" else codec,
            linger_ms=20) as producer:
        sent = [
            await producer.send(topic, timestamp_ms=record.pop("timestamp"), **record)
            for record in records.wanted()]
        await asyncio.wait_for(asyncio.gather(*sent), records.DEADLINE)


async def consume(broker, topic, count, since=None):
    async with AIOKafkaConsumer(bootstrap_servers=broker) as consumer:
        places = [TopicPartition(topic, p) for p in await partitions(broker, topic)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        if since:
            for place, found in (await consumer.offsets_for_times(dict.fromkeys(places, int(since)))).items():
                if found:
                    consumer.seek(place, found.offset)
                else:
                    await consumer.seek_to_end(place)
        for _ in range(int(count)):
            show(await asyncio.wait_for(consumer.getone(), records.DEADLINE))


async def partitions(broker, topic):
    described = await administer(broker, lambda admin: admin.describe_topics([topic]))
    return sorted(partition["partition"] for partition in described[0]["partitions"])


def show(record):
    records.show(record.partition, record.offset, record.timestamp, record.key, record.value, record.headers)


class Told(ConsumerRebalanceListener):
    def on_partitions_revoked(self, revoked):
        pass

    def on_partitions_assigned(self, assigned):
        records.say({"assigned": sorted(place.partition for place in assigned)})


async def member(broker, group, topic, count=None):
    consumer = AIOKafkaConsumer(
        bootstrap_servers=broker, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False,
        session_timeout_ms=6000, heartbeat_interval_ms=500)
    consumer.subscribe([topic], listener=Told())
    await consumer.start()
    try:
        shown = 0
        while count is None or shown < int(count):
            record = await consumer.getone()
            show(record)
            await consumer.commit({TopicPartition(record.topic, record.partition): record.offset + 1})
            shown += 1
    finally:
        await consumer.stop()


def run(command):
    return lambda *arguments: asyncio.run(command(*arguments))


records.main({"create": run(create), "list": run(list_topics), "delete": run(delete), "produce": run(produce),
              "consume": run(consume), "member": run(member)})
