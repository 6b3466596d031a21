# The commands of this project. `just --list` shows them.

# What CI runs.
check:
    bash .ci/run

# The README's test command.
test:
    cargo test --workspace

# Slow checks that CI leaves out: a 3 GB file in under 400 MB of memory, and a hundred million ids.
test-large:
    cargo build --release -p batchwise
    cargo test --release -p batchwise --test memory -- --ignored --nocapture
    cargo test --release -p batchwise-planner --lib -- --ignored --nocapture

# Benchmarks with criterion.
bench:
    cargo bench -p batchwise-benches

# Whole-process times and memory on the given request files.
time +FILES:
    scripts/time-plan.sh {{FILES}}

# The error of the token estimates against recorded observations: docs/accuracy.md.
accuracy FILE *ARGS:
    cargo run --release -p batchwise-benches --bin accuracy -- {{FILE}} {{ARGS}}

# The same for constants that were fitted to the other repositories.
cross-validate FILE:
    cargo run --release -p batchwise-benches --bin accuracy -- {{FILE}} --cross-validate

# The error of litellm's counts on the same observations.
accuracy-peers FILE:
    python3 scripts/accuracy-peers.py {{FILE}}

# Compare the price book with an independent one.
prices:
    python3 scripts/compare-genai-prices.py

# Compare the counts of the tokenizer with those of an independent one. Needs Python 3.12.
counts *ARGS:
    python3 scripts/compare-ctok.py {{ARGS}}

# Licences, bans and sources of all dependencies. Installs cargo-deny when it is missing.
deny:
    command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
    cargo deny check licenses bans sources

# Before a release.
release: check deny test-large
