//! From a request to its answer: what the guard lets in goes to its page, and what comes out has the headers that keep a browser safe.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use tokio::time::Instant;

use super::guard::{self, Called};
use super::meters::{PAGES, Visit, VisitListener};
use super::state::{self, Client, Here, SiteState};
use super::{approval, archive, events, join, pictures, question, reader};
use crate::model::public::Public;

/// What our pages may load and do: our style sheet, and forms to ourselves.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// All pages, and who may see them.
pub(super) struct Site {
    pub(super) pages: Arc<SiteState>,
    listens: SocketAddr,
    report: VisitListener,
    public: TowerToHyperService<Router>,
    /// With the pages for those who run the program.
    internal: TowerToHyperService<Router>,
}

impl Site {
    /// `listens` is the listener's own address.
    pub(super) fn new(pages: SiteState, listens: SocketAddr, report: VisitListener) -> Self {
        let pages = Arc::new(pages);
        let watched = Router::new()
            .route("/healthz", get(async || "alive\n"))
            .route("/readyz", get(state::ready))
            .route("/metrics", get(state::metrics));
        let whole = |router: Router<Arc<SiteState>>| {
            let not_allowed =
                async |State(pages): Here| pages.frame.unread(StatusCode::METHOD_NOT_ALLOWED);
            let router = router
                .route_layer(middleware::from_fn(named))
                .method_not_allowed_fallback(not_allowed)
                .fallback(async |pages: Here| pages.frame.lost())
                .with_state(Arc::clone(&pages));
            TowerToHyperService::new(router)
        };
        Self {
            listens,
            report,
            public: whole(public(&pages)),
            internal: whole(public(&pages).merge(watched)),
            pages,
        }
    }

    /// Answers, and reports that it has.
    pub(super) async fn answer(&self, peer: IpAddr, request: Request) -> Response {
        let began = Instant::now();
        let is_post = request.method() == Method::POST;
        let mut response = self.page(peer, request).await;
        let matched = response.extensions_mut().remove::<MatchedPath>();
        let route = matched.as_ref().map_or("", MatchedPath::as_str);
        let route = match route {
            "/editions/{day}/{below}" => "/editions/{day}",
            "/answer/{day}/{answer}/{below}" => "/answer/{day}/{answer}",
            route => route,
        };
        let page = PAGES.iter().position(|(known, _)| *known == route);
        let visit = Visit {
            page: PAGES[page.unwrap_or(0)].1,
            is_post,
            status: response.status().as_u16(),
            took: began.elapsed(),
        };
        self.pages.meters.visit(page.unwrap_or(0), &visit);
        // Of pictures there is a number only: a line with its time, for each, would say when a letter was opened.
        if visit.page != "picture" {
            (self.report)(&visit);
        }
        secure(response.headers_mut());
        response
    }

    async fn page(&self, peer: IpAddr, mut request: Request<Body>) -> Response {
        let publication = &self.pages.frame.publication;
        let (headers, public) = (request.headers(), &publication.public);
        let Some(called) = guard::called(headers, request.uri(), public, self.listens) else {
            let line = "this server does not answer to that name\n";
            return (StatusCode::MISDIRECTED_REQUEST, line).into_response();
        };
        let router = if called == Called::Here && !guard::is_forwarded(headers) {
            &self.internal
        } else {
            &self.public
        };
        let client = self.pages.proxies.client(headers, peer);
        if let Some(uri) = below(request.uri(), public) {
            *request.uri_mut() = uri;
        }
        request.extensions_mut().insert(Client(client));
        match router.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

fn public(pages: &Arc<SiteState>) -> Router<Arc<SiteState>> {
    let style = async |State(pages): Here, RawQuery(version): RawQuery, headers: HeaderMap| {
        let version = version.unwrap_or_default();
        let mut frames = pages.frames.iter();
        let asked = frames.find(|frame| frame.style.version() == version);
        asked.unwrap_or(&pages.frame).style.reply(&headers)
    };
    let limited = Router::new()
        .route(
            "/confirm/{token}",
            get(reader::ask_to_confirm).post(reader::confirm),
        )
        .route(
            "/preferences/{token}",
            get(reader::preferences).post(reader::change),
        )
        .route("/preferences/{token}/weekly", post(reader::weekly))
        .route("/stay/{token}", get(reader::ask_to_stay).post(reader::stay))
        .route("/preferences/{token}/data", get(reader::export))
        .route(
            "/preferences/{token}/erase",
            get(reader::ask_to_erase).post(reader::erase),
        )
        .route("/approve/{token}", get(approval::ask).post(approval::press))
        .route(
            "/answer/{day}/{answer}",
            get(question::ask).post(question::count),
        )
        .route(
            "/answer/{day}/{answer}/{below}",
            get(question::ask).post(question::count),
        )
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(pages),
            state::limited,
        ));
    let open = Router::new()
        .route(
            "/",
            get(join::form).post(join::sign_up).options(join::may_send),
        )
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(pages),
            join::for_sites,
        ));
    let router = limited
        .merge(open)
        .route(
            "/leave/{token}",
            get(reader::ask_to_leave).post(reader::leave),
        )
        .route("/pictures/{name}", get(pictures::picture))
        .route("/style.css", get(style));
    let router = if pages.service.events.is_empty() {
        router
    } else {
        router.route("/hooks/{provider}/{secret}", post(events::take))
    };
    if !pages.frame.publication.public.archive {
        return router;
    }
    router
        .route("/editions", get(archive::editions))
        .route("/editions/{day}", get(archive::edition))
        .route("/editions/{day}/{below}", get(archive::edition_of))
        .route("/editions.atom", get(archive::feed))
}

/// The path below the public address's own, if a proxy has left that there.
fn below(uri: &Uri, public: &Public) -> Option<Uri> {
    let whole = public.path().trim_end_matches('/');
    let inner = uri.path().strip_prefix(whole)?;
    if whole.is_empty() || !(inner.is_empty() || inner.starts_with('/')) {
        return None;
    }
    let (slash, query) = (if inner.is_empty() { "/" } else { "" }, uri.query());
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    format!("{slash}{inner}{query}").parse().ok()
}

/// Says in the answer which page it comes from.
async fn named(matched: MatchedPath, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.extensions_mut().insert(matched);
    response
}

/// Nobody keeps an answer or lets it do more than our pages do, unless it says so itself.
fn secure(headers: &mut HeaderMap) {
    const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
    const RESOURCE: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (OPENER, "same-origin"),
        (RESOURCE, "same-origin"),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
}
