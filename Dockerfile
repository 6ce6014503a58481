# The grader with everything in it: packages, Kafka's jars and the cache of its fast start.
#
#   docker build -t kafka-producers-kit .
#   docker run --rm -v "$PWD:/work" -v "$PWD/exercises:/kit/exercises:ro" kafka-producers-kit grade
ARG PYTHON=python:3.13-slim
FROM ${PYTHON}

ENV KAFKA_KIT_CACHE=/opt/kafka-producers-kit \
    PYTHONPATH=/kit \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /kit

COPY requirements.lock ./
COPY environment environment
RUN python -m environment && rm -r "$KAFKA_KIT_CACHE/wheels"

COPY grader grader
RUN .venv/bin/python -m grader.broker.jars
# A step of its own: the cache holds for the files as the steps before have left them.
RUN .venv/bin/python -c "from grader import setup; setup.prepare('local', print)"

COPY solutions solutions
COPY exercises exercises
WORKDIR /work
USER 1000:1000
ENTRYPOINT ["/kit/.venv/bin/python", "-m", "grader"]
CMD ["grade"]
