//! The tables. A migration is never changed or removed once it is released: the list only grows, and its length is `PRAGMA user_version`.

use rusqlite::Connection;

use crate::model::address::Address;

/// Writes older keys as [`Address::key`] has them now: an older program did not compose letters. Of two readers who are one, both are
/// suppressed if one is; a key that is no address stays as it is, and is left out wherever it is read.
pub(super) fn compose_keys(db: &Connection) -> rusqlite::Result<()> {
    for (table, unique) in [("reader", true), ("sign_up", false)] {
        let mut statement = db.prepare(&format!(
            "SELECT id, key FROM {table} WHERE key GLOB '*[^ -~]*'"
        ))?;
        let old: Vec<(i64, String)> = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .filter_map(Result::ok)
            .collect();
        for (id, old) in old {
            let Ok(address) = Address::parse(&old) else {
                continue;
            };
            let key = address.key();
            if *key == old {
                continue;
            }
            let changed = db.execute(
                &format!("UPDATE OR IGNORE {table} SET key = ?2 WHERE id = ?1"),
                (id, &*key),
            )?;
            if unique && changed == 0 {
                db.execute("INSERT OR IGNORE INTO suppressed (reader, reason, since) SELECT (SELECT id FROM reader WHERE key = ?2), reason, since FROM suppressed WHERE reader = ?1", (id, &*key))?;
                db.execute("INSERT OR IGNORE INTO suppressed (reader, reason, since) SELECT ?1, reason, since FROM suppressed WHERE reader = (SELECT id FROM reader WHERE key = ?2)", (id, &*key))?;
            }
        }
    }
    Ok(())
}

pub(super) const MIGRATIONS: [&str; 20] = [
    "
    -- A reader is a normalised address, and keeps the number whatever becomes of the subscribers file.
    CREATE TABLE reader (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE                 -- lower case, domain in A-labels
    );

    -- The suppression list, which always wins over the file.
    CREATE TABLE suppressed (
        reader INTEGER PRIMARY KEY REFERENCES reader,
        reason TEXT NOT NULL,
        since INTEGER NOT NULL
    );

    -- One edition to one target.
    CREATE TABLE run (
        id INTEGER PRIMARY KEY,
        slug TEXT NOT NULL,
        newsletter TEXT NOT NULL,
        outbox TEXT NOT NULL,                    -- the folder of a rehearsal; empty: the relay
        frozen INTEGER,                          -- NULL while it is staged
        key BLOB NOT NULL,
        edition TEXT NOT NULL,
        first_copy INTEGER NOT NULL DEFAULT 0,   -- its copies lie together, from here ..
        last_copy INTEGER NOT NULL DEFAULT 0     -- .. to here
    );
    CREATE UNIQUE INDEX run_of_edition ON run (slug, outbox) WHERE frozen IS NOT NULL;

    -- What is sent, once for all who get the same stories.
    CREATE TABLE page_set (
        run INTEGER NOT NULL REFERENCES run,
        number INTEGER NOT NULL,
        pages TEXT NOT NULL,                     -- JSON, packed by zlib; as text: JSON of an older program
        PRIMARY KEY (run, number)
    ) WITHOUT ROWID;

    -- What was printed in it.
    CREATE TABLE story (
        run INTEGER NOT NULL REFERENCES run,
        key TEXT NOT NULL,
        headline TEXT NOT NULL,
        PRIMARY KEY (run, key)
    ) WITHOUT ROWID;

    -- One for every subscriber who was in the file at the freeze.
    CREATE TABLE copy (
        id INTEGER PRIMARY KEY,
        run INTEGER NOT NULL,
        reader INTEGER NOT NULL,
        state INTEGER NOT NULL,                  -- 0 queued, 1 handing, 2 accepted, 3 rejected, 4 given up, 5 left out, 6 in doubt
        page_set INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        next_try INTEGER NOT NULL,               -- 0: at once
        changed INTEGER NOT NULL,
        address TEXT,                            -- as written, where that differs from the reader's key
        name TEXT,
        reply TEXT                               -- the relay's last words, or the reason for leaving out
    );
    CREATE INDEX copy_queued ON copy (run, next_try) WHERE state = 0;
    CREATE INDEX copy_handing ON copy (run) WHERE state = 1;

    -- What was fetched, for conditional requests.
    CREATE TABLE fetched (
        url TEXT PRIMARY KEY,
        etag TEXT,
        last_modified TEXT,
        body BLOB NOT NULL,
        at INTEGER NOT NULL
    ) WITHOUT ROWID;
    ",
    "
    -- Sender, List-Unsubscribe and their like as they were at the freeze (JSON); NULL: frozen before this column was.
    ALTER TABLE run ADD COLUMN letterhead TEXT;
    ",
    "
    -- What it takes to know the event again; NULL: not known, or frozen before these columns were.
    ALTER TABLE story ADD COLUMN dek TEXT;
    ALTER TABLE story ADD COLUMN published INTEGER;
    ",
    "
    -- What came back of letters that the relay took.
    CREATE TABLE bounce (
        id INTEGER PRIMARY KEY,
        reader INTEGER NOT NULL REFERENCES reader,
        run INTEGER,                             -- NULL: not told
        class TEXT NOT NULL,                     -- hard, soft, temporary, about-us, complaint
        words TEXT NOT NULL,
        at INTEGER NOT NULL,
        digest BLOB NOT NULL,                    -- of what it says: read twice, it counts once
        spent INTEGER NOT NULL DEFAULT 0,        -- 1: it led to a suppression, and counts no more
        UNIQUE (reader, digest)
    );
    ",
    "
    -- Who asked for the newsletter on the page; the proof of consent once they have confirmed. Numbers are never used twice: they are in links.
    CREATE TABLE sign_up (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL,                       -- as in reader; it gets a number there when confirmed
        address TEXT NOT NULL,
        name TEXT,
        sections TEXT NOT NULL,                  -- JSON
        form TEXT NOT NULL,
        consent TEXT NOT NULL,                   -- the sentence they saw
        client TEXT,
        at INTEGER NOT NULL,
        letter INTEGER NOT NULL DEFAULT 0,       -- 0 waiting, 1 handed over, 2 given up, 3 not wanted any more
        tries INTEGER NOT NULL DEFAULT 0,
        next_try INTEGER NOT NULL DEFAULT 0,
        confirmed INTEGER,
        reader INTEGER REFERENCES reader
    );
    CREATE INDEX sign_up_key ON sign_up (key, at);
    CREATE INDEX sign_up_waiting ON sign_up (next_try) WHERE letter = 0;

    -- What readers changed that belongs into the subscribers file, until it is there and a day longer.
    CREATE TABLE change (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        reader INTEGER NOT NULL REFERENCES reader,
        kind INTEGER NOT NULL,                   -- 1 join, 2 prefer, 3 erase
        address TEXT NOT NULL,
        preferences TEXT,                        -- JSON
        form TEXT,                               -- what the reader agreed to; of a sign-up before this was kept: the form
        at INTEGER NOT NULL,
        merged INTEGER,                          -- when it came to be in the file
        before TEXT                              -- what the file said before it, JSON; null: nothing
    );
    CREATE INDEX change_reader ON change (reader);

    -- Erased readers are known by a hash under this salt, so that nobody writes to them again.
    CREATE TABLE salt (value BLOB NOT NULL);
    INSERT INTO salt VALUES (randomblob(32));
    ",
    "
    -- The inbox that the address is known to reach, by which letters are counted; NULL: signed up before this column was.
    ALTER TABLE sign_up ADD COLUMN inbox TEXT;
    CREATE INDEX sign_up_inbox ON sign_up (inbox, at) WHERE confirmed IS NULL;
    ",
    "
    -- How many letters a relay took on a day, for the quotas of its provider. Days are those of UTC.
    CREATE TABLE handed (
        relay TEXT NOT NULL,
        day TEXT NOT NULL,
        letters INTEGER NOT NULL,
        PRIMARY KEY (relay, day)
    ) WITHOUT ROWID;

    -- The tally of a run whose copies were deleted (`[ledger] keep`).
    CREATE TABLE run_tally (
        run INTEGER NOT NULL REFERENCES run,
        state INTEGER NOT NULL,
        copies INTEGER NOT NULL,
        PRIMARY KEY (run, state)
    ) WITHOUT ROWID;

    -- Without `INDEXED BY`, SQLite takes this one for the few queued copies of a run too, and reads all of its copies.
    -- A question about one reader looks into each run, and reads no other reader's copies. The run comes first so that a freeze writes its
    -- entries side by side.
    CREATE INDEX copy_reader ON copy (run, reader);
    ",
    "
    -- How often each answer to an edition's question was given.
    CREATE TABLE answer (
        run INTEGER NOT NULL REFERENCES run,
        answer INTEGER NOT NULL,                 -- its place in the question, from 0
        times INTEGER NOT NULL,
        PRIMARY KEY (run, answer)
    ) WITHOUT ROWID;
    ",
    "
    -- What sources of readership that know no times said of the most read pages, to be compared with what they say later.
    CREATE TABLE sample (
        source TEXT NOT NULL,                    -- as the config names it
        at INTEGER NOT NULL,
        page TEXT NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (source, at, page)
    ) WITHOUT ROWID;
    ",
    "
    -- What sent editions brought. Nothing in these tables is about a reader.
    CREATE TABLE result (
        run INTEGER PRIMARY KEY REFERENCES run,
        gathered INTEGER NOT NULL,
        until INTEGER NOT NULL,                  -- arrivals are counted up to here
        complete INTEGER NOT NULL,               -- 1: nothing more is gathered
        source TEXT,                             -- whose figures; NULL: no source could tell
        notes TEXT NOT NULL                      -- JSON
    );
    CREATE TABLE arrival (
        run INTEGER NOT NULL REFERENCES run,
        number INTEGER NOT NULL,                 -- in printing order
        place TEXT NOT NULL,
        headline TEXT NOT NULL,
        url TEXT NOT NULL,
        arrivals INTEGER,                        -- NULL: fewer than five
        PRIMARY KEY (run, number)
    ) WITHOUT ROWID;
    CREATE TABLE ranking (
        run INTEGER NOT NULL REFERENCES run,
        ranking TEXT NOT NULL,
        ndcg REAL NOT NULL,
        capture REAL NOT NULL,
        PRIMARY KEY (run, ranking)
    ) WITHOUT ROWID;
    ",
    "
    -- Newsletters that share a ledger may have an edition of one day each.
    DROP INDEX run_of_edition;
    CREATE UNIQUE INDEX run_of_edition ON run (newsletter, slug, outbox) WHERE frozen IS NOT NULL;

    -- Who left one of several newsletters and may get the others. Who is in `suppressed` gets none.
    CREATE TABLE left_newsletter (
        reader INTEGER NOT NULL REFERENCES reader,
        newsletter TEXT NOT NULL,                -- its id, as in run
        since INTEGER NOT NULL,
        PRIMARY KEY (reader, newsletter)
    ) WITHOUT ROWID;

    -- The names of the newsletters that were asked for (JSON); the first sends the letter. None: there was one newsletter.
    ALTER TABLE sign_up ADD COLUMN newsletters TEXT NOT NULL DEFAULT '[]';
    ",
    "
    -- The number of the letter of welcome that was last begun or passed over, and before when the next one is not due; 4: there are no more.
    -- Who confirmed before these columns were is not welcomed.
    ALTER TABLE sign_up ADD COLUMN welcome INTEGER NOT NULL DEFAULT 4;
    ALTER TABLE sign_up ADD COLUMN welcome_next INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX sign_up_welcome ON sign_up (welcome_next) WHERE confirmed IS NOT NULL AND welcome < 4;
    ",
    "
    -- When a reader last did something on our pages, or came into the file; when they were asked whether they still want letters, and when silence
    -- paused them. No opened letter and no click is in it.
    CREATE TABLE sign_of_life (
        reader INTEGER PRIMARY KEY REFERENCES reader,
        at INTEGER NOT NULL,
        asked INTEGER,
        paused INTEGER
    );
    CREATE INDEX sign_of_life_at ON sign_of_life (at) WHERE asked IS NULL;
    CREATE INDEX sign_of_life_asked ON sign_of_life (asked) WHERE asked IS NOT NULL;
    ",
    "
    -- What edition files said: every save that was seen.
    CREATE TABLE edition_version (
        newsletter TEXT NOT NULL,                -- its id, as in run
        slug TEXT NOT NULL,
        number INTEGER NOT NULL,                 -- from 1 on
        seen INTEGER NOT NULL,
        origin TEXT NOT NULL,                    -- draft, file, restore
        by TEXT,                                 -- who was logged in; NULL: not known
        bytes INTEGER NOT NULL,                  -- of the text
        text BLOB NOT NULL,                      -- packed by zlib
        PRIMARY KEY (newsletter, slug, number)
    );
    CREATE INDEX edition_version_seen ON edition_version (seen);
    ",
    "
    -- The list of readers, where it is here instead of in the newsroom's file: as long as `subscriber_list` has its row.
    CREATE TABLE subscriber (
        id INTEGER PRIMARY KEY,                  -- in the list's order
        reader INTEGER NOT NULL UNIQUE REFERENCES reader,
        address TEXT NOT NULL,                   -- as written
        since TEXT,                              -- the day
        consent TEXT,
        preferences TEXT                         -- JSON, as in change; NULL: they chose nothing
    );
    CREATE TABLE subscriber_list (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        version INTEGER NOT NULL                 -- another number after each change of the list
    );
    ",
    "
    -- Signatures of a provider that do not cover what they came with (Mailgun's): each is good for one body.
    CREATE TABLE event_signature (
        token BLOB PRIMARY KEY,
        body BLOB NOT NULL,
        at INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX event_signature_at ON event_signature (at);
    ",
    "
    -- 1: a letter of one story, sent at once. Whoever asks for a newsletter's runs without naming it means none of these.
    ALTER TABLE run ADD COLUMN alert INTEGER NOT NULL DEFAULT 0;

    -- The hours of a run that goes out by readers' own clocks: no copy is claimed before `at`, nor from `until` on.
    CREATE TABLE release (
        run INTEGER NOT NULL REFERENCES run,
        number INTEGER NOT NULL,                 -- from 1 on, in the order of `at`
        zones TEXT NOT NULL,                     -- whose clocks these are, for people
        at INTEGER NOT NULL,
        until INTEGER NOT NULL,
        PRIMARY KEY (run, number)
    ) WITHOUT ROWID;
    ALTER TABLE copy ADD COLUMN release INTEGER; -- its number; NULL: at once
    ",
    "
    -- 1: alerts were asked for too.
    ALTER TABLE sign_up ADD COLUMN alerts INTEGER NOT NULL DEFAULT 0;
    ",
    "
    -- The names of relays, where there are several.
    CREATE TABLE relay (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE
    );
    -- Which relays a run went on without, when it last went on.
    CREATE TABLE relay_left (
        run INTEGER NOT NULL REFERENCES run,
        relay INTEGER NOT NULL REFERENCES relay,
        at INTEGER NOT NULL,
        why TEXT NOT NULL,
        PRIMARY KEY (run, relay)
    ) WITHOUT ROWID;
    -- Which of several relays a copy was last claimed for; NULL: none yet, or there was one relay.
    ALTER TABLE copy ADD COLUMN relay INTEGER;
    -- 1: it is queued again although that relay may have it, so it goes to no other.
    ALTER TABLE copy ADD COLUMN doubt INTEGER;
    ",
    "
    -- Who said that an edition may go out with these pages.
    CREATE TABLE approval (
        id INTEGER PRIMARY KEY,
        newsletter TEXT NOT NULL,                -- its id, as in run
        slug TEXT NOT NULL,
        pages BLOB NOT NULL,                     -- SHA-256 of all that readers would get
        version INTEGER,                         -- of the edition file, as in edition_version
        by TEXT NOT NULL,                        -- the key of the address
        way TEXT NOT NULL,                       -- shell, link, desk
        login TEXT,                              -- the name under which who typed it was logged in
        at INTEGER NOT NULL,
        UNIQUE (newsletter, slug, pages, by)
    );

    -- The links in proofs, by which an approver says so once. Numbers are never used twice: they are in the links.
    CREATE TABLE approval_link (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        newsletter TEXT NOT NULL,
        slug TEXT NOT NULL,
        pages BLOB NOT NULL,
        version INTEGER,
        by TEXT NOT NULL,
        until INTEGER NOT NULL,
        spent INTEGER,
        pressed TEXT                             -- approve, hold
    );
    CREATE INDEX approval_link_until ON approval_link (until);

    -- Who let it go (JSON); NULL: nobody had to.
    ALTER TABLE run ADD COLUMN let_go TEXT;
    -- The run that it corrects: its letters answer that run's.
    ALTER TABLE run ADD COLUMN corrects INTEGER;
    ",
];
