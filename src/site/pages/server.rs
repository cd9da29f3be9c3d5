//! Connections, from the first to the last. hyper speaks HTTP/1.1; here is how many there are, and how long each may take.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::limits;
use super::meters::VisitListener;
use super::router::Site;
use super::state::SiteState;
use crate::model::stop::Stop;
use crate::site::service::Service;

/// The most connections at a time; more wait in the listener's queue.
const CONNECTIONS: usize = 1_024;
/// The most of them from one client. A proxy that is trusted has all of them.
const OF_ONE: usize = 64;
/// Longer than this a request's head is not waited for, nor the next request of a connection.
const HEAD: Duration = Duration::from_secs(10);
/// After this a connection takes no further request, so that one who reads too slowly does not hold it for ever.
const LIFE: Duration = Duration::from_mins(1);
/// How long it then has for the last answer; also how long the last answers may hold up the end.
const GRACE: Duration = Duration::from_secs(10);
/// The most octets of a request's head, and its most fields. hyper answers 431 to more.
const HEAD_OCTETS: usize = 16 << 10;
const HEAD_FIELDS: usize = 64;

/// Serves readers' pages until the stop is asked for; then answers what was asked, for ten seconds at most.
///
/// # Errors
/// The listener does not know its own address.
pub async fn serve(
    listener: TcpListener,
    service: Arc<Service>,
    report: VisitListener,
    stop: &Stop,
) -> std::io::Result<()> {
    let site = Site::new(SiteState::new(service), listener.local_addr()?, report);
    let (site, free) = (Arc::new(site), Arc::new(Semaphore::new(CONNECTIONS)));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.asked() => break,
            Some(_) = connections.join_next() => {}
            accepted = accept(&listener, &free) => if let Some((permit, stream, peer)) = accepted {
                let (site, stop) = (Arc::clone(&site), stop.clone());
                connections.spawn(async move {
                    let pages = &site.pages;
                    let most = if pages.proxies.hold(peer.ip()) { CONNECTIONS } else { OF_ONE };
                    if let Some(_entered) = pages.connections.enter(limits::client(peer.ip()), most) {
                        answer(stream, peer, &site, &stop).await;
                    }
                    drop(permit);
                });
            },
        }
    }
    drop(listener);
    _ = timeout(GRACE, async {
        while connections.join_next().await.is_some() {}
    })
    .await;
    Ok(())
}

/// The next connection, once there is room for it. A failure is the machine's (too many open files): it passes.
async fn accept(
    listener: &TcpListener,
    free: &Arc<Semaphore>,
) -> Option<(OwnedSemaphorePermit, TcpStream, SocketAddr)> {
    let permit = Arc::clone(free).acquire_owned().await.ok()?;
    if let Ok((stream, peer)) = listener.accept().await {
        Some((permit, stream, peer))
    } else {
        sleep(Duration::from_millis(50)).await;
        None
    }
}

/// Answers all requests of a connection.
async fn answer(stream: TcpStream, peer: SocketAddr, site: &Site, stop: &Stop) {
    // Without it a small answer may wait for the client's acknowledgement.
    _ = stream.set_nodelay(true);
    let service = service_fn(
        |request: hyper::Request<hyper::body::Incoming>| async move {
            let response = site.answer(peer.ip(), request.map(Body::new)).await;
            Ok::<_, Infallible>(response)
        },
    );
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // A program that has nothing more to say (`nc`, HTTP/1.0) still wants its answer.
        .half_close(true)
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_OCTETS)
        .max_headers(HEAD_FIELDS)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stop.asked() => {}
        () = sleep(LIFE) => {}
    }
    connection.as_mut().graceful_shutdown();
    _ = timeout(GRACE, connection).await;
}
