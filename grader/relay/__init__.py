"""Stands in front of every broker of ours: attribution, caps, faults and pens down.

    relay = Relay.listen()                       # bound at once: brokers can advertise relay.addresses
    passage = relay.admit([("127.0.0.1", port)], fault=Stall(4.5), source="127.0.1.7")
    ...                                          # the program runs
    traffic, sources = passage.pens_down(10.0)   # nothing reaches a broker any more
    relay.close()

It knows lengths, api keys, api versions, correlation ids and client ids, and no more of Kafka's protocol.
"""

from grader.relay.doors import PortTakenError
from grader.relay.faults import Decision, FaultAtWork
from grader.relay.passage import Passage
from grader.relay.relay import Relay
from grader.relay.tally import UNCAPPED, Caps

__all__ = ["UNCAPPED", "Caps", "Decision", "FaultAtWork", "Passage", "PortTakenError", "Relay"]
