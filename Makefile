# The commands of a clone. Python 3.11 or newer is all that a machine must have.
.DEFAULT_GOAL := help
.PHONY: run test thorough quick contract check lock front doctor bench bench-memory bench-plan bench-sheets bench-board bench-numbers evidence-repackaging evidence torture rolling help

# The first Python on this machine; bootstrap.py looks further for a newer one when this is too old.
PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11 python,$(shell command -v $(name) 2>/dev/null)))
BOOTSTRAP = @$(if $(PYTHON),"$(PYTHON)" tools/bootstrap.py,echo "Niva needs Python 3.11 or newer: install it and repeat. / Нужен Python 3.11 или новее: поставьте его и повторите." >&2; exit 1;)
NIVA = @.venv/bin/python -m niva

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: ## set up whatever is missing and open the desk
	$(BOOTSTRAP)
	$(NIVA) run

test: ## set up whatever is missing and run the tests (ARGS="-k words" for some, of all)
	$(BOOTSTRAP) --dev
	@.venv/bin/python -m pytest -n 2 --dist loadgroup $(if $(ARGS),$(ARGS),-m "not thorough")

thorough: ## the tests that take long: processes killed, every fault, hostile input, whole desks
	$(BOOTSTRAP) --dev
	@.venv/bin/python -m pytest -n 2 --dist loadgroup -m thorough $(ARGS)

quick: ## the tests without the browser and the slow ones
	$(BOOTSTRAP) --dev
	@.venv/bin/python -m pytest -n 2 --dist loadgroup -m "not slow and not browser and not thorough" $(ARGS)

contract: ## what each network can do, proved by the common suite (ARGS="vk max" for some)
	$(BOOTSTRAP) --dev
	@.venv/bin/python tools/contract.py $(ARGS)

check: ## lint, types, layers, migrations, translations, documents
	$(BOOTSTRAP) --dev
	@.venv/bin/python tools/check.py

lock: ## resolve the requirements anew and install them
	$(BOOTSTRAP) --dev --lock

front: ## build the front end again
	$(BOOTSTRAP) --front

doctor: ## what is wrong with this installation and how to mend it
	$(BOOTSTRAP)
	$(NIVA) doctor

bench: ## deliveries a second beside a bare loop of the same calls (ARGS=--quick)
	$(BOOTSTRAP) --dev
	@PYTHONPATH=src:tools .venv/bin/python -m bench $(ARGS)

bench-memory: ## how much memory the whole desk takes at rest (Linux; the limit is 250 MB)
	$(BOOTSTRAP)
	@.venv/bin/python tools/bench_memory.py

bench-plan: ## how long a month of 3,000 posts takes
	$(BOOTSTRAP) --dev
	@.venv/bin/python tools/bench_plan.py

evidence: ## what the engines of numbers are worth on real data (with NIVA_DATA; ARGS="--only forecast")
	$(BOOTSTRAP) --dev
	@PYTHONPATH=src:tools .venv/bin/python -m evidence $(ARGS)

evidence-repackaging: ## a recorded hour becomes pieces, clips and days, shown (ARGS="--minutes 3")
	$(BOOTSTRAP) --dev
	@.venv/bin/python tools/evidence_repackaging.py $(ARGS)

bench-board: ## how fast board, table, balance and search are with 5,000 pieces
	$(BOOTSTRAP) --dev
	@.venv/bin/python tools/bench_board.py $(ARGS)

bench-numbers: ## how fast 50 million readings come in and are shown (ARGS="--readings 5000000")
	$(BOOTSTRAP) --dev
	@PYTHONPATH=src:tools .venv/bin/python -m bench_numbers $(ARGS)

bench-sheets: ## how long a plan of 5,000 rows takes to come in, and how much memory
	$(BOOTSTRAP) --dev
	@.venv/bin/python tools/bench_sheets.py

torture: ## 2,000 posts, 54 kills, a network that lies: lost and doubled must be 0 (SEED=7, ARGS=--short)
	$(BOOTSTRAP) --dev
	@.venv/bin/python -m tools.torture $(if $(SEED),--seed $(SEED)) $(ARGS)

rolling: ## restart workers one after the other under load, at an outside PostgreSQL
	$(BOOTSTRAP) --dev
	@.venv/bin/python tools/bench_rolling.py $(ARGS)
