import json
import os
import sys

from confluent_kafka import Producer

failed = []


def main():
    producer = Producer(
        {"bootstrap.servers": os.environ["KAFKA_BOOTSTRAP_SERVERS"], "enable.idempotence": True, "acks": "all"}
    )
    with open(sys.argv[2], "w") as acked, open(sys.argv[1], "rb") as reviews:

        def delivered(review_id):
            def callback(error, _message):
                if error is not None:
                    failed.append(error)
                else:
                    print(review_id, file=acked, flush=True)

            return callback

        for line in reviews:
            review = json.loads(line)
            producer.produce(
                "reviews", line.rstrip(), review["product_id"], on_delivery=delivered(review["review_id"])
            )
            producer.poll(0)
        producer.flush()


main()
sys.exit(bool(failed))
