//! The list programs whose exports are known by their header rows.

use super::vocabulary::words;

const OURS: &str = "newsdigest's own export";

/// The program, and headers (letters only) of which a file must have all.
const PROGRAMS: &[(&str, &[&str])] = &[
    (
        "Mailchimp's export of who unsubscribed",
        &["emailaddress", "unsubtime"],
    ),
    (
        "Mailchimp's export of cleaned addresses",
        &["emailaddress", "cleantime"],
    ),
    (
        "Mailchimp's audience export",
        &["emailaddress", "optintime", "confirmtime"],
    ),
    (
        "Mailchimp's audience export",
        &["emailaddress", "leid", "euid"],
    ),
    (
        "listmonk's export",
        &["uuid", "email", "attributes", "status"],
    ),
    (
        "Ghost's export of members",
        &["email", "subscribedtoemails"],
    ),
    ("Substack's export", &["email", "emaildisabled"]),
    ("Brevo's export", &["email", "emailblacklisted"]),
    ("MailerLite's export", &["subscriber", "subscribed"]),
    (
        "SendGrid's list of returned mail",
        &["status", "reason", "email", "created"],
    ),
    ("Mailjet's export", &["email", "isexcludedfromcampaigns"]),
    ("Klaviyo's export", &["email", "emailmarketingconsent"]),
    (
        "Shopify's export of customers",
        &["email", "acceptsemailmarketing"],
    ),
    ("HubSpot's export", &["email", "optedoutofemail"]),
    ("HubSpot's export", &["email", "unsubscribedfromallemail"]),
    (
        "Constant Contact's export",
        &["emailaddress", "emailstatus"],
    ),
    (
        "CleverReach's export",
        &["email", "activated", "registered"],
    ),
    (
        OURS,
        &["email", "name", "sections", "since", "consent", "paused"],
    ),
];

/// Columns beside the address, sorted, of SendGrid's and Mailgun's lists of who unsubscribed, complained or cannot be reached: none says so.
const SILENT: &[&[&str]] = &[
    &["created"],
    &["created", "ip"],
    &["createdat", "tags"],
    &["code", "createdat", "error"],
];

/// The program that wrote a file with that header.
pub(super) fn written_by(header: &[String]) -> Option<&'static str> {
    let names: Vec<String> = header.iter().map(|name| words(name).concat()).collect();
    let found = PROGRAMS
        .iter()
        .find(|(_, all)| all.iter().all(|one| names.iter().any(|name| name == one)));
    found.map(|(program, _)| *program)
}

/// Whether it is our own export.
pub(super) fn is_ours(header: &[String]) -> bool {
    written_by(header) == Some(OURS)
}

/// Whether it may be a list of people who left, of which only the file's name would tell.
pub(super) fn is_silent(header: &[String]) -> bool {
    let mut names: Vec<String> = header.iter().map(|name| words(name).concat()).collect();
    let is_mailgun = names == ["address", "createdat"];
    names.retain(|name| !name.contains("mail") && name != "address");
    names.sort_unstable();
    is_mailgun || SILENT.iter().any(|silent| names == *silent)
}
