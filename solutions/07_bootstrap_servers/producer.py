"""Exercise 07: find all brokers of a cluster through a few addresses, and send to each partition."""

import json
import os

from kafka import KafkaAdminClient, KafkaProducer

TOPIC = "discovery"


def main() -> None:
    """Print the brokers, then send one record to each partition of the topic."""
    # A list: the client tries one address after the other, and one that answers is enough.
    servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092").split(",")

    admin = KafkaAdminClient(bootstrap_servers=servers)
    # The brokers are what the cluster says of itself. The list above is only the way in.
    brokers = [
        {"id": broker["broker_id"], "host": broker["host"], "port": broker["port"]}
        for broker in admin.describe_cluster()["brokers"]
    ]
    admin.close()
    print(json.dumps(brokers))

    with KafkaProducer(bootstrap_servers=servers) as producer:
        # A stated partition: keys would fall on partitions as their hashes do, and miss some.
        sent = [
            producer.send(TOPIC, value=b"anybody there?", partition=partition)
            for partition in sorted(producer.partitions_for(TOPIC))
        ]
        for future in sent:
            future.get(timeout=10)


if __name__ == "__main__":
    main()
