# The menu. Every line leads to a script; `make ci` is what continuous integration runs.
.PHONY: help build test fmt lint bench docs run demo ci

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile | expand -t 14

build: ## release build of the program
	@scripts/build
test: ## every test
	@scripts/test
fmt: ## lay out the Swift files
	@scripts/fmt
lint: ## check the form of Swift files and scripts
	@scripts/lint
bench: ## ingest, gateway, kafka and batch benchmarks
	@scripts/bench
docs: ## check documents, sizes, layers and settings
	@scripts/test --unit --filter RepositoryTests
run: ## build and serve ./data on the usual ports
	@scripts/run
demo: ## from nothing to the nine answers
	@scripts/demo
ci: ## what continuous integration runs
	@.ci/run
