# SPDX-License-Identifier: MIT
# The front door. Each target does all of its own set-up, Debian packages included (tools/setup).
#
#   make            build; the command is then build/heapwise
#   make demo       record a real program (the C++ compiler at work) and print the report
#   make test       all tests; TESTS='counts peers' limits them
#   make test-long  the same with the long forms of tests that have one (docs/testing.md)
#   make bench      compare with heaptrack, side by side; PROGRAMS='jq perl' RUNS=5
#   make fuzz       run each fuzzer for FUZZ_SECONDS; FUZZ='region recording' limits them
#   make install    to PREFIX (/usr/local), below DESTDIR
#   make format     clang-format over the C sources
#   make clean      remove what was built

BUILD ?= build
SANITIZED ?= build-sanitized
THREADED ?= build-threaded
PREFIX ?= /usr/local
DESTDIR ?=
TESTS ?=
RUNS ?= 5
PROGRAMS ?=
FUZZ_SECONDS ?= 60
FUZZ ?=

# A sub-make is not what ninja is, and must not get make's job server flags.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := all
.PHONY: all demo test test-long bench fuzz install format clean packages-%

packages-%:
	@tools/setup $*

all: packages-build
	@tools/build $(BUILD) -Dprefix=$(PREFIX)
	@echo "built $(BUILD)/heapwise; try: $(BUILD)/heapwise ls -l, or make demo"

demo: packages-demo
	@tools/build $(BUILD)
	@tools/demo $(BUILD)/heapwise

test: packages-test
	@tools/build $(BUILD) -Dtargets=true
	@tools/build $(SANITIZED) -Db_sanitize=address,undefined -Db_lundef=false -Dagent_checks=true
	@tools/build $(THREADED) -Db_sanitize=thread -Db_lundef=false
	@tools/fuzz --build
	@tools/suites build-suites
	@tests/run --build $(BUILD) --sanitized $(SANITIZED) --threaded $(THREADED) $(TESTS)

test-long:
	@HEAPWISE_LONG=1 $(MAKE) test

bench: packages-bench
	@tools/build $(BUILD)
	@bench/run --heapwise $(BUILD)/heapwise --runs $(RUNS) $(PROGRAMS)

fuzz: packages-fuzz
	@tools/fuzz $(FUZZ_SECONDS) $(FUZZ)

install: packages-build
	@tools/build $(BUILD) -Dprefix=$(PREFIX)
	@DESTDIR="$(DESTDIR)" meson install -C $(BUILD) --no-rebuild --quiet
	@echo "installed to $(DESTDIR)$(PREFIX)"

format: packages-format
	@git ls-files 'src/*.[ch]' 'include/*.h' 'tests/*.[ch]' | xargs clang-format -i

clean:
	rm -rf $(BUILD) $(SANITIZED) $(THREADED) build-fuzz
