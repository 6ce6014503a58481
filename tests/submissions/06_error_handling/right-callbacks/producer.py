import os
import sys
import threading

from kafka import KafkaProducer

topic, message = sys.argv[1:]
servers = os.environ["KAFKA_BOOTSTRAP_SERVERS"]
done = threading.Event()
result = {}


def stored(metadata):
    result["place"] = f"{metadata.topic}-{metadata.partition}@{metadata.offset}"
    done.set()


def failed(error):
    result["error"] = error
    done.set()


try:
    producer = KafkaProducer(bootstrap_servers=servers, bootstrap_timeout_ms=10000, max_block_ms=10000)
    producer.send(topic, message.encode()).add_callback(stored).add_errback(failed)
    done.wait(12)
except Exception as error:
    result["error"] = error
if "place" in result:
    print(result["place"])
else:
    print(
        f"sending {len(message)} bytes to topic {topic} on {servers} failed:",
        result.get("error", "no answer"),
        file=sys.stderr,
    )
    sys.exit(1)
