//! What is answered of one edition. Addresses in its pages are relative, so that they are the same at the root of a desk and below a team's.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Extension, Path, State as Here};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use futures_util::{Stream, StreamExt as _};
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;

use super::editor::{self, Editor};
use super::guard::{self, Person};
use super::presence::{Presence, Whereabouts};
use super::proof_form::{self, ProofForm};
use super::server::Open;
use super::switches::{Scheme, Styles, Switches};
use super::work::DeskView;
use super::{Showing, Variant, page, state_json, work};
use crate::model::picture::PictureName;
use crate::newsroom;

/// What the letter's HTML may do, whatever is in it: style itself and show pictures. `allow-same-origin` lets our own page measure the
/// letter's height and keep its place; without `allow-scripts` it gives the letter nothing. Links open outside the frame.
const LETTER_POLICY: &str = "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; \
    form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

/// What the pages of one edition are made of, and what they can do.
#[derive(Clone)]
pub(super) struct DeskState {
    pub(super) showing: watch::Receiver<Arc<Showing>>,
    pub(super) form: Arc<ProofForm>,
    /// `None`: the page only shows.
    pub(super) editor: Option<Arc<Editor>>,
    pub(super) presence: Arc<Presence>,
    /// Whether it is one of a team's editions.
    pub(super) is_teams: bool,
    pub(super) open: Open,
}

pub(super) fn routes(state: DeskState) -> Router {
    Router::new()
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
            "/desk/{name}",
            get(async |Path(name): Path<String>| module(&name)),
        )
        .route(
            "/{name}",
            get(async |Path(name): Path<String>| asset(&name)),
        )
        .fallback(async || NO_SUCH_PAGE)
        .with_state(state)
}

const NO_SUCH_PAGE: (StatusCode, &str) = (StatusCode::NOT_FOUND, "there is no such page\n");

/// The desk, or the preview where nobody may edit.
async fn first(
    Here(site): Here<DeskState>,
    Extension(Person(who)): Extension<Person>,
    uri: Uri,
) -> Response {
    let Some(editor) = &site.editor else {
        return whole(Here(site), uri).await.into_response();
    };
    let (token, answer) = site.form.now();
    let form = page::ProofFormView {
        token: &token,
        answer: answer.as_ref(),
    };
    let desk = work::page(&DeskView {
        showing: &site.now(),
        switches: &Switches::of(&uri),
        form: &form,
        token: editor.token(),
        who: &who,
        is_teams: site.is_teams,
    });
    under(guard::DESK_POLICY, Html(desk.into_string()))
}

async fn save(
    Here(site): Here<DeskState>,
    Extension(Person(who)): Extension<Person>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let editor = match allowed(&site, &headers) {
        Ok(editor) => editor,
        Err(refused) => return refused.into_response(),
    };
    let (status, answer) = editor.save(&site.now(), &body, who).await;
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
        _ => return NO_SUCH_PAGE.into_response(),
    };
    ([(header::CONTENT_TYPE, SCRIPT)], text).into_response()
}

const SCRIPT: &str = "text/javascript; charset=utf-8";
const SHEET: &str = "text/css; charset=utf-8";

/// Style sheets, each behind what both have in common; the preview's script, the icon.
pub(super) fn asset(name: &str) -> Response {
    let (kind, text) = match name {
        "style.css" => (
            SHEET,
            concat!(
                include_str!("assets/tokens.css"),
                include_str!("assets/style.css")
            ),
        ),
        "desk.css" => (
            SHEET,
            concat!(
                include_str!("assets/tokens.css"),
                include_str!("assets/desk.css")
            ),
        ),
        "inverted.css" => (SHEET, include_str!("assets/inverted.css")),
        "script.js" => (SCRIPT, include_str!("assets/script.js")),
        "icon.svg" => ("image/svg+xml", include_str!("assets/icon.svg")),
        _ => return NO_SUCH_PAGE.into_response(),
    };
    ([(header::CONTENT_TYPE, kind)], text).into_response()
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
const INVERTED: &str = "<head><link rel=\"stylesheet\" href=\"inverted.css\">";

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

pub(super) fn under(policy: &str, answer: impl IntoResponse) -> Response {
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

async fn proof(
    Here(site): Here<DeskState>,
    Extension(Person(who)): Extension<Person>,
    body: Bytes,
) -> Redirect {
    let slug = site.now().slug.clone();
    let switches = site.form.take(&body, slug, who).await;
    let query = switches.query();
    Redirect::to(&if query.is_empty() {
        "./".to_owned()
    } else {
        format!("./?{query}")
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
    Extension(Person(who)): Extension<Person>,
    uri: Uri,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let versions = WatchStream::new(site.showing)
        .map(|showing| Event::default().data(showing.version.to_string()));
    let query = uri.query().unwrap_or_default().as_bytes();
    let tab = url::form_urlencoded::parse(query).find(|(key, _)| key == "tab");
    let presence = &site.presence;
    let here = tab.filter(|_| site.editor.is_some()).map(|(_, tab)| {
        // As long as this is listened to, its page is here.
        let listening = presence.enter(&tab, who);
        WatchStream::new(presence.seen()).map(move |seats| {
            let _here = &listening;
            let seats = serde_json::to_string(&seats).unwrap_or_default();
            Event::default().event("here").data(seats)
        })
    });
    let here = futures_util::stream::iter(here).flatten();
    let all = futures_util::stream::select(versions, here)
        .map(Ok)
        .take_until(site.open.closed());
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

impl DeskState {
    fn now(&self) -> Arc<Showing> {
        Arc::clone(&self.showing.borrow())
    }
}
