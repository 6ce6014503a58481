# Every target is a verb of `python -m grader` or a tool, with .venv made first. The file keeps to what
# GNU make 3.81 (macOS) and BSD make have in common: no functions, no conditionals.
#   EX=01_hello_kafka   one exercise      ARGS="--seed 7"   more arguments      PYTHON=python3.12   another Python

PYTHON =
EX =
ARGS =

# The first Python that is new enough makes .venv; where .venv is what the locks say, this takes milliseconds.
FIND = set -- $(PYTHON); test -n "$$1" || set -- .venv/bin/python python3.13 python3.12 python3.11 python3 python; \
	for python do "$$python" -ISc 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; done; \
	test -n "$$python" || { printf '%s\n' "No Python 3.11 or newer was found. Looked for: $$*." \
	"Install one (Debian, Ubuntu: sudo apt install python3 python3-venv; macOS: brew install python@3.13)," \
	"or name yours: make grade PYTHON=/path/to/python3" >&2; exit 3; };
CURRENT = test -z "$(PYTHON)" && .venv/bin/python -ISc '' 2>/dev/null && cmp -s requirements.lock .venv/requirements.lock
READY = @{ $(CURRENT); } || { $(FIND) "$$python" -Es -m environment; }
READY_DEV = @{ $(CURRENT) && cmp -s requirements-dev.lock .venv/requirements-dev.lock; } \
	|| { $(FIND) "$$python" -Es -m environment --dev; }

.PHONY: help grade watch hint solution reset progress lab doctor handout check-exercises up down test bench check lock clean-cache

help: ## what there is (this list)
	@sed -n 's/^\([a-z -]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-32s %s\n", $$1, $$2 }'

grade watch: ## grade what you have written, once or on each save: EX=01_hello_kafka, ARGS="--seed 7"
	$(READY)
	@.venv/bin/python -m grader $@ $(EX) $(ARGS) || test $$? -eq 1

hint solution reset: ## the next hint, the model solution, the stub again: EX=01_hello_kafka
	$(READY)
	@.venv/bin/python -m grader $@ $(EX) $(ARGS)

progress lab doctor: ## what has passed; the lesson's experiments, live; what works on this machine
	$(READY)
	@.venv/bin/python -m grader $@ $(ARGS)

handout check-exercises: ## the students' repository: DIR=../handout; the authors' gate: EX=01_hello_kafka for one
	$(READY)
	@.venv/bin/python -m grader $@ $(WITH_$@)

WITH_handout = "$(DIR)"
WITH_check-exercises = $(EX) $(ARGS)

up down: ## Kafka on localhost:9092 in Docker (COMPOSE_PROFILES=cluster: three brokers), and its end
	@docker compose $(COMPOSE_$@)

COMPOSE_up = up --detach --wait
COMPOSE_down = --profile '*' down --volumes --remove-orphans

test bench: ## the tests of the kit: ARGS="-k relay" for some; what it takes, into benchmarks/results.md
	$(READY_DEV)
	@.venv/bin/python -m $(MODULE_$@) $(ARGS)

MODULE_test = pytest
MODULE_bench = benchmarks

check: ## all that must hold before a change lands: lint, format, types, tests, exercises
	$(READY_DEV)
	.venv/bin/python -m ruff check --no-cache .
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m mypy
	.venv/bin/python -m grader check-exercises
	.venv/bin/python -m pytest $(ARGS)

lock: ## choose anew, within pyproject.toml, the versions that are installed: commit what it changes
	$(READY_DEV)
	.venv/bin/python -m uv pip compile pyproject.toml -o requirements.lock $(COMPILE)
	.venv/bin/python -m uv pip compile --group dev -c requirements.lock -o requirements-dev.lock $(COMPILE)
	.venv/bin/python -m grader.broker.jars lock

COMPILE = --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

clean-cache: ## remove what was fetched for this user: packages, Kafka, its caches
	@$(FIND) "$$python" -Es -m environment --clean-cache
