import os

from kafka import KafkaProducer

servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")

import logging

logging.basicConfig(level=logging.DEBUG, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
log = logging.getLogger("greeter")

producer = KafkaProducer(bootstrap_servers=servers)
log.info("sending")
producer.send("test_topic", b"Hello, Kafka!")
producer.flush()
log.info("sent")
