//! `events`: the addresses to enter at each mail provider, and what to tick there.

use super::exit::Exit;
use super::failures;
use super::open::Setting;
use super::report::{Failure, Report};
use crate::bounce::provider::Provider;
use crate::model::world::World;
use crate::send::keys;

pub(super) fn run(setting: &Setting, world: &World, report: Report) -> Result<Exit, Failure> {
    let config = setting.shared_config()?;
    let (Some(public), false) = (&config.serving.public, config.events.is_empty()) else {
        report.say(format!(
            "`{}` names no provider whose events are taken: add `[[events]]` with `from = \"postmark\"`, `ses`, `mailgun`, `sendgrid`, `brevo`, `sparkpost` or `mailjet`",
            config.file.display()
        ));
        return Ok(Exit::Done);
    };
    let Some(keys) = keys(&config, world.random).map_err(failures::keys)? else {
        return Err(Failure::says(
            "there are no keys to make the addresses with",
        ));
    };
    let all = config.events.iter();
    let all: Vec<_> = all
        .map(|one| (one.provider, one.address(public, &keys)))
        .collect();
    if setting.json() {
        let rows = all.iter().map(|(provider, address)| {
            serde_json::json!({ "from": provider.name(), "address": address, "enter": enter(*provider) })
        });
        report.json(&rows.collect::<Vec<_>>());
        return Ok(Exit::Done);
    }
    let rows = all
        .iter()
        .map(|(provider, address)| format!("{provider}: {}\n{address}", enter(*provider)));
    report.data(&rows.collect::<Vec<_>>().join("\n\n"));
    report.say("whoever knows an address of a provider that does not sign can suppress readers: keep them secret");
    Ok(Exit::Done)
}

/// Where the address is entered, and what to tick.
const fn enter(provider: Provider) -> &'static str {
    match provider {
        Provider::Ses => {
            "at SNS, in each of `topics`: Create subscription, HTTPS, raw message delivery off; at SES, send bounces, complaints and delivery delays to the topic, with original headers"
        }
        Provider::Postmark => {
            "in the message stream: Webhooks, Add webhook; tick Bounce, Spam complaint, Subscription change"
        }
        Provider::Mailgun => {
            "under Sending, Webhooks, once for each: Permanent failure, Spam complaints, Unsubscribes"
        }
        Provider::SendGrid => {
            "under Settings, Mail settings, Event webhooks; tick Bounced, Dropped, Spam reports, Unsubscribed; Signature verification on"
        }
        Provider::Brevo => {
            "under Transactional, Settings, Webhook; tick Hard bounce, Soft bounce, Blocked, Invalid email, Complaint, Unsubscribed"
        }
        Provider::SparkPost => {
            "under Configuration, Webhooks; tick Bounce, Out-of-band bounce, Policy rejection, Spam complaint, List and link unsubscribe"
        }
        Provider::Mailjet => {
            "under Account settings, Event notifications; tick Bounce, Spam, Blocked, Unsub, and Group events"
        }
    }
}
