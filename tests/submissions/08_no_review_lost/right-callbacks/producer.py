import json
import os
import sys
import threading

from kafka import KafkaProducer


class Log:
    def __init__(self, path):
        self.file = open(path, "w", encoding="utf-8")
        self.lock = threading.Lock()

    def note(self, review_id):
        with self.lock:
            self.file.write(f"{review_id}\n")
            self.file.flush()


def main():
    log = Log(sys.argv[2])
    failures = []
    producer = KafkaProducer(bootstrap_servers=os.environ["KAFKA_BOOTSTRAP_SERVERS"].split(","), linger_ms=20)
    for text in open(sys.argv[1], encoding="utf-8"):
        review = json.loads(text)
        value = json.dumps(review, ensure_ascii=False).encode("utf-8")
        future = producer.send("reviews", value, review["product_id"].encode("utf-8"))
        future.add_callback(lambda _, review_id=review["review_id"]: log.note(review_id))
        future.add_errback(failures.append)
    producer.flush()
    producer.close()
    sys.exit(1 if failures else 0)


main()
