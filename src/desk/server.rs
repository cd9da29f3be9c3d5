//! The routes, and the server's life from the first connection to the last. `page` draws the page.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State as Here};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use futures_util::{Stream, StreamExt as _};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;

use super::editor::{self, Editor};
use super::guard::{self, Port, guard};
use super::presence::{Presence, Whereabouts};
use super::proof_form::{self, ProofForm};
use super::switches::{Scheme, Styles, Switches};
use super::{Proofs, Showing, Variant, page, state_json, work};
use crate::model::picture::PictureName;
use crate::newsroom;

/// How long an open connection may hold up the end. A browser's idle spare connection would hold it up for ever.
const GRACE: Duration = Duration::from_millis(500);

/// What the letter's HTML may do, whatever is in it: style itself and show pictures. `allow-same-origin` lets our own page measure the
/// letter's height and keep its place; without `allow-scripts` it gives the letter nothing. Links open outside the frame.
const LETTER_POLICY: &str = "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
    form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

/// The style sheets, each behind what both have in common.
const STYLE: &str = concat!(
    include_str!("assets/tokens.css"),
    include_str!("assets/style.css")
);
const DESK_STYLE: &str = concat!(
    include_str!("assets/tokens.css"),
    include_str!("assets/desk.css")
);

#[derive(Clone)]
struct DeskState {
    showing: watch::Receiver<Arc<Showing>>,
    form: Arc<ProofForm>,
    /// `None`: the page only shows.
    editor: Option<Arc<Editor>>,
    presence: Arc<Presence>,
    /// Its sender is dropped when the server is to end.
    open: watch::Receiver<()>,
}

/// Shows what `showing` holds until `shutdown` is ready; then event streams end, and nothing is held up longer than half a second.
///
/// The listener must be bound to a loopback address: requests that name another host are refused.
///
/// # Errors
/// The listener failed.
pub(super) async fn serve(
    listener: TcpListener,
    showing: watch::Receiver<Arc<Showing>>,
    (proofs, editor): (Proofs, Option<Editor>),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let port = Port(listener.local_addr()?.port());
    let (closing, open) = watch::channel(());
    let routes = Router::new()
        .route("/", get(first))
        .route("/preview", get(whole))
        .route("/here", post(here))
        .route(
            "/save",
            post(save).layer(DefaultBodyLimit::max(editor::LONGEST)),
        )
        .route("/html", get(html))
        .route("/text", get(text))
        .route("/source", get(source))
        .route("/eml", get(eml))
        .route("/web", get(web))
        .route("/pictures/{name}", get(picture))
        .route(
            "/proof",
            post(proof).layer(DefaultBodyLimit::max(proof_form::LONGEST)),
        )
        .route("/state.json", get(json))
        .route("/events", get(events))
        .route(
            "/style.css",
            get(async || asset("text/css; charset=utf-8", STYLE)),
        )
        .route(
            "/inverted.css",
            get(async || {
                asset(
                    "text/css; charset=utf-8",
                    include_str!("assets/inverted.css"),
                )
            }),
        )
        .route(
            "/script.js",
            get(async || {
                asset(
                    "text/javascript; charset=utf-8",
                    include_str!("assets/script.js"),
                )
            }),
        )
        .route(
            "/desk.css",
            get(async || asset("text/css; charset=utf-8", DESK_STYLE)),
        )
        .route(
            "/desk/{name}",
            get(async |Path(name): Path<String>| module(&name)),
        )
        .route(
            "/icon.svg",
            get(async || asset("image/svg+xml", include_str!("assets/icon.svg"))),
        )
        .fallback(async || (StatusCode::NOT_FOUND, "there is no such page\n"))
        .layer(middleware::from_fn_with_state(port, guard))
        .with_state(DeskState {
            showing,
            form: ProofForm::new(proofs),
            editor: editor.map(Arc::new),
            presence: Presence::new(),
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

/// The desk, or the preview where nobody may edit.
async fn first(Here(site): Here<DeskState>, uri: Uri) -> Response {
    let Some(editor) = &site.editor else {
        return whole(Here(site), uri).await.into_response();
    };
    let (token, answer) = site.form.now();
    let form = page::ProofFormView {
        token: &token,
        answer: answer.as_ref(),
    };
    let desk = work::page(&site.now(), &Switches::of(&uri), &form, editor.token());
    under(guard::DESK_POLICY, Html(desk.into_string()))
}

async fn save(Here(site): Here<DeskState>, headers: HeaderMap, body: Bytes) -> Response {
    let editor = match allowed(&site, &headers) {
        Ok(editor) => editor,
        Err(refused) => return refused.into_response(),
    };
    let (status, answer) = editor.save(&site.now(), &body).await;
    let kind = [(header::CONTENT_TYPE, "application/json")];
    (status, kind, answer.to_string()).into_response()
}

async fn here(Here(site): Here<DeskState>, headers: HeaderMap, body: Bytes) -> Response {
    if let Err(refused) = allowed(&site, &headers) {
        return refused.into_response();
    }
    match serde_json::from_slice::<Whereabouts>(&body) {
        Ok(at) => {
            site.presence.moves(&at);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, error.to_string()).into_response(),
    }
}

/// The editor, if the page has its token.
fn allowed<'s>(
    site: &'s DeskState,
    headers: &HeaderMap,
) -> Result<&'s Editor, (StatusCode, &'static str)> {
    let editor = site.editor.as_deref();
    let editor = editor.ok_or((StatusCode::NOT_FOUND, "this page only shows\n"))?;
    let token = headers
        .get(editor::TOKEN)
        .and_then(|token| token.to_str().ok());
    if editor.token().is_empty() || token != Some(editor.token()) {
        let words = "this page is of another desk; it is to be loaded again\n";
        return Err((StatusCode::FORBIDDEN, words));
    }
    Ok(editor)
}

/// A part of the desk's script.
fn module(name: &str) -> Response {
    let text = match name {
        "main.js" => include_str!("assets/desk/main.js"),
        "hands.js" => include_str!("assets/desk/hands.js"),
        "keep.js" => include_str!("assets/desk/keep.js"),
        "letter.js" => include_str!("assets/desk/letter.js"),
        "quarrels.js" => include_str!("assets/desk/quarrels.js"),
        "rows.js" => include_str!("assets/desk/rows.js"),
        _ => return (StatusCode::NOT_FOUND, "there is no such page\n").into_response(),
    };
    asset("text/javascript; charset=utf-8", text).into_response()
}

async fn whole(Here(site): Here<DeskState>, uri: Uri) -> Html<String> {
    let showing = site.now();
    let (token, answer) = site.form.now();
    let form = page::ProofFormView {
        token: &token,
        answer: answer.as_ref(),
    };
    Html(page::page(&showing, &Switches::of(&uri), &form).into_string())
}

async fn html(Here(site): Here<DeskState>, uri: Uri) -> Response {
    let switches = Switches::of(&uri);
    let showing = site.now();
    with_variant(&showing, &switches, |variant| {
        let mut html = showing.with_pictures_here(&variant.html);
        if switches.scheme == Scheme::Inverted {
            html = html.replacen("<head>", INVERTED, 1);
        }
        under(&letter_policy(&switches), Html(html))
    })
}

/// How a page gets the style sheet that turns its colors over.
const INVERTED: &str = "<head><link rel=\"stylesheet\" href=\"/inverted.css\">";

/// The switches that hide something from the reader. The browser drops what a policy forbids, as a client drops it; the letter's bytes stay.
fn letter_policy(switches: &Switches) -> String {
    let (elements, attributes) = match switches.styles {
        Styles::All => (" 'unsafe-inline'", "'unsafe-inline'"),
        Styles::Inline => ("", "'unsafe-inline'"),
        Styles::None => ("", "'none'"),
    };
    let pictures = if switches.pictures_off {
        "'none'"
    } else {
        "http: https:"
    };
    // `'self'` is for the sheet that inverts.
    format!(
        "{LETTER_POLICY}; style-src-elem 'self'{elements}; style-src-attr {attributes}; img-src {pictures}"
    )
}

fn under(policy: &str, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    if let Ok(policy) = HeaderValue::try_from(policy) {
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

async fn web(Here(site): Here<DeskState>) -> Response {
    let showing = site.now();
    match &showing.web {
        Some(page) => {
            let page = showing.with_pictures_here(page);
            under(&letter_policy(&Switches::default()), Html(page))
        }
        None => (StatusCode::NOT_FOUND, "there is no web edition yet\n").into_response(),
    }
}

async fn picture(Here(site): Here<DeskState>, Path(name): Path<String>) -> Response {
    let folder = site
        .now()
        .pictures
        .as_ref()
        .map(|pictures| pictures.folder.clone());
    let found = folder.zip(name.parse::<PictureName>().ok());
    let read = tokio::task::spawn_blocking(move || {
        let (folder, name) = found?;
        newsroom::pictures::get(&folder, &name)
    });
    match read.await {
        Ok(Some((kind, octets))) => ([(header::CONTENT_TYPE, kind)], octets).into_response(),
        _ => (StatusCode::NOT_FOUND, "there is no such picture\n").into_response(),
    }
}

async fn proof(Here(site): Here<DeskState>, body: Bytes) -> Redirect {
    let switches = site.form.take(&body).await;
    let query = switches.query();
    Redirect::to(&if query.is_empty() {
        "/".to_owned()
    } else {
        format!("/?{query}")
    })
}

async fn text(Here(site): Here<DeskState>, uri: Uri) -> Response {
    with_variant(&site.now(), &Switches::of(&uri), |variant| {
        variant.text.clone().into_response()
    })
}

async fn source(Here(site): Here<DeskState>) -> Response {
    match &site.now().source {
        Some(source) => source.text.clone().into_response(),
        None => (StatusCode::NOT_FOUND, "there is no edition file yet\n").into_response(),
    }
}

async fn eml(Here(site): Here<DeskState>, uri: Uri) -> Response {
    let showing = site.now();
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

async fn json(Here(site): Here<DeskState>) -> Response {
    let body = state_json::json(&site.now()).to_string();
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// The version; to a page of the desk, which says what it is called, also who else is here.
async fn events(
    Here(site): Here<DeskState>,
    uri: Uri,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let versions = WatchStream::new(site.showing)
        .map(|showing| Event::default().data(showing.version.to_string()));
    let query = uri.query().unwrap_or_default().as_bytes();
    let tab = url::form_urlencoded::parse(query).find(|(key, _)| key == "tab");
    let presence = &site.presence;
    let here = tab.filter(|_| site.editor.is_some()).map(|(_, tab)| {
        // As long as this is listened to, its page is here.
        let listening = presence.enter(&tab);
        WatchStream::new(presence.seen()).map(move |seats| {
            let _here = &listening;
            let seats = serde_json::to_string(&seats).unwrap_or_default();
            Event::default().event("here").data(seats)
        })
    });
    let here = futures_util::stream::iter(here).flatten();
    let all = futures_util::stream::select(versions, here)
        .map(Ok)
        .take_until(closed(site.open));
    Sse::new(all).keep_alive(KeepAlive::default())
}

fn with_variant(
    showing: &Showing,
    switches: &Switches,
    answer: impl FnOnce(&Variant) -> Response,
) -> Response {
    let before = showing.before.as_ref().map(|before| &before.variants);
    let variants = match before {
        Some(before) if switches.before => before,
        _ => &showing.variants,
    };
    if let Some(variant) = variants.get(switches.variant) {
        return answer(variant);
    }
    let what = format!(
        "there is no variant {}, but only {}\n",
        switches.variant,
        variants.len()
    );
    (StatusCode::NOT_FOUND, what).into_response()
}

fn asset(kind: &'static str, body: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind)], body)
}

impl DeskState {
    fn now(&self) -> Arc<Showing> {
        Arc::clone(&self.showing.borrow())
    }
}
