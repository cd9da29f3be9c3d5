# Sourced by the benches: where Debian's tools are, and which program is measured: that of PROGRAM, else a release build.
PATH=$PATH:/usr/sbin:/usr/local/sbin
program=${PROGRAM:-}
if [ -z "$program" ]; then
    cargo build --release --quiet
    program=${CARGO_TARGET_DIR:-$PWD/target}/release/newsdigest
fi
