#!/usr/bin/env bash
# A whole send into Postfix's smtp-sink, beside `smtp-source` with letters of the same size, in turn. Needs Postfix (Debian: postfix) and
# GNU time (Debian: time).   usage: benches/send.sh [SUBSCRIBERS [ROUNDS]]
#   DKIM=1 signs every letter; RELAY='pipelining = "full"' adds lines to [relay]; LATE=20 sends to a relay that answers every turn so many
#   milliseconds late instead (benches/late_relay.py); PROGRAM=path measures that binary; SPREAD=60 puts so many in a hundred at slow.example;
#   SECTIONS=12 makes an edition of so many sections, at most 20, of which each reader wants half, by chance.
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD subscribers=${1:-10000} rounds=${2:-3} port=${PORT:-42525}
. benches/program.sh
room=$(mktemp -d)
trap 'kill $sink 2>/dev/null; rm -rf "$room"' EXIT
if [ -n "${LATE:-}" ]; then
    python3 "$here/benches/late_relay.py" "$port" "$LATE" & sink=$!
else
    setsid smtp-sink $([ "$(id -u)" = 0 ] && echo -u nobody) 127.0.0.1:"$port" 1000 & sink=$!
fi
until (: </dev/tcp/127.0.0.1/"$port") 2>/dev/null; do sleep 0.1; done
cd "$room"
"$program" -q init . >/dev/null
sed -i '/^\[relay\]/,/^$/d' newsdigest.toml
printf '[relay]\nhost = "127.0.0.1"\nport = %s\nsecurity = "none"\nconnections = 8\n%s\n' "$port" "${RELAY:-}" >>newsdigest.toml
if [ -n "${DKIM:-}" ]; then
    openssl genrsa -traditional -out dkim.pem 2048 2>/dev/null
    chmod 600 dkim.pem
    domain=$(sed -n 's/^from = .*@\([^>"]*\).*/\1/p' newsdigest.toml)
    printf '[dkim]\ndomain = "%s"\nselector = "s1"\nkey_file = "dkim.pem"\n' "$domain" >>newsdigest.toml
fi
seq "$subscribers" | awk -v slow="${SPREAD:-0}" '{ printf "[[subscriber]]\nemail = \"reader%d@%s\"\nname = \"Reader %d\"\nsince = 2026-08-01\n\n", $1, ($1 % 100 < slow ? "slow.example" : "example.org"), $1 }' >subscribers.toml
if [ -n "${SECTIONS:-}" ]; then
    awk -v sections="$SECTIONS" 'BEGIN {
        for (story = 0; story < 20; story++)
            printf "[[story]]\nheadline = \"Story %d of section %d\"\nurl = \"https://harbourtimes.example/%d\"\nsection = \"Section %d\"\n\n", story, story % sections, story, story % sections
    }' >all.toml
    rm -r stories
    sed -i 's/^stories = .*/stories = "all.toml"/; s/^\[selection\]/[selection]\ntop = 20\nper_section = 0/' newsdigest.toml
    awk -v sections="$SECTIONS" 'BEGIN { srand(1) } { print } /^since/ {
        wanted = ""
        for (section = 0; section < sections; section++) if (rand() < 0.5) wanted = wanted ", \"Section " section "\""
        print "sections = [" (wanted == "" ? "\"Section 0\"" : substr(wanted, 3)) "]"
    }' subscribers.toml >with && mv with subscribers.toml
fi
"$program" -q draft >/dev/null
"$program" -q preview --out out >/dev/null
size=$(stat -c %s out/digest.eml)
echo "letters of $size bytes, $subscribers subscribers, 8 connections"
for round in $(seq "$rounds"); do
    rm -f newsdigest.db*
    "$program" -q ledger new
    /usr/bin/time -f '%e %M %U %S' -o time timeout "${LIMIT:-600}" "$program" -v send 2>said >/dev/null || true
    [ -s said ] && grep -q "^error" said && cat said
    grep "different parts" said || true
    read -r seconds kilobytes user system < <(tail -1 time)
    freeze=$(sed -n 's/^the freeze took \([0-9.]*\) s$/\1/p' said)
    letters=$(sed -n 's/^the letters took \([0-9.]*\) s$/\1/p' said)
    disk=$(du -cb newsdigest.db* | tail -1 | cut -f1)
    awk "BEGIN { printf \"newsdigest   %7.0f letters/s handed over (freeze %s s, whole run %s s, peak %d MB, processor %.0f us and ledger %d bytes a recipient)\n\", $subscribers / ${letters:-999999}, \"$freeze\", \"$seconds\", $kilobytes / 1024, ($user + $system) / $subscribers * 1e6, $disk / $subscribers }"
    [ -z "${LATE:-}" ] || continue
    begun=$(date +%s.%N)
    smtp-source -s 8 -l "$size" -m "$subscribers" -f a@example.org -t b@example.org -d 127.0.0.1:"$port"
    awk "BEGIN { printf \"smtp-source  %7.0f letters/s (-d: one connection for many)\n\", $subscribers / ($(date +%s.%N) - $begun) }"
    begun=$(date +%s.%N)
    smtp-source -s 8 -l "$size" -m "$subscribers" -f a@example.org -t b@example.org 127.0.0.1:"$port"
    awk "BEGIN { printf \"smtp-source  %7.0f letters/s (a connection a letter)\n\", $subscribers / ($(date +%s.%N) - $begun) }"
done
