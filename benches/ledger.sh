#!/usr/bin/env bash
# A ledger of many editions, its older runs made by SQL from one really frozen: its size, the slowest question about one reader, a freeze with
# pruning, and the whole pruned at once. Needs Python 3.   usage: benches/ledger.sh [EDITIONS [SUBSCRIBERS]]
set -euo pipefail
cd "$(dirname "$0")/.."
editions=${1:-400} subscribers=${2:-100000}
. benches/program.sh
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
cd "$room"
"$program" -q init . >/dev/null
seq "$subscribers" | awk '{ printf "[[subscriber]]\nemail = \"reader%d@example.org\"\n\n", $1 }' >subscribers.toml
seconds() { /usr/bin/env time -f '%e s, %M kB' "$@" 2>&1 >/dev/null | tail -1; }
"$program" -q draft >/dev/null
day=$(basename editions/*.toml .toml)
"$program" -q --date "$day" send
# The copies in the form of a morning that went to the relay: accepted, with the relay's words.
python3 - "$editions" <<'PYTHON'
import sqlite3, sys
db = sqlite3.connect("newsdigest.db")
db.execute("PRAGMA synchronous = OFF")
db.execute("PRAGMA cache_size = -400000")
db.execute("UPDATE copy SET reply = '250 2.0.0 Ok: queued as 4dXk2Q1vB2z1'")
db.execute("UPDATE run SET outbox = ''")
first, last, frozen = db.execute("SELECT first_copy, last_copy, frozen FROM run").fetchone()
count = last - first + 1
for edition in range(1, int(sys.argv[1])):
    at = frozen - edition * 86_400_000 * 2
    run = 1 + edition
    db.execute("INSERT INTO run SELECT ?, date(? / 1000, 'unixepoch'), newsletter, outbox, ?, key, edition, ?, ?, letterhead FROM run WHERE id = 1",
               (run, at, at, first + edition * count, last + edition * count))
    db.execute("INSERT INTO page_set SELECT ?, number, pages FROM page_set WHERE run = 1", (run,))
    db.execute("INSERT INTO copy SELECT id + ?, ?, reader, state, page_set, attempts, next_try, ?, address, name, reply FROM copy WHERE run = 1", (edition * count, run, at))
    db.commit()
# The newest run lies last, as it would.
PYTHON
megabytes() { echo "$(($(stat -c %s newsdigest.db) / 1000000)) MB"; }
echo "$editions editions to $subscribers: $(megabytes)"
echo "status: $(seconds "$program" -q status)"
echo "status --of: $(seconds "$program" -q status --of reader77@example.org)"
cp "editions/$day.toml" "editions/${day}b.toml"
echo "a freeze: $("$program" --date "${day}b" --verbose send 2>&1 | grep 'freeze took')"
sed -i 's/^keep = .*/keep = "400d"/' newsdigest.toml
cp "editions/$day.toml" "editions/${day}c.toml"
echo "a freeze and the pruning behind it: $(seconds "$program" --date "${day}c" -q send) with the letters into a folder"
echo "ledger prune: $(seconds "$program" -q ledger prune), $(megabytes)"
echo "ledger prune --compact: $(seconds "$program" -q ledger prune --compact), $(megabytes)"
