//! The form that asks for a proof. Sending it is the caller's work: the order goes out by a channel, the answer comes back.
//!
//! A form is good once: its token is new with every use, so that a page opened elsewhere, a form sent twice or a replay sends nothing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use tokio::sync::oneshot;
use url::form_urlencoded;

use super::orders::{DeskOrder, OrderDesk, ProofAnswer, Wanted};
use super::switches::Switches;
use crate::model::edition::Slug;
use crate::model::line::Line;

/// The longest form that is read, in bytes: an address has at most 254.
pub(super) const LONGEST: usize = 2_048;

/// The form as it is on the page now.
pub(super) struct ProofForm {
    orders: OrderDesk,
    fields: Mutex<ProofFormState>,
}

#[derive(Default)]
struct ProofFormState {
    token: String,
    last: Option<ProofAnswer>,
}

impl ProofForm {
    pub(super) fn new(orders: OrderDesk) -> Arc<Self> {
        let token = token(orders.random);
        let fields = Mutex::new(ProofFormState { token, last: None });
        Arc::new(Self { orders, fields })
    }

    /// The token that must come back, and what came of the last proof.
    pub(super) fn now(&self) -> (String, Option<ProofAnswer>) {
        let fields = self.fields();
        (fields.token.clone(), fields.last.clone())
    }

    /// Takes a filled form from `who`; the switches of the page it came from.
    pub(super) async fn take(&self, body: &Bytes, slug: Slug, who: Line) -> Switches {
        let field = |name: &str| {
            let found = form_urlencoded::parse(body).find(|(key, _)| key == name);
            found
                .map(|(_, value)| value.into_owned())
                .unwrap_or_default()
        };
        let answer = self.ask(&field("token"), field("to"), slug, who).await;
        self.fields().last = Some(answer);
        Switches::read(&field("switches"))
    }

    async fn ask(&self, token: &str, to: String, slug: Slug, who: Line) -> ProofAnswer {
        let says = |words: &str| ProofAnswer {
            accepted: false,
            words: Line::clean(words),
        };
        if !self.spend(token) {
            return says("nothing was sent: the form was an old one; it is fresh now");
        }
        let (answer, answered) = oneshot::channel();
        let order = DeskOrder {
            newsletter: self.orders.newsletter.clone(),
            slug,
            who,
            wanted: Wanted::Proof { to, answer },
        };
        if self.orders.requests.send(order).await.is_err() {
            return says("nothing was sent: the preview is ending");
        }
        answered
            .await
            .unwrap_or_else(|_| says("the preview ended before the relay answered"))
    }

    /// Whether the token was the right one; it never is again.
    fn spend(&self, shown: &str) -> bool {
        let mut fields = self.fields();
        let right = !shown.is_empty() && fields.token == shown;
        if right {
            fields.token = token(self.orders.random);
        }
        right
    }

    fn fields(&self) -> MutexGuard<'_, ProofFormState> {
        // Nothing in here panics half-way.
        self.fields.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a page must know to ask for anything; empty, which is never right, when there are no random bytes.
pub(super) fn token(random: fn() -> Option<[u8; 16]>) -> String {
    random().map_or_else(String::new, |bytes| {
        format!("{:032x}", u128::from_be_bytes(bytes))
    })
}
