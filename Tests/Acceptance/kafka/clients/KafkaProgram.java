// Apache Kafka's own client, kafka-clients 3.9.1; README.md says what each command does. Beside those:
// `transact BROKER ID TOPIC` commits "committed 0" to "committed 9", aborts "aborted 0" to "aborted 9" in between.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

public class KafkaProgram {
    static final ObjectMapper json = new ObjectMapper();
    static final long DEADLINE = 60_000;

    public static void main(String[] arguments) throws Exception {
        String broker = arguments[1];
        List<String> rest = Arrays.asList(arguments).subList(2, arguments.length);
        switch (arguments[0]) {
            case "create" -> create(broker, Integer.parseInt(rest.get(0)), rest.subList(1, rest.size()));
            case "list" -> {
                try (Admin admin = admin(broker)) {
                    admin.listTopics().names().get().forEach(System.out::println);
                }
            }
            case "delete" -> {
                try (Admin admin = admin(broker)) {
                    admin.deleteTopics(rest).all().get();
                }
            }
            case "produce" -> produce(broker, rest.get(0), rest.get(1));
            case "consume" -> consume(
                broker, rest.get(0), Integer.parseInt(rest.get(1)), rest.size() > 2 ? Long.parseLong(rest.get(2)) : null);
            case "member" -> member(
                broker, rest.get(0), rest.get(1), rest.size() > 2 ? Integer.parseInt(rest.get(2)) : Integer.MAX_VALUE);
            case "transact" -> transact(broker, rest.get(0), rest.get(1));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    static Admin admin(String broker) {
        return Admin.create(Map.of("bootstrap.servers", broker));
    }

    static void create(String broker, int partitions, List<String> topics) throws Exception {
        try (Admin admin = admin(broker)) {
            admin.createTopics(
                topics.stream().map(name -> new NewTopic(name, partitions, (short) 1)).collect(Collectors.toList()))
                .all().get();
        }
    }

    static KafkaProducer<String, String> producer(String broker, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(Map.of(
            "bootstrap.servers", broker, "acks", "all", "linger.ms", 20,
            "key.serializer", StringSerializer.class, "value.serializer", StringSerializer.class));
        settings.putAll(more);
        return new KafkaProducer<>(settings);
    }

    static KafkaConsumer<String, String> consumer(String broker, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(Map.of(
            "bootstrap.servers", broker, "auto.offset.reset", "earliest", "enable.auto.commit", false,
            "key.deserializer", StringDeserializer.class, "value.deserializer", StringDeserializer.class));
        settings.putAll(more);
        return new KafkaConsumer<>(settings);
    }

    static String text(JsonNode node) {
        return node.isNull() ? null : node.asText();
    }

    static void produce(String broker, String topic, String codec) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        List<Future<?>> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer = producer(broker, Map.of("compression.type", codec))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode record = json.readTree(line);
                List<Header> headers = new ArrayList<>();
                for (JsonNode header : record.get("headers")) {
                    String value = text(header.get(1));
                    headers.add(new RecordHeader(
                        header.get(0).asText(), value == null ? null : value.getBytes(StandardCharsets.UTF_8)));
                }
                sent.add(producer.send(new ProducerRecord<>(
                    topic, record.get("partition").asInt(), record.get("timestamp").asLong(), text(record.get("key")),
                    text(record.get("value")), headers)));
            }
            for (Future<?> future : sent) future.get();
        }
    }

    static void show(ConsumerRecord<String, String> record) {
        ObjectNode line = json.createObjectNode();
        line.put("partition", record.partition()).put("offset", record.offset()).put("timestamp", record.timestamp());
        line.put("key", record.key()).put("value", record.value());
        var headers = line.putArray("headers");
        for (Header header : record.headers()) {
            String value = header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
            headers.addArray().add(header.key()).add(value);
        }
        System.out.println(line);
        System.out.flush();
    }

    static void consume(String broker, String topic, int count, Long since) {
        try (KafkaConsumer<String, String> consumer = consumer(broker, Map.of())) {
            List<TopicPartition> places = consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition())).collect(Collectors.toList());
            consumer.assign(places);
            consumer.seekToBeginning(places);
            if (since != null) {
                Map<TopicPartition, Long> times = places.stream().collect(Collectors.toMap(place -> place, place -> since));
                for (Map.Entry<TopicPartition, OffsetAndTimestamp> found : consumer.offsetsForTimes(times).entrySet()) {
                    if (found.getValue() == null) consumer.seekToEnd(List.of(found.getKey()));
                    else consumer.seek(found.getKey(), found.getValue().offset());
                }
            }
            long deadline = System.currentTimeMillis() + DEADLINE;
            for (int shown = 0; shown < count;) {
                if (System.currentTimeMillis() > deadline) throw new IllegalStateException("no record came");
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    show(record);
                    shown++;
                }
            }
        }
    }

    static void member(String broker, String group, String topic, int count) {
        Map<String, Object> settings = Map.of(
            "group.id", group, "session.timeout.ms", 6000, "heartbeat.interval.ms", 500, "max.poll.records", 10);
        try (KafkaConsumer<String, String> consumer = consumer(broker, settings)) {
            consumer.subscribe(List.of(topic), new ConsumerRebalanceListener() {
                public void onPartitionsRevoked(Collection<TopicPartition> revoked) {}

                public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
                    ObjectNode line = json.createObjectNode();
                    var partitions = line.putArray("assigned");
                    assigned.stream().map(TopicPartition::partition).sorted().forEach(partitions::add);
                    System.out.println(line);
                    System.out.flush();
                }
            });
            for (int shown = 0; shown < count;) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    if (shown == count) break;
                    show(record);
                    shown++;
                    consumer.commitSync(Map.of(
                        new TopicPartition(record.topic(), record.partition()),
                        new OffsetAndMetadata(record.offset() + 1)));
                }
            }
        }
    }

    static void transact(String broker, String id, String topic) throws Exception {
        try (KafkaProducer<String, String> producer = producer(broker, Map.of("transactional.id", id))) {
            producer.initTransactions();
            for (int number = 0; number < 10; number++) {
                for (String fate : List.of("committed", "aborted")) {
                    producer.beginTransaction();
                    producer.send(new ProducerRecord<>(topic, 0, null, fate + " " + number)).get();
                    if (fate.equals("committed")) producer.commitTransaction();
                    else producer.abortTransaction();
                }
            }
        }
    }
}
