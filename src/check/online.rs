//! What receivers see of the newsroom: looked up, tried, and judged.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{Instant, timeout_at};

use crate::bounce::provider::Provider;
use crate::config::{Config, Handover};
use crate::deliverability::{self, SigningKey, State, Subject, Topic, Verdict};
use crate::dns::Resolver;
use crate::mailer::{Opened, Pipelining, Relay, Security, Session, Smtp, StepLimits, machine_name};
use crate::message::Signer;
use crate::model::dns::Answers;
use crate::model::link::Link;
use crate::model::token::{Purpose, Token};
use crate::probe::{self, OneClick};

/// All of DNS takes no longer than this, and what is tried afterwards no longer than that.
const LOOKING: Duration = Duration::from_secs(5);
const TRYING: Duration = Duration::from_secs(9);

/// A certificate that ends in fewer days is worth a look.
const DAYS_LEFT: i64 = 14;

/// What a conversation with the relay showed.
pub struct RelaySeen {
    pub smtp: Smtp,
    pub opened: Opened,
    /// Whether letters can be handed over.
    pub works: bool,
}

/// Judges what receivers will see of letters of these newsletters, which share relay, keys and public address.
pub async fn deliverability(
    configs: &[Config],
    seen: &[RelaySeen],
    now: DateTime<Utc>,
) -> Vec<Verdict> {
    let Some(first) = configs.first() else {
        return Vec::new();
    };
    let begun = Instant::now();
    let subjects = configs.iter().flat_map(|config| {
        let relays = config.relays.each();
        relays.map(move |relay| subject(config, relay, seen))
    });
    let subjects: Vec<Subject> = subjects.collect();
    let (mut all, one_click) = tokio::join!(dns(first, &subjects, begun), one_click(first));
    all.extend(seen.iter().map(|seen| tls(seen, now)));
    all.extend(one_click);
    super::once(&mut all);
    all.sort_by_key(|verdict| verdict.topic);
    all
}

fn subject(config: &Config, relay: &Handover, seen: &[RelaySeen]) -> Subject {
    let newsletter = &config.newsletter;
    let from = newsletter.from.address.domain().to_owned();
    let smtp = match &relay.relay {
        Relay::Smtp(smtp) => Some(smtp),
        _ => None,
    };
    let provider = smtp.and_then(|smtp| Provider::of_relay(&smtp.host));
    let this = seen.iter().find(|seen| {
        smtp.is_some_and(|smtp| (&smtp.host, smtp.port) == (&seen.smtp.host, seen.smtp.port))
    });
    let greeting = this.and_then(|seen| seen.opened.greeting.as_ref());
    // `220 NAME ..`; a name has a dot.
    let name = greeting.and_then(|line| line.as_str().split([' ', '-']).nth(1));
    let relay_name = name.filter(|name| name.contains('.') && name.is_ascii());
    Subject {
        envelope: newsletter.bounces.clone().unwrap_or_else(|| from.clone()),
        takes_bounces: newsletter.bounces.is_some(),
        signing: config
            .signer
            .as_ref()
            .map(|signer| (signer.domain().to_owned(), keys(signer))),
        sends_from: relay.sends_from.clone(),
        provider: provider.map(Provider::name),
        relay_name: relay_name.map(ToOwned::to_owned),
        public_host: newsletter
            .public
            .as_ref()
            .filter(|public| public.is_secure())
            .map(|public| {
                let authority = public.authority();
                authority.split(':').next().unwrap_or(authority).to_owned()
            }),
        from,
    }
}

/// A key that cannot say its own record cannot sign either, and that is found elsewhere.
fn keys(signer: &Signer) -> Vec<SigningKey> {
    let keys = signer.keys().iter().filter_map(|(selector, key)| {
        Some(SigningKey {
            selector: selector.clone(),
            record: key.record().ok()?,
            algorithm: key.algorithm(),
        })
    });
    keys.collect()
}

async fn dns(config: &Config, subjects: &[Subject], begun: Instant) -> Vec<Verdict> {
    let resolver = match Resolver::new(&config.resolvers) {
        Ok(resolver) => resolver,
        Err(error) => {
            let hint = "`[check] resolvers = [\"ADDRESS\"]` names one";
            return vec![Verdict::new(
                Topic::Dns,
                State::Unknown,
                "DNS",
                &error.to_string(),
                hint,
            )];
        }
    };
    let mut answers = Answers::default();
    let deadline = begun + LOOKING;
    let judge = |answers: &mut Answers| deliverability::verdicts(subjects, answers);
    let mut all = resolver.judge(&mut answers, deadline, judge).await;
    if let Some(subject) = subjects.first().filter(|subject| subject.takes_bounces)
        && let Some((host, address)) =
            deliverability::first_exchange(&subject.envelope, &mut answers)
    {
        let greets = timeout_at(begun + TRYING, exchange(&host, &address.to_string())).await;
        all.push(greets.unwrap_or_else(|_| silent(&host, "does not answer in time")));
    }
    all
}

fn silent(host: &str, what: &str) -> Verdict {
    let hint = "let it be reached at port 25 from everywhere; some networks let nobody out to that port: then try from another";
    Verdict::new(
        Topic::BounceDomain,
        State::Unknown,
        host,
        &format!("which takes what comes back, {what}"),
        hint,
    )
}

/// Whether the server that takes what comes back answers.
async fn exchange(host: &str, address: &str) -> Verdict {
    let smtp = Smtp {
        host: address.to_owned(),
        port: 25,
        security: Security::None,
        login: None,
        hello: machine_name(),
        pipelining: Pipelining::Off,
        limits: StepLimits::RFC_5321,
    };
    let (_, outcome) = Box::pin(Session::try_out(&smtp)).await;
    match outcome {
        Ok(()) => Verdict::good(
            Topic::BounceDomain,
            host,
            "which takes what comes back, answers",
        ),
        Err(error) => silent(host, &format!("could not be spoken to: {error}")),
    }
}

fn tls(seen: &RelaySeen, now: DateTime<Utc>) -> Verdict {
    let smtp = &seen.smtp;
    let verdict =
        |state, what: &str, hint| Verdict::new(Topic::Tls, state, &smtp.to_string(), what, hint);
    if !seen.opened.is_secure {
        if smtp.is_here() {
            return verdict(State::Good, "is on this machine", "");
        }
        if !seen.works {
            return verdict(
                State::Unknown,
                "could not be spoken to",
                "see what was said of the relay",
            );
        }
        return verdict(
            State::Wrong,
            "gets letters unencrypted",
            "`[relay] security = \"starttls\"` or `\"tls\"`",
        );
    }
    let Some(ends) = seen.opened.certificate_ends else {
        return verdict(State::Good, "offers TLS", "");
    };
    let days = (ends - now).num_days();
    if days < DAYS_LEFT {
        return verdict(
            State::Weak,
            &format!(
                "offers TLS, and its certificate ends in {days} days, on {}",
                ends.date_naive()
            ),
            "have it renewed: with one that has ended no letter is handed over",
        );
    }
    verdict(
        State::Good,
        &format!("offers TLS, with a certificate for {days} more days"),
        "",
    )
}

const PROXY: &str = "the proxy before `newsdigest serve` must hand POST at `leave/` on to it, without a log-in, a redirect or a cookie (docs/operations.md)";

async fn one_click(config: &Config) -> Vec<Verdict> {
    let verdict = |state, place: &str, what: &str, hint| {
        vec![Verdict::new(Topic::OneClick, state, place, what, hint)]
    };
    let Some(public) = config
        .newsletter
        .public
        .as_ref()
        .filter(|public| public.is_secure())
    else {
        return verdict(
            State::Wrong,
            "letters",
            "offer no one-click leave",
            "`[public] url = \"https://..\"` with `newsdigest serve` behind it",
        );
    };
    let Ok(Some(keys)) = config.serving.keys() else {
        return verdict(
            State::Unknown,
            public.authority(),
            "could not be tried: the keys of readers' links have not been made yet",
            "`newsdigest serve` makes them, and so does the first `send`",
        );
    };
    // The ledger counts readers from 1.
    let nobody = Token {
        purpose: Purpose::Leave,
        number: 0,
        run: 0,
    };
    let address = public.leave(&keys.seal(&config.newsletter.id, &nobody));
    let Ok(link) = Link::parse(&address) else {
        return Vec::new();
    };
    let answered = probe::one_click(&link).await;
    let verdict = |state, what: &str, hint| verdict(state, public.authority(), what, hint);
    match answered {
        OneClick::Works => verdict(State::Good, "takes a one-click leave", ""),
        OneClick::Redirects(status) => verdict(
            State::Wrong,
            &format!(
                "answers a one-click leave with a redirect ({status}), which providers do not follow"
            ),
            PROXY,
        ),
        OneClick::Refuses(status) => verdict(
            State::Wrong,
            &format!("refuses a one-click leave ({status})"),
            PROXY,
        ),
        OneClick::Stranger(status) => verdict(
            State::Wrong,
            &format!(
                "does not know readers' links ({status}): another server answers there, or one with another `secret.key`"
            ),
            PROXY,
        ),
        OneClick::Silent(why) => verdict(State::Wrong, &format!("does not answer: {why}"), PROXY),
    }
}
