# TODO: make a KafkaProducer
# send the message
