//! The routes, and the server's life from the first connection to the last. What a page looks like is `page`'s affair.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State as Here;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use futures_util::{Stream, StreamExt as _};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;

use super::guard::{Port, guard};
use super::page::Switches;
use super::{Showing, Variant, page, state};

/// How long an open connection may hold up the end. A browser's idle spare connection would hold it up for ever.
const GRACE: Duration = Duration::from_millis(500);

/// What the letter's HTML may do, whatever stands in it: style itself and show pictures. `allow-same-origin` lets our own page measure the
/// letter's height and keep its place; without `allow-scripts` it gives the letter nothing. Links open outside the frame.
const LETTER_POLICY: &str = "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
    style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; img-src ";

#[derive(Clone)]
struct Desk {
    showing: watch::Receiver<Arc<Showing>>,
    /// Its sender is dropped when the server is to end.
    open: watch::Receiver<()>,
}

/// Shows what `showing` holds until `shutdown` is ready; then event streams end, and nothing is held up longer than half a second.
///
/// The listener must be bound to a loopback address: requests that name another host are refused.
///
/// # Errors
/// The listener failed.
pub async fn serve(
    listener: TcpListener,
    showing: watch::Receiver<Arc<Showing>>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let port = Port(listener.local_addr()?.port());
    let (closing, open) = watch::channel(());
    let routes = Router::new()
        .route("/", get(whole))
        .route("/html", get(html))
        .route("/text", get(text))
        .route("/source", get(source))
        .route("/eml", get(eml))
        .route("/state.json", get(json))
        .route("/events", get(events))
        .route(
            "/style.css",
            get(async || asset("text/css; charset=utf-8", include_str!("style.css"))),
        )
        .route(
            "/script.js",
            get(async || asset("text/javascript; charset=utf-8", include_str!("script.js"))),
        )
        .route(
            "/icon.svg",
            get(async || asset("image/svg+xml", include_str!("icon.svg"))),
        )
        .fallback(async || (StatusCode::NOT_FOUND, "there is no such page\n"))
        .layer(middleware::from_fn_with_state(port, guard))
        .with_state(Desk {
            showing,
            open: open.clone(),
        });

    let served = axum::serve(listener, routes).with_graceful_shutdown(async move {
        shutdown.await;
        drop(closing);
    });
    let out_of_patience = async move {
        closed(open).await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        served = served.into_future() => served,
        () = out_of_patience => Ok(()),
    }
}

async fn closed(mut open: watch::Receiver<()>) {
    while open.changed().await.is_ok() {}
}

async fn whole(Here(desk): Here<Desk>, uri: Uri) -> Html<String> {
    let showing = desk.now();
    Html(page::page(&showing, &Switches::of(&uri)).into_string())
}

async fn html(Here(desk): Here<Desk>, uri: Uri) -> Response {
    let showing = desk.now();
    let switches = Switches::of(&uri);
    with_variant(&showing, &switches, |variant| {
        let pictures = if switches.pictures_off {
            "'none'"
        } else {
            "http: https:"
        };
        let mut response = Html(variant.html.clone()).into_response();
        if let Ok(policy) = HeaderValue::try_from(format!("{LETTER_POLICY}{pictures}")) {
            response
                .headers_mut()
                .insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        response
    })
}

async fn text(Here(desk): Here<Desk>, uri: Uri) -> Response {
    with_variant(&desk.now(), &Switches::of(&uri), |variant| {
        variant.text.clone().into_response()
    })
}

async fn source(Here(desk): Here<Desk>) -> Response {
    match &desk.now().source {
        Some(source) => source.text.clone().into_response(),
        None => (StatusCode::NOT_FOUND, "there is no edition file yet\n").into_response(),
    }
}

async fn eml(Here(desk): Here<Desk>, uri: Uri) -> Response {
    let showing = desk.now();
    let switches = Switches::of(&uri);
    with_variant(&showing, &switches, |variant| {
        let number = match switches.variant {
            0 => String::new(),
            more => format!("-{}", more + 1),
        };
        let disposition = format!("attachment; filename=\"{}{number}.eml\"", showing.slug);
        let headers = [
            (header::CONTENT_TYPE, "message/rfc822".to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
        ];
        (headers, variant.letter.clone()).into_response()
    })
}

async fn json(Here(desk): Here<Desk>) -> Response {
    let body = state::json(&desk.now()).to_string();
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

async fn events(Here(desk): Here<Desk>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let versions = WatchStream::new(desk.showing)
        .map(|showing| Ok(Event::default().data(showing.version.to_string())))
        .take_until(closed(desk.open));
    Sse::new(versions).keep_alive(KeepAlive::default())
}

fn with_variant(
    showing: &Showing,
    switches: &Switches,
    answer: impl FnOnce(&Variant) -> Response,
) -> Response {
    if let Some(variant) = showing.variants.get(switches.variant) {
        return answer(variant);
    }
    let what = format!(
        "there is no variant {}, but only {}\n",
        switches.variant,
        showing.variants.len()
    );
    (StatusCode::NOT_FOUND, what).into_response()
}

fn asset(kind: &'static str, body: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind)], body)
}

impl Desk {
    fn now(&self) -> Arc<Showing> {
        Arc::clone(&self.showing.borrow())
    }
}
