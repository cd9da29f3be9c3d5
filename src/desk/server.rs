//! The server's life, from the first connection to the last.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::guard::{Entrance, guard};

/// How long an open connection may hold up the end. A browser's idle spare connection would hold it up for ever.
const GRACE: Duration = Duration::from_millis(500);

/// Tells event streams that the server ends.
pub(super) struct Closing {
    closing: watch::Sender<()>,
    open: Open,
}

/// Open until the server is to end.
#[derive(Clone)]
pub(super) struct Open(watch::Receiver<()>);

impl Closing {
    pub(super) fn new() -> Self {
        let (closing, open) = watch::channel(());
        Self {
            closing,
            open: Open(open),
        }
    }

    pub(super) fn open(&self) -> Open {
        self.open.clone()
    }
}

impl Open {
    pub(super) async fn closed(mut self) {
        while self.0.changed().await.is_ok() {}
    }
}

/// Answers whom `entrance` lets in until `shutdown` is ready; then event streams end, and nothing is held up longer than half a second.
///
/// # Errors
/// The listener failed.
pub(super) async fn serve(
    listener: TcpListener,
    routes: Router,
    entrance: Entrance,
    closing: Closing,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let Closing { closing, open } = closing;
    let routes = routes
        .layer(middleware::from_fn_with_state(Arc::new(entrance), guard))
        .into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, routes).with_graceful_shutdown(async move {
        shutdown.await;
        drop(closing);
    });
    let out_of_patience = async move {
        open.closed().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = served.into_future() => served,
        () = out_of_patience => Ok(()),
    }
}
