#!/usr/bin/env bash
# Twenty newsletters of one newsroom over twelve feeds: `serve` drafts, freezes and hands over all of them at one minute, and answers readers meanwhile. Says in which
# order they were frozen, how fast preferences are answered, and what memory `serve` took. LIST=ledger keeps the readers in the ledger.
# Needs Postfix's smtp-sink, wrk, curl, sqlite3 and Python 3 (Debian: postfix wrk curl sqlite3 python3).   usage: benches/newsletters.sh [SUBSCRIBERS [SECONDS]]
set -euo pipefail
cd "$(dirname "$0")/.."
subscribers=${1:-200000} seconds=${2:-10} port=${PORT:-42725} host=news.harbourtimes.example
bench=$PWD/benches
. benches/program.sh
room=$(mktemp -d)
sink= serve= feeds=
trap 'kill $sink $serve $feeds 2>/dev/null; rm -rf "$room"' EXIT
setsid smtp-sink $([ "$(id -u)" = 0 ] && echo -u nobody) 127.0.0.1:"$port" 1000 & sink=$!
until (: </dev/tcp/127.0.0.1/"$port") 2>/dev/null; do sleep 0.1; done
cd "$room"
mkdir feeds newsletters
python3 - <<'PYTHON'
for feed in range(12):
    items = "".join(
        f"<item><title>Headline {feed} {n} of the harbour</title><link>https://harbourtimes.example/{feed}/{n}</link>"
        f"<pubDate>Mon, 24 Aug 2026 0{n % 6}:{n % 60:02}:00 GMT</pubDate><category>Section {feed}</category><description>What is known of story {n}.</description></item>"
        for n in range(60))
    open(f"feeds/{feed}.xml", "w").write(f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>")
PYTHON
python3 -m http.server $((port + 2)) --bind 127.0.0.1 --directory feeds >/dev/null 2>&1 & feeds=$!
{
    printf '[newsletter]\nfrom = "The Harbour Times <digest@harbourtimes.example>"\nsite = "https://harbourtimes.example/"\naddress = "1 Quay Street"\ntime_zone = "UTC"\n'
    for feed in $(seq 0 11); do printf '[[source]]\nfeed = "http://127.0.0.1:%s/%s.xml"\n' $((port + 2)) "$feed"; done
    printf '[relay]\nhost = "127.0.0.1"\nport = %s\nsecurity = "none"\n[public]\nurl = "https://%s/"\nlisten = "127.0.0.1:%s"\n' "$port" "$host" $((port + 1))
} >newsdigest.toml
# The later a newsletter's name the earlier it must be out.
for n in $(seq 10 29); do
    printf '[newsletter]\nname = "Newsletter %s"\n[schedule]\ndays = "daily"\nsend_at = "07:00"\nnot_after = "08:%s"\n' "$n" $((69 - n)) >newsletters/n"$n".toml
done
seq "$subscribers" | awk '{ printf "[[subscriber]]\nemail = \"reader%d@example.org\"\nnewsletters = [\"n%d\"]\n\n", $1, 10 + $1 % 20 }' >subscribers.toml
"$program" subscribers check
[ "${LIST:-file}" = ledger ] && "$program" subscribers move --to ledger
/usr/bin/env "$program" -q --now 2026-08-24T06:59:50Z serve >/dev/null & serve=$!
base=http://127.0.0.1:$((port + 1))
until curl -s -o /dev/null "$base/healthz"; do sleep 0.1; done
frozen() { sqlite3 -readonly newsdigest.db "SELECT count(*) FROM run WHERE frozen IS NOT NULL" 2>/dev/null || echo 0; }
left() { sqlite3 -readonly newsdigest.db "SELECT count(*) FROM copy WHERE state IN (0, 1)"; }
until [ "$(frozen)" = 20 ] && [ "$(left)" = 0 ]; do sleep 1; done
echo "frozen in this order: $(sqlite3 -readonly newsdigest.db 'SELECT group_concat(newsletter, " ") FROM (SELECT newsletter FROM run ORDER BY id)')"
echo "the first and the last: $(sqlite3 -readonly newsdigest.db 'SELECT (max(frozen) - min(frozen)) / 1000.0 FROM run') s apart"
echo "memory of serve after the sends: now $(awk '/VmRSS/ { print $2 }' /proc/$serve/status) kB, at most $(awk '/VmHWM/ { print $2 }' /proc/$serve/status) kB"
python3 "$bench/tokens.py" n29 "$subscribers" >tokens
cat >preferences.lua <<'LUA'
local tokens, at = {}, 0
for line in io.lines("tokens") do tokens[#tokens + 1] = line end
wrk.headers["Host"] = "news.harbourtimes.example"
function request()
  at = at + 1
  wrk.headers["X-Forwarded-For"] = string.format("10.%d.%d.%d", math.random(0, 255), math.random(0, 255), math.random(1, 254))
  return wrk.format("GET", "/preferences/" .. tokens[(at * 7919) % #tokens + 1])
end
LUA
first=$(curl -s -o /dev/null -w '%{time_total} s, %{http_code}' -H "Host: $host" "$base/preferences/$(head -1 tokens)")
echo "preferences, the first: $first"
measure() { wrk -t2 -c"$1" -d"${seconds}s" --latency -s "$2" "$base/" | grep -E "50%|99%|Requests/sec|Non-2xx" || true; }
# Each of twenty connections asks fifty times a second.
{ cat preferences.lua; echo 'function delay() return 19 end'; } >thousand.lua
echo "preferences, 20 connections at 1,000 a second"
measure 20 thousand.lua
for connections in 4 20; do
    echo "preferences, $connections connections, as fast as they can"
    measure $connections preferences.lua
done
echo "memory of serve: now $(awk '/VmRSS/ { print $2 }' /proc/$serve/status) kB, at most $(awk '/VmHWM/ { print $2 }' /proc/$serve/status) kB"
