from greeting import MESSAGE, TOPIC
from connection import open_producer

with open_producer() as producer:
    producer.send(TOPIC, MESSAGE)
