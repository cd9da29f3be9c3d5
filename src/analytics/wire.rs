//! The requests of a conversation over HTTP: bounded in time and size, repeated where the service asks to wait.

use std::error::Error as _;
use std::fmt::Write as _;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::{AGE, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;
use url::Url;

use super::answer;
use super::conversation::{Asked, Conversation, Wanted};
use super::fault::Fault;
use super::postgres;
use super::request::Request;
use super::secrets;
use super::service::{Kind, Service};
use super::span::Span;
use super::talk;
use super::tally::Tally;
use crate::model::line::Line;
use crate::model::page_views::{ReadershipReport, Sample};
use crate::model::problem::system_words;

/// The largest answer, in octets; kinds ask for pages of a tenth of it.
const LARGEST: usize = 64_000_000;
/// The largest answer that is an error.
const LARGEST_ERROR: usize = 64_000;
/// How often a request is repeated that the server could not answer.
const TRIES: u32 = 4;
/// The first wait, unless the service names one; each is twice the one before.
const WAIT: Duration = Duration::from_secs(1);
/// So many letters of a miss are shown.
const SHOWN: usize = 400;
/// A clock that is further off than this is named.
const CLOCK_OFF: TimeDelta = TimeDelta::minutes(5);

const USER_AGENT: &str = concat!(
    "newsdigest/",
    env!("CARGO_PKG_VERSION"),
    " (+https://crates.io/crates/newsdigest)"
);

/// Asks a service for `span`. What fails is a miss in the report; what came before it is kept.
pub async fn ask(service: &Service, span: Span) -> ReadershipReport {
    tallied(service, span, Wanted::Views).await.report(service)
}

/// Asks a service for the visits that the letters of an edition brought: `service.letters` names it. `span.to` is now.
pub async fn arrivals(service: &Service, span: Span) -> ReadershipReport {
    let wanted = service.letters.edition().cloned().map(Wanted::Arrivals);
    let wanted = wanted.unwrap_or(Wanted::Views);
    tallied(service, span, wanted).await.report(service)
}

/// Asks a service for the totals since `span.from`, or for its people now. What fails is a miss in the report, and gives no sample.
pub async fn sample(service: &Service, span: Span) -> (Vec<Sample>, ReadershipReport) {
    let told = tallied(service, span, Wanted::Sample).await;
    let samples = match told.failed {
        None => told.tally.samples(),
        Some(_) => Vec::new(),
    };
    (samples, told.report(service))
}

/// What a service told, and what it was told.
struct Told {
    tally: Tally,
    failed: Option<String>,
    secrets: Vec<SecretString>,
}

impl Told {
    /// What it said may repeat a secret: here is the one way out.
    fn report(self, service: &Service) -> ReadershipReport {
        let (name, failed) = (&service.name, self.failed.as_deref());
        let mut report = self.tally.report(name, failed, &self.secrets);
        for miss in report.misses.iter_mut().chain(&mut report.notes) {
            let shown = secrets::without(&self.secrets, miss.what.as_str());
            miss.what = Line::clean_to(&shown, SHOWN);
        }
        ReadershipReport {
            max_age: Some(service.max_age),
            ..report
        }
    }
}

async fn tallied(service: &Service, span: Span, wanted: Wanted) -> Told {
    let mut tally = Tally::new(span, &service.hosts, &service.letters);
    let mut secrets = Vec::new();
    let until = Instant::now() + service.time_limit;
    let talk = talk(service, (span, wanted), (&mut tally, &mut secrets), until);
    let failed = match tokio::time::timeout_at(until, talk).await {
        Ok(Ok(())) => None,
        Ok(Err(fault)) => Some(fault.to_string()),
        Err(_) => Some(format!(
            "took longer than {} s",
            service.time_limit.as_secs_f64()
        )),
    };
    Told {
        tally,
        failed,
        secrets,
    }
}

async fn talk(
    service: &Service,
    (span, wanted): (Span, Wanted),
    (tally, secrets): (&mut Tally, &mut Vec<SecretString>),
    until: Instant,
) -> Result<(), Fault> {
    let (api, server) = match &service.kind {
        Kind::Api(api, server) => (api, server),
        Kind::Postgres(database, statement, login) => {
            let login = match login {
                Some((user, Ok(password))) => {
                    secrets.push(password.clone());
                    Some((user.as_str(), password))
                }
                Some((_, Err(missing))) => return Err(Fault::says(missing.to_string())),
                None => None,
            };
            let about = (span, &service.zone);
            let limit = service.time_limit;
            return postgres::ask(database, login, statement, about, limit, tally).await;
        }
    };
    let asked = Asked {
        server,
        zone: &service.zone,
        span,
        wanted,
    };
    if asked.links().is_some() {
        tally.asks_for_arrivals();
    }
    let mut conversation = talk::with(api, asked, service.time_limit)
        .map_err(|missing| Fault::says(missing.to_string()))?;
    if conversation.rows_are_distinct() {
        tally.tell_rows_apart();
    }
    let client = Client::builder()
        .user_agent(USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .http1_only()
        .build()
        .map_err(|_| Fault::says("nothing can be asked from this machine"))?;
    let mut next = Some(conversation.begin()?);
    while let Some(request) = next {
        secrets.extend(request.secrets.iter().cloned());
        tokio::time::sleep(request.pause).await;
        let (headers, body) =
            answered(&client, &request, conversation.as_ref(), span.to, until).await?;
        if let Some(off) = clock_off(&headers, span.to) {
            tally.note(format!("{off}: hours and ages are wrong by that"));
        }
        next = conversation.hear(&answer::text(body), tally)?;
        if let Some(why) = tally.ends_with() {
            return Err(Fault::says(why));
        }
        if next.is_some() && tally.is_full() {
            return Ok(());
        }
    }
    Ok(())
}

/// The headers and the body of a good answer, after as many tries as there is time for.
async fn answered(
    client: &Client,
    request: &Request,
    conversation: &dyn Conversation,
    now: DateTime<Utc>,
    until: Instant,
) -> Result<(HeaderMap, Vec<u8>), Fault> {
    let mut wait = WAIT;
    for attempt in 1.. {
        let response = send(client, request).await?;
        let status = response.status();
        let headers = response.headers().clone();
        if status.is_success() {
            return Ok((headers, body(response, LARGEST, &request.url).await?));
        }
        let said = match body(response, LARGEST_ERROR, &request.url).await {
            Ok(body) => answer::words(&body).map(|said| secrets::without(&request.secrets, &said)),
            Err(_) => None,
        };
        // ClickHouse answers 500 to a setting that a profile forbids.
        let is_final = said
            .as_deref()
            .is_some_and(|said| said.starts_with("Code: 164."));
        let may_pass = matches!(status.as_u16(), 429 | 500 | 502 | 503 | 504) && !is_final;
        let asked = may_pass.then(|| asked_wait(&headers, now)).flatten();
        let pause = asked.unwrap_or(wait);
        let left = until.saturating_duration_since(Instant::now());
        if may_pass && attempt < TRIES && pause < left {
            tokio::time::sleep(pause).await;
            wait *= 2;
            continue;
        }
        return Err(refusal(status, &headers, said, asked, conversation, now));
    }
    Err(Fault::says("could not be read"))
}

async fn send(client: &Client, request: &Request) -> Result<Response, Fault> {
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let mut value = HeaderValue::from_str(value.expose_secret())
            .map_err(|_| Fault::says("its key holds letters that no key has"))?;
        value.set_sensitive(true);
        headers.insert(*name, value);
    }
    let builder = match &request.body {
        None => client.get(request.url.clone()),
        Some((kind, body)) => client
            .post(request.url.clone())
            .header(CONTENT_TYPE, *kind)
            .body(body.clone()),
    };
    builder
        .headers(headers)
        .send()
        .await
        .map_err(|error| broken(&error, &request.url))
}

async fn body(mut response: Response, limit: usize, url: &Url) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    while let Some(piece) = response
        .chunk()
        .await
        .map_err(|error| broken(&error, url))?
    {
        if body.len() + piece.len() > limit {
            return Err(Fault::says(format!(
                "its answer is larger than {} MB",
                limit / 1_000_000
            )));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// How long the service asks to wait: in seconds or until an instant of its own clock (RFC 9110, section 10.2.3), or as GoatCounter says it.
fn asked_wait(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let seconds = |text: &str| text.parse().ok().map(Duration::from_secs);
    text(RETRY_AFTER.as_str())
        .and_then(|asked| {
            seconds(asked).or_else(|| {
                let until = DateTime::parse_from_rfc2822(asked).ok()?;
                let theirs = date(headers).unwrap_or(now);
                (until.to_utc() - theirs).to_std().ok()
            })
        })
        .or_else(|| text("x-rate-limit-reset").and_then(seconds))
}

/// What time it is there.
fn date(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let date = headers.get(DATE)?.to_str().ok()?;
    let date = DateTime::parse_from_rfc2822(date).ok()?;
    Some(date.to_utc())
}

fn refusal(
    status: StatusCode,
    headers: &HeaderMap,
    said: Option<String>,
    asked: Option<Duration>,
    conversation: &dyn Conversation,
    now: DateTime<Utc>,
) -> Fault {
    let code = status.as_u16();
    if status.is_redirection() {
        let to = headers.get(LOCATION).and_then(|to| to.to_str().ok());
        let to = to.and_then(|to| Url::parse(to).ok());
        let to = to.map_or_else(
            || "elsewhere".to_owned(),
            |to| {
                format!(
                    "`{}`",
                    Line::clean_to(&to.origin().ascii_serialization(), 80)
                )
            },
        );
        return Fault::says(format!(
            "answered {code} and leads to {to}: no key is sent along, so `server` must be the right address itself"
        ));
    }
    let mut what = format!("answered {code}");
    if let Some(said) = said {
        _ = write!(what, " `{}`", Line::clean_to(&said, 200));
    }
    if let Some(hint) = conversation.hint(code) {
        _ = write!(what, ": {hint}");
    }
    if code == 429 {
        what += ": its quota is used up";
        if let Some(asked) = asked {
            _ = write!(what, ", and it asks to wait {} s", asked.as_secs());
        }
    }
    if let Some(off) = clock_off(headers, now)
        && matches!(code, 400 | 401 | 403)
    {
        _ = write!(what, "; {off}, and keys are refused for that");
    }
    Fault(what)
}

/// Says that this machine's clock and the service's differ, if they do: so do hours, ages and the times of keys. An answer out of a cache says
/// nothing of now.
fn clock_off(headers: &HeaderMap, now: DateTime<Utc>) -> Option<String> {
    let off = now - date(headers)?;
    if off.abs() <= CLOCK_OFF || headers.contains_key(AGE) {
        return None;
    }
    let word = if off > TimeDelta::zero() {
        "ahead of"
    } else {
        "behind"
    };
    let length = match (off.abs().num_seconds() + 30) / 60 {
        minutes @ ..=90 => format!("{minutes} min"),
        minutes => format!("{} h", (minutes + 30) / 60),
    };
    Some(format!(
        "this machine's clock is {length} {word} the service's"
    ))
}

/// A connection that failed, in words; never with the address, which may hold a key.
fn broken(error: &reqwest::Error, url: &Url) -> Fault {
    let host = Line::clean_to(url.host_str().unwrap_or_default(), 80);
    if error.is_dns() {
        return Fault::says(format!("no address is known for `{host}`"));
    }
    let mut cause = error.source();
    while let Some(inner) = cause.and_then(std::error::Error::source) {
        cause = Some(inner);
    }
    match cause {
        Some(cause) if cause.downcast_ref::<reqwest::Error>().is_none() => Fault::says(format!(
            "could not be read from `{host}`: {}",
            Line::clean_to(&system_words(&cause.to_string()), 160)
        )),
        _ => Fault::says(format!("could not be read from `{host}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_to_wait() {
        let now = "2026-08-24T05:45:00Z".parse().unwrap();
        let wait = |name: &'static str, value: &'static str| {
            let headers =
                HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_static(value))]);
            asked_wait(&headers, now)
        };
        assert_eq!(wait("retry-after", "7"), Some(Duration::from_secs(7)));
        assert_eq!(
            wait("retry-after", "Mon, 24 Aug 2026 05:45:30 GMT"),
            Some(Duration::from_secs(30))
        );
        assert_eq!(wait("retry-after", "soon"), None);
        assert_eq!(
            wait("x-rate-limit-reset", "1"),
            Some(Duration::from_secs(1))
        );
        assert_eq!(wait("date", "1"), None);
    }
}
