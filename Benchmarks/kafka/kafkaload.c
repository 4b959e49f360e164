/* Loads a Kafka broker on loopback with librdkafka, and says what it got.
 *
 *   kafkaload produce BROKER TOPIC COUNT [KEY=VALUE ...]    acknowledged records a second, and how long each waited
 *   kafkaload consume BROKER TOPIC COUNT [KEY=VALUE ...]    records a second, all partitions from the beginning
 *   kafkaload latency BROKER TOPIC RATE SECONDS [KEY=VALUE ...]   from producer to consumer, both in this process
 *   kafkaload join BROKER TOPIC ROUNDS [KEY=VALUE ...]      from subscribe to the assignment of a group's only member
 *
 * KEY=VALUE are librdkafka's settings. RECORD_BYTES (600) and PARTITIONS (1) come from the environment. Prints one line
 * of name=value pairs. Build: cc -O2 -pthread -o kafkaload kafkaload.c -lrdkafka */
#define _GNU_SOURCE
#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { maxSamples = 4 << 20, maxRecordBytes = 1 << 20, batchRecords = 1000, deadlineSeconds = 120 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void fail(const char *what, const char *why) {
    fprintf(stderr, "kafkaload: %s: %s\n", what, why);
    exit(1);
}

static void waitUntil(double time) {
    double left = time - now();
    if (left <= 0) return;
    struct timespec pause = {(time_t)left, (long)((left - (double)(time_t)left) * 1e9)};
    nanosleep(&pause, NULL);
}

static long fromEnvironment(const char *name, long otherwise) {
    const char *text = getenv(name);
    return text && atol(text) > 0 ? atol(text) : otherwise;
}

/* ---- Waiting times in milliseconds; when full, further ones are left out. */

static float samples[maxSamples];
static long sampleCount;

static void addSample(double milliseconds) {
    if (sampleCount < maxSamples) samples[sampleCount++] = (float)milliseconds;
}

static int byValue(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double percentile(double part) {
    if (sampleCount == 0) return 0;
    qsort(samples, (size_t)sampleCount, sizeof samples[0], byValue);
    return samples[(long)((double)(sampleCount - 1) * part)];
}

/* ---- Records that compress as JSON does, and are not all alike. */

static char record[maxRecordBytes];
static size_t recordBytes;

static void fillRecord(void) {
    static const char words[] =
        "{\"index\":7528,\"unique_id\":\"fbe53c66-3442-4773-b19e-d3ec6f54dddf\",\"title\":\"No Title Data Available\","
        "\"description\":\"Fall decorating on a budget\",\"poster_name\":\"User Info Error\",\"follower_count\":\"12k\"}";
    recordBytes = (size_t)fromEnvironment("RECORD_BYTES", 600);
    if (recordBytes < 16 || recordBytes > maxRecordBytes) fail("RECORD_BYTES", "16 to 1048576");
    for (size_t i = 0; i < recordBytes; i++) record[i] = words[i % (sizeof words - 1)];
}

static void numberRecord(long number) {
    char digits[17];
    snprintf(digits, sizeof digits, "%016lx", (unsigned long)number * 0x9E3779B97F4A7C15ul);
    memcpy(record, digits, 16);
}

/* ---- Clients */

static rd_kafka_conf_t *settings(const char *broker, int count, char **pairs) {
    char why[512];
    if (strncmp(broker, "127.0.0.1:", 10) != 0) fail(broker, "only 127.0.0.1 is loaded");
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", broker, why, sizeof why);
    for (int i = 0; i < count; i++) {
        char *sign = strchr(pairs[i], '=');
        if (!sign) fail(pairs[i], "is not KEY=VALUE");
        *sign = 0;
        if (rd_kafka_conf_set(conf, pairs[i], sign + 1, why, sizeof why) != RD_KAFKA_CONF_OK) fail(pairs[i], why);
        *sign = '=';
    }
    return conf;
}

static rd_kafka_t *client(rd_kafka_type_t type, rd_kafka_conf_t *conf) {
    char why[512];
    rd_kafka_t *client = rd_kafka_new(type, conf, why, sizeof why);
    if (!client) fail("cannot make a client", why);
    return client;
}

static long acknowledged, refused;

static void delivered(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque) {
    (void)producer, (void)opaque;
    if (message->err) {
        if (refused++ == 0) fprintf(stderr, "kafkaload: %s\n", rd_kafka_err2str(message->err));
        return;
    }
    acknowledged++;
    addSample((double)rd_kafka_message_latency(message) / 1000);
}

static rd_kafka_t *newProducer(const char *broker, int count, char **pairs) {
    char why[512];
    rd_kafka_conf_t *conf = settings(broker, count, pairs);
    rd_kafka_conf_set(conf, "acks", "all", why, sizeof why);
    rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    return client(RD_KAFKA_PRODUCER, conf);
}

static rd_kafka_t *newConsumer(const char *broker, const char *group, int count, char **pairs) {
    char why[512];
    rd_kafka_conf_t *conf = settings(broker, count, pairs);
    rd_kafka_conf_set(conf, "group.id", group, why, sizeof why);
    rd_kafka_conf_set(conf, "enable.auto.commit", "false", why, sizeof why);
    rd_kafka_t *consumer = client(RD_KAFKA_CONSUMER, conf);
    rd_kafka_poll_set_consumer(consumer);
    return consumer;
}

static void assign(rd_kafka_t *consumer, const char *topic, long partitions, int64_t offset) {
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)partitions);
    for (long i = 0; i < partitions; i++) {
        rd_kafka_topic_partition_list_add(list, topic, (int32_t)i)->offset = offset;
    }
    rd_kafka_assign(consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
}

/* ---- What is measured */

static void produce(const char *broker, const char *name, long count, int pairCount, char **pairs) {
    rd_kafka_t *producer = newProducer(broker, pairCount, pairs);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(producer, name, NULL);
    double began = now();
    for (long i = 0; i < count && now() < began + deadlineSeconds;) {
        numberRecord(i);
        if (rd_kafka_produce(
                topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, record, recordBytes, NULL, 0, NULL) == 0) {
            i++;
            if (i % 1024 == 0) rd_kafka_poll(producer, 0);
        } else {
            rd_kafka_poll(producer, 5);
        }
    }
    rd_kafka_flush(producer, deadlineSeconds * 1000);
    double seconds = now() - began;
    printf("records=%ld refused=%ld seconds=%.3f per_second=%.0f p50_ms=%.2f p99_ms=%.2f\n", acknowledged, refused,
           seconds, (double)acknowledged / seconds, percentile(0.5), percentile(0.99));
}

static void consume(const char *broker, const char *topic, long count, int pairCount, char **pairs) {
    rd_kafka_t *consumer = newConsumer(broker, "kafkaload", pairCount, pairs);
    assign(consumer, topic, fromEnvironment("PARTITIONS", 1), RD_KAFKA_OFFSET_BEGINNING);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(consumer);
    rd_kafka_message_t *messages[batchRecords];
    long received = 0;
    /* From the first record on: looking for the broker is not what is measured. */
    double began = 0, deadline = now() + deadlineSeconds;
    while (received < count && now() < deadline) {
        ssize_t found = rd_kafka_consume_batch_queue(queue, 200, messages, batchRecords);
        if (found > 0 && began == 0) began = now();
        for (ssize_t i = 0; i < found; i++) {
            if (!messages[i]->err) received++;
            rd_kafka_message_destroy(messages[i]);
        }
    }
    double seconds = now() - began;
    printf("records=%ld seconds=%.3f per_second=%.0f\n", received, seconds, (double)received / seconds);
}

static atomic_bool stopping;

/* Each record begins with the time it was sent at. */
static void *receive(void *consumer) {
    while (!stopping) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 50);
        if (!message) continue;
        double sent;
        if (!message->err && message->len >= sizeof sent) {
            memcpy(&sent, message->payload, sizeof sent);
            if (sent > 0) addSample((now() - sent) * 1000);
        }
        rd_kafka_message_destroy(message);
    }
    return NULL;
}

static void sendTimed(rd_kafka_topic_t *topic, double time) {
    memcpy(record, &time, sizeof time);
    rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, record, recordBytes, NULL, 0, NULL);
}

static void ignore(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque) {
    (void)producer, (void)opaque;
    if (message->err) fail("a record was refused", rd_kafka_err2str(message->err));
}

static void latency(const char *broker, const char *name, double rate, double seconds, int pairCount, char **pairs) {
    char why[512];
    rd_kafka_conf_t *conf = settings(broker, pairCount, pairs);
    rd_kafka_conf_set(conf, "linger.ms", "0", why, sizeof why);
    rd_kafka_conf_set(conf, "acks", "all", why, sizeof why);
    rd_kafka_conf_set_dr_msg_cb(conf, ignore);
    rd_kafka_t *producer = client(RD_KAFKA_PRODUCER, conf);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(producer, name, NULL);
    sendTimed(topic, 0);
    rd_kafka_flush(producer, 5000);
    rd_kafka_t *consumer = newConsumer(broker, "kafkaload-latency", 0, NULL);
    assign(consumer, name, 1, RD_KAFKA_OFFSET_BEGINNING);
    pthread_t receiver;
    pthread_create(&receiver, NULL, receive, consumer);
    /* Until the consumer waits at the partition's end. */
    waitUntil(now() + 1.5);
    double began = now();
    long sent = 0;
    while (now() < began + seconds) {
        waitUntil(began + (double)sent / rate);
        sendTimed(topic, now());
        rd_kafka_poll(producer, 0);
        sent++;
    }
    rd_kafka_flush(producer, 5000);
    waitUntil(now() + 1);
    stopping = true;
    pthread_join(receiver, NULL);
    printf("sent=%ld received=%ld p50_ms=%.2f p99_ms=%.2f max_ms=%.2f\n", sent, sampleCount, percentile(0.5),
           percentile(0.99), percentile(1));
}

static void join(const char *broker, const char *topic, long rounds, int pairCount, char **pairs) {
    for (long i = 0; i < rounds; i++) {
        char group[64];
        snprintf(group, sizeof group, "kafkaload-join-%d-%ld", (int)time(NULL), i);
        rd_kafka_t *consumer = newConsumer(broker, group, pairCount, pairs);
        /* The broker is known by then: only the group is measured. */
        const struct rd_kafka_metadata *metadata;
        if (rd_kafka_metadata(consumer, 0, NULL, &metadata, 5000) == 0) rd_kafka_metadata_destroy(metadata);
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
        rd_kafka_topic_partition_list_add(list, topic, RD_KAFKA_PARTITION_UA);
        double began = now();
        rd_kafka_subscribe(consumer, list);
        int assigned = 0;
        while (assigned == 0 && now() < began + deadlineSeconds) {
            rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 5);
            if (message) rd_kafka_message_destroy(message);
            rd_kafka_topic_partition_list_t *current;
            if (rd_kafka_assignment(consumer, &current) != 0) continue;
            assigned = current->cnt;
            rd_kafka_topic_partition_list_destroy(current);
        }
        addSample((now() - began) * 1000);
        rd_kafka_topic_partition_list_destroy(list);
        rd_kafka_consumer_close(consumer);
        rd_kafka_destroy(consumer);
    }
    printf("rounds=%ld p50_ms=%.0f max_ms=%.0f\n", rounds, percentile(0.5), percentile(1));
}

int main(int count, char **arguments) {
    if (count < 5) fail("usage", "see the head of kafkaload.c");
    const char *mode = arguments[1], *broker = arguments[2], *topic = arguments[3];
    double number = atof(arguments[4]);
    fillRecord();
    if (!strcmp(mode, "produce")) {
        produce(broker, topic, (long)number, count - 5, arguments + 5);
    } else if (!strcmp(mode, "consume")) {
        consume(broker, topic, (long)number, count - 5, arguments + 5);
    } else if (!strcmp(mode, "latency") && count > 5) {
        latency(broker, topic, number, atof(arguments[5]), count - 6, arguments + 6);
    } else if (!strcmp(mode, "join")) {
        join(broker, topic, (long)number, count - 5, arguments + 5);
    } else {
        fail(mode, "is no mode; see the head of kafkaload.c");
    }
    return refused ? 1 : 0;
}
