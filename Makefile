# Care. `make` alone lists what can be made.

SHELL := /bin/sh
# How much work the benchmarks and the soak do: 1 is the full size of the tables in docs, 0.01 a quick look.
SCALE ?= 1

.DEFAULT_GOAL := help
.PHONY: help run build test bench soak fuzz check format clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## set up, build, and show campaigns on real purchases, planned and delivered
	@Scripts/run-demo.sh

build: ## set up and build the program, .build/release/care
	@Scripts/setup.sh
	@Scripts/build.sh

test: ## set up and run every test, RabbitMQ and nginx included
	@Scripts/test.sh

bench: ## measure speed; SCALE=0.01 for a quick look
	@Scripts/bench.sh $(SCALE)

soak: ## ten million pairs evaluated alike; ticks killed again and again, nothing lost; SCALE as for bench
	@Scripts/soak.sh $(SCALE)

fuzz: ## a million inputs that libFuzzer makes of rules and expressions; SCALE as for bench, SEED for the same choices
	@Scripts/fuzz.sh $(SCALE)

check: ## find mistakes in the rules that ship, and in the form of the sources
	@Scripts/check.sh

format: ## bring the sources into the form of .swift-format
	@swift format --in-place --parallel --recursive Package.swift Sources Tests Demo

clean: ## remove everything that was built or made
	rm -rf .build .build-venv Package.resolved
