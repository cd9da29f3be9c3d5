//! The ledger remembers who was to get each edition and what became of every copy. It never speaks to a mail server, and no other room
//! writes SQL.
//!
//! # States of a copy
//! | state | means | may become |
//! |---|---|---|
//! | queued | to be handed over, not before `next_try` | handing, left out, given up |
//! | handing | claimed: its letter may be on the wire | accepted, rejected, queued, given up, in doubt |
//! | accepted | the relay took responsibility | |
//! | rejected | the relay refused the mailbox for good | |
//! | given up | deferred too often, or too late for its edition | |
//! | in doubt | the relay fell silent after the dot | queued, if a person sends again and has not skipped it |
//! | left out | gets no copy, with a reason | |
//!
//! # Instants
//! * *Freeze*: recipients are staged in batches under a run that is not yet frozen, and that nobody looks at. One commit marks it
//!   frozen: at that instant the send exists. What a crash leaves staged is removed by the next freeze.
//! * *Claim*: queued becomes handing and is committed before the first byte of the letter leaves. The claim looks at the suppression
//!   list in its own transaction: whoever is on it by then gets nothing.
//! * *Settle*: the relay's answer, committed together with the next claim of the same conversation. If that commit fails, the answer is
//!   kept and written on its own before the program ends.
//!
//! # Crash windows
//! | killed | what is found | what is done |
//! |---|---|---|
//! | while staging | a run that is not frozen | removed; nothing was sent |
//! | after the freeze, before a claim | queued rows | handed over |
//! | after a claim, before the dot | a handing row | not sent, but nobody knows: named in doubt, sent again with the same Message-ID |
//! | after the dot, before the settle | a handing row | sent, but nobody knows: the same |
//! | after the settle | settled rows | nothing |
//!
//! So a crash leaves at most one row in doubt for each conversation. No cleverness removes the two windows in the middle: the relay's
//! queue and this file cannot be committed as one.
//!
//! # Files
//! SQLite in WAL mode, `synchronous = FULL`: a commit survives a power cut. Readers (`status`, the preview) never wait for a sender. One
//! sender at a time holds [`SendLock`]; the system drops it when the process ends, however it ends. Not for network file systems.
//! A newsroom that never had a ledger gets one by whatever verb writes first; where one was and is gone, none is made but by [`Ledger::start_anew`].

mod bounces;
mod copies;
mod error;
mod file;
mod lock;
mod policy;
mod readers;
mod relays;
mod run;
mod sqlite;
mod state;
mod writer;

pub use bounces::{BounceOutcome, CameBack, Comeback, Reported, Returned};
pub use copies::{
    Claim, Claimed, CommitRequest, CopyStatus, Doubtful, Fate, QueuedCopy, Refused, Settled,
    Settlement,
};
pub use error::LedgerError;
pub use file::LedgerFile;
pub use lock::{LockOf, SendLock, SendLockError};
pub use policy::Patience;
pub use readers::{
    AskedAs, Change, Changes, ComplaintRate, ErasedRows, Fared, Handed, Letters, ReaderChange,
    ReaderRecord, Silent, SubscriberPage, Suppressed, WELCOMES, WaitingLetter, WelcomeDue,
};
pub use relays::{RelayId, RelayLeft, RelayTally, Unanswered};
pub use run::{
    Freeze, LedgerPlace, Pruned, Release, Run, RunId, Seat, SentAlert, SentRun, StoredAnswer,
    Target,
};
pub use sqlite::{FileWatch, FoundRows, Ledger, PackedPages, ReadersWriter, ReadersWriterThread};
pub use writer::{Writer, WriterThread};
