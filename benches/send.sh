#!/usr/bin/env bash
# A whole send into Postfix's smtp-sink, beside `smtp-source` with letters of the same size, in turn. Needs Postfix (Debian: postfix) and
# GNU time (Debian: time).   usage: benches/send.sh [SUBSCRIBERS [ROUNDS]]
set -euo pipefail
cd "$(dirname "$0")/.."
subscribers=${1:-10000} rounds=${2:-3} port=${PORT:-42525}
PATH=$PATH:/usr/sbin:/usr/local/sbin
cargo build --release --quiet
program=${CARGO_TARGET_DIR:-$PWD/target}/release/newsdigest
room=$(mktemp -d)
trap 'kill $sink 2>/dev/null; rm -rf "$room"' EXIT
smtp-sink $([ "$(id -u)" = 0 ] && echo -u nobody) 127.0.0.1:"$port" 128 & sink=$!
cd "$room"
"$program" -q init . >/dev/null
printf '[relay]\nhost = "127.0.0.1"\nport = %s\nsecurity = "none"\nconnections = 8\n' "$port" >relay
sed -i '/^\[relay\]/,/^$/d' newsdigest.toml
cat relay >>newsdigest.toml
seq "$subscribers" | sed 's/.*/[[subscriber]]\nemail = "reader&@example.org"\nname = "Reader &"\nsince = 2026-08-01\n/' >subscribers.toml
"$program" -q draft >/dev/null
"$program" -q preview --out out >/dev/null
size=$(stat -c %s out/digest.eml)
echo "letters of $size bytes, $subscribers subscribers, 8 connections"
for round in $(seq "$rounds"); do
    rm -f newsdigest.db*
    /usr/bin/time -f '%e %M %U %S' -o time "$program" -v send 2>said >/dev/null
    read -r seconds kilobytes user system <time
    freeze=$(sed -n 's/^the freeze took \([0-9.]*\) s$/\1/p' said)
    letters=$(sed -n 's/^the letters took \([0-9.]*\) s$/\1/p' said)
    disk=$(du -cb newsdigest.db* | tail -1 | cut -f1)
    awk "BEGIN { printf \"newsdigest   %7.0f letters/s handed over (freeze %s s, whole run %s s, peak %d MB, ledger %d bytes a recipient, processor %.0f us a letter)\n\", $subscribers / $letters, \"$freeze\", \"$seconds\", $kilobytes / 1024, $disk / $subscribers, ($user + $system) * 1e6 / $subscribers }"
    begun=$(date +%s.%N)
    smtp-source -s 8 -l "$size" -m "$subscribers" -f a@example.org -t b@example.org -d 127.0.0.1:"$port"
    awk "BEGIN { printf \"smtp-source  %7.0f letters/s (-d: one connection for many)\n\", $subscribers / ($(date +%s.%N) - $begun) }"
    begun=$(date +%s.%N)
    smtp-source -s 8 -l "$size" -m "$subscribers" -f a@example.org -t b@example.org 127.0.0.1:"$port"
    awk "BEGIN { printf \"smtp-source  %7.0f letters/s (a connection a letter)\n\", $subscribers / ($(date +%s.%N) - $begun) }"
done
