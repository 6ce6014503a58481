import os
import sys

from confluent_kafka import Producer

failed = []
producer = Producer({
    "bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"],
    "request.required.acks": {"all": -1}.get(sys.argv[1], sys.argv[1]),
})
for number in range(int(sys.argv[2])):
    producer.produce("payments", f"payment {number}", on_delivery=lambda error, _: error and failed.append(error))
    producer.poll(0)
producer.flush()
sys.exit(len(failed) > 0)
