# The commands of this project. `just --list` shows them.

# What CI runs.
check:
    bash .ci/run

# The README's test command.
test:
    cargo test --workspace

# The official Python SDK, old and new, against the simulator.
sdk:
    scripts/check-sdk.sh

# Slow checks that CI leaves out: a 3 GB file in under 400 MB of memory, and a hundred million ids.
test-large:
    cargo build --release -p batchwise
    cargo test --release -p batchwise --test memory -- --ignored --nocapture
    cargo test --release -p batchwise-planner --lib -- --ignored --nocapture

# Benchmarks with criterion.
bench:
    cargo bench -p batchwise-benches

# Whole-process times and memory on the given request files, and on their first ten lines.
time +FILES:
    scripts/time-plan.py {{FILES}}

# What checking costs beside planning: whole processes in turn.
time-check +FILES:
    scripts/time-check.py {{FILES}}

# Races batchwise against a straightforward program, tiktoken, litellm and ctok. Needs Python 3.12.
compare-peers *ARGS:
    scripts/compare-peers.py {{ARGS}}

# Time against the size of the file and the threads, with texts from a folder: docs/scaling.svg. Takes 6 GB of disk.
scaling POOLS *ARGS:
    scripts/scaling.py {{POOLS}} {{ARGS}}

# Instructions of small workloads against those recorded; --record writes them anew. Needs valgrind.
instructions *ARGS:
    scripts/instructions.py {{ARGS}}

# How often a request asks for memory.
allocations:
    cargo test --release -p batchwise-benches --test allocations -- --nocapture

# The error of the token estimates against recorded observations: docs/accuracy.md.
accuracy FILE *ARGS:
    cargo run --release -p batchwise-benches --bin accuracy -- {{FILE}} {{ARGS}}

# The same for constants that were fitted to the other repositories.
cross-validate FILE:
    cargo run --release -p batchwise-benches --bin accuracy -- {{FILE}} --cross-validate

# Which rules speak about recorded requests that the API accepted: docs/false-alarms.md.
accepted FILE:
    cargo run --release -p batchwise-benches --bin accepted -- {{FILE}}

# The error of litellm's counts on the same observations.
accuracy-peers FILE:
    python3 scripts/accuracy-peers.py {{FILE}}

# Compare the price book with an independent one.
prices:
    python3 scripts/compare-genai-prices.py

# Hold the action, the pre-commit hook, the examples for CI and the published schemas to their schemas.
ready-files:
    scripts/check-ready-files.sh

# Hold reports to the programs that read them: workbooks computed anew, FOCUS rows validated. Needs Python 3.12.
reports:
    cargo build -p batchwise
    scripts/check-reports.sh "${CARGO_TARGET_DIR:-target}/debug/batchwise"

# Hold HTML reports to a browser: their calculator against new plans. Needs Chromium.
pages:
    cargo build -p batchwise
    scripts/check-html-report.sh "${CARGO_TARGET_DIR:-target}/debug/batchwise"

# Draw the pictures of docs/reports.md anew. Needs Chromium.
report-pictures:
    cargo build -p batchwise
    scripts/reports/draw-page.py "${CARGO_TARGET_DIR:-target}/debug/batchwise"

# Compare the counts of the tokenizer with those of an independent one. Needs Python 3.12.
counts *ARGS:
    python3 scripts/compare-ctok.py {{ARGS}}

# Licences, bans and sources of all dependencies. Installs cargo-deny when it is missing.
deny:
    command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
    cargo deny check licenses bans sources

# Feeds the readers arbitrary bytes: docs/fuzzing.md. Needs cargo-fuzz and a nightly compiler.
fuzz TARGET *ARGS:
    cargo +nightly fuzz run {{TARGET}} {{ARGS}}

# Before a release.
release: check deny test-large
