//! `serve`: readers' pages, what they ask, and the clock, until somebody ends it.

use std::fmt::Write as _;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;

use super::Exit;
use super::clock;
use super::open::{self, Setting};
use super::report::{Failure, Report, counted};
use crate::config::Config;
use crate::model::public::Public;
use crate::model::token::Keys;
use crate::model::zone::Clock;
use crate::site::pages::{Options, Proxies, serve};
use crate::site::service::{Event, Service};

pub(super) fn run(setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let config = setting.config()?;
    let Some(public) = config.serving.public.clone() else {
        return Err(Failure::says(format!(
            "`{}` does not say where readers reach `serve`",
            config.file.display()
        ))
        .still("nothing is served")
        .hint("add `[public]` with `url = \"https://news.example.org/\"`; a proxy with TLS stands before `serve`"));
    };
    let Some(keys) = open::keys(&config)? else {
        return Err(
            Failure::says("there are no keys for readers' links").still("nothing is served")
        );
    };
    open::runtime()?.block_on(answer(&config, public, keys, setting, report))
}

async fn answer(
    config: &Config,
    public: Public,
    keys: Arc<Keys>,
    setting: &Setting,
    report: Report,
) -> Result<Exit, Failure> {
    let listen = config.serving.listen;
    let listener = TcpListener::bind(listen).await.map_err(|error| {
        Failure::error(
            anyhow::Error::new(error).context(format!("`{listen}` cannot be listened on")),
        )
        .still("nothing is served")
        .hint("`listen` in `[public]` names another address")
    })?;
    let bound = listener.local_addr().map_err(Failure::error)?;
    let now = Arc::new(setting.anew());
    let clock: Clock = {
        let setting = Arc::clone(&now);
        Arc::new(move || setting.anew().now())
    };
    let told = Box::new(move |event: &Event| tell(event, report));
    let opened = Service::open(
        config,
        public.clone(),
        Arc::clone(&keys),
        Arc::clone(&clock),
        told,
    );
    let (service, thread) =
        opened.map_err(|error| Failure::error(error).still("nothing is served"))?;
    report.data(&format!("http://{bound}/"));
    report.say(format!(
        "readers reach it at {}; Ctrl-C or SIGTERM ends it",
        public.url()
    ));
    let stop = open::interruption(report, "answering what was asked, then ending");
    let (done, is_done) = watch::channel(false);
    let work = tokio::spawn(Arc::clone(&service).work(is_done));
    let schedule = tokio::spawn(clock::keep(now, report, stop.clone()));
    let options = Options {
        newsletter: config.newsletter.clone(),
        public,
        template: config.template.clone(),
        keys,
        sections: config.serving.sections.clone(),
        consent: config.serving.consent.clone(),
        proxies: Arc::new(Proxies(config.serving.trusted_proxies.clone())),
        now: clock,
        report: Arc::new(move |visit| {
            report.detail(format!(
                "method={} page={} status={} ms={:.1}",
                if visit.is_post { "POST" } else { "GET" },
                visit.page,
                visit.status,
                visit.took.as_secs_f64() * 1e3
            ));
        }),
    };
    let mut ended = stop;
    let served = serve(listener, options, service.door(), async move {
        _ = ended.wait_for(|stop| *stop).await;
    });
    let served = served.await;
    // What was answered last is merged still.
    _ = done.send(true);
    let worked = work.await.map_err(Failure::error)?;
    _ = schedule.await;
    drop(service);
    tokio::task::spawn_blocking(|| thread.finish())
        .await
        .map_err(Failure::error)?
        .map_err(Failure::error)?;
    worked.map_err(Failure::error)?;
    served.map_err(Failure::error)?;
    Ok(Exit::Done)
}

fn tell(event: &Event, report: Report) {
    let because = |error: &dyn std::error::Error| {
        let mut words = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            _ = write!(words, ": {error}");
            source = error.source();
        }
        words
    };
    match event {
        Event::Merged(merged) => {
            if merged.new > 0 {
                report.say(format!(
                    "{} came into the subscribers file",
                    counted(merged.new as u64, "reader's change", "readers' changes")
                ));
            }
            if merged.again > 0 {
                report.warn(format!(
                    "the subscribers file was saved from an older copy: {} came into it again",
                    counted(merged.again as u64, "reader's change", "readers' changes")
                ));
            }
        }
        Event::Unmerged(error) => report.warn(format!(
            "what readers changed is not in the subscribers file yet, and is kept: {}",
            because(error)
        )),
        Event::LetterLeft => report.detail("a letter to confirm has left"),
        Event::LetterRefused(reply) => {
            report.warn(format!(
                "the relay did not take a letter to confirm: `{reply}`"
            ));
        }
        Event::Unposted(error) => {
            report.warn(format!("letters to confirm wait: {}", because(error)));
        }
        Event::Failed(error) => report.warn(format!(
            "readers are told to come later: {}",
            because(error)
        )),
    }
}
