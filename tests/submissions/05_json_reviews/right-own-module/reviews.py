"""Reading and encoding reviews."""

import json


def read(name):
    with open(name, encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def as_json(review):
    return json.dumps(review, ensure_ascii=False).encode("utf-8")


def text(word):
    return word.encode("utf-8")
