import logging
import os
import sys

from kafka import KafkaProducer
from kafka.errors import KafkaError

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
log = logging.getLogger("sender")


def run(topic, message):
    servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
    value = message.encode()
    log.info("sending to %s", topic)
    try:
        producer = KafkaProducer(
            bootstrap_servers=servers, bootstrap_timeout_ms=6000, max_block_ms=6000, delivery_timeout_ms=12000,
            request_timeout_ms=11000,
        )
        where = producer.send(topic, value).get()
    except KafkaError as error:
        log.error("sending %s bytes to %s at %s failed: %r", f"{len(value):,}", topic, servers, error)
        return 1
    log.info("stored")
    print(f"{where.topic}-{where.partition}@{where.offset}", flush=True)
    return 0


sys.exit(run(*sys.argv[1:]))
