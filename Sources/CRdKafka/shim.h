// librdkafka, the C client of Kafka.
#include <librdkafka/rdkafka.h>
