#!/usr/bin/env bash
# Runs a class of Kafka's with the variables that its own script of this name honours.
# shellcheck disable=SC2086 # options are words to be split
exec /opt/java/openjdk/bin/java ${KAFKA_HEAP_OPTS:--Xmx256M} ${KAFKA_JVM_PERFORMANCE_OPTS-} \
  ${KAFKA_LOG4J_OPTS:--Dlog4j2.configurationFile=/opt/kafka/config/tools-log4j2.yaml} \
  -Dkafka.logs.dir=/opt/kafka/logs -cp "/opt/kafka/libs/*" ${KAFKA_OPTS-} "$@"
