# Every target is a verb of `python -m grader` or a tool, with .venv made first. The file keeps to what
# GNU make 3.81 (macOS) and BSD make have in common: no functions, no conditionals.
#   EX=01_hello_kafka   one exercise, its number is enough     ARGS="--seed 7"            more arguments
#   PYTHON=python3.12   another Python                         COMPOSE_PROFILES=cluster   three brokers for up

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

.PHONY: help grade watch hint solution reset progress lab doctor up down clean-cache

help: ## what there is (this list)
	@sed -n 's/^\([a-z -]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-32s %s\n", $$1, $$2 }'

grade watch: ## grade your programs, once or on each save: EX=1
	$(READY)
	@.venv/bin/python -m grader $@ $(EX) $(ARGS) || test $$? -eq 1

hint solution reset: ## next hint, model solution, the stub again: EX=1
	$(READY)
	@.venv/bin/python -m grader $@ $(EX) $(ARGS)

progress lab doctor: ## what has passed; live experiments; this machine
	$(READY)
	@.venv/bin/python -m grader $@ $(ARGS)

up down: ## Kafka in Docker on localhost:9092, and its end
	@docker compose $(COMPOSE_$@)

COMPOSE_up = up --detach --wait
COMPOSE_down = --profile '*' down --volumes --remove-orphans

clean-cache: ## remove what was fetched and cached
	@$(FIND) "$$python" -Es -m environment --clean-cache

# not handed out
.PHONY: handout check-exercises test bench check lock

handout check-exercises: ## for students: DIR=../handout; the gate: EX=1
	$(READY)
	@.venv/bin/python -m grader $@ $(WITH_$@)

WITH_handout = "$(DIR)"
WITH_check-exercises = $(EX) $(ARGS)

READY_DEV = @{ $(CURRENT) && cmp -s requirements-dev.lock .venv/requirements-dev.lock; } \
	|| { $(FIND) "$$python" -Es -m environment --dev; }

test bench: ## test the kit; measure it: benchmarks/results.md
	$(READY_DEV)
	@.venv/bin/python -m $(MODULE_$@) $(ARGS)

MODULE_test = pytest
MODULE_bench = benchmarks

check: ## all that must hold before a change lands
	$(READY_DEV)
	.venv/bin/python -m ruff check --no-cache .
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m mypy
	for checks in exercises/*/checks.py; do .venv/bin/python -m mypy "$$checks" || exit; done
	.venv/bin/python -m grader check-exercises
	.venv/bin/python -m pytest $(ARGS)

lock: ## choose the versions of packages and jars anew
	$(READY_DEV)
	.venv/bin/python -m uv pip compile pyproject.toml -o requirements.lock $(COMPILE)
	.venv/bin/python -m uv pip compile --group dev -c requirements.lock -o requirements-dev.lock $(COMPILE)
	.venv/bin/python -m grader.broker.jars lock

COMPILE = --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links
# handed out again
