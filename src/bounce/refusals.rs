//! What the refusals of large mailbox providers mean, and what to do about them: one table. All of them are about us, and none is a reason to stop mailing a reader.

/// A refusal that is known.
#[derive(Debug, PartialEq, Eq)]
pub struct KnownRefusal {
    /// Who refuses so.
    pub who: &'static str,
    /// What is in its words: each of these, of which `|` parts alternatives.
    signs: &'static [&'static str],
    pub means: &'static str,
    pub remedy: &'static str,
    /// Where the provider says so.
    pub source: &'static str,
}

const GMAIL: &str = "gsmtp|google|gmail";
const GMAIL_SAYS: &str = "support.google.com/a/answer/3726730";
const MICROSOFT_SAYS: &str =
    "learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online";
const OUTLOOK_SAYS: &str = "sendersupport.olc.protection.outlook.com/pm/troubleshooting.aspx";
const YAHOO_SAYS: &str = "senders.yahooinc.com/smtp-error-codes";
const GMX_SAYS: &str = "postmaster.gmx.net/en/error-messages";
const ORANGE_SAYS: &str = "postmaster.orange.fr";

const AUTHENTICATE: &str =
    "`newsdigest check --online` says what is missing of SPF, DKIM and DMARC";
const SLOWER: &str = "send slower (`[relay] rate`, `per_domain`), to readers who want it first, and look at complaints before the next edition";
const DELIST: &str = "ask whoever runs the relay to have its address taken off the list, and find out why it came there";

/// The first that fits counts, so what is particular comes first.
const KNOWN: [KnownRefusal; 33] = [
    known(
        "Gmail",
        &["4.7.25|5.7.25|4.7.23", GMAIL],
        "the relay's address has no name in DNS, or one that does not lead back to it",
        "whoever runs the relay sets a PTR record, and an A or AAAA record of that name with the same address",
        GMAIL_SAYS,
    ),
    known(
        "Gmail",
        &["4.7.26|5.7.26", GMAIL],
        "the letters are not authenticated: neither SPF nor DKIM passes, or DMARC fails",
        AUTHENTICATE,
        GMAIL_SAYS,
    ),
    known(
        "Gmail",
        &["4.7.27|5.7.27", GMAIL],
        "SPF does not pass for the envelope sender's domain",
        "put the relay into the SPF record of that domain; with `[bounces]` it is the bounce domain",
        GMAIL_SAYS,
    ),
    known(
        "Gmail",
        &["4.7.28|5.7.28", GMAIL],
        "an unusual rate of mail that its readers call spam, from the relay's address or network, the domain, or the links",
        "stop for ten minutes at least, then one connection; look at Postmaster Tools; send to steady readers first",
        GMAIL_SAYS,
    ),
    known(
        "Gmail",
        &["4.7.29|5.7.29", GMAIL],
        "the relay sends without TLS",
        "whoever runs the relay turns TLS on for what it sends",
        GMAIL_SAYS,
    ),
    known(
        "Gmail",
        &["4.7.30|5.7.30", GMAIL],
        "DKIM does not pass",
        "check the key in DNS with `newsdigest check --online`, and that the relay changes nothing that is signed (`[relay] rewrites`)",
        GMAIL_SAYS,
    ),
    known(
        "Gmail",
        &["4.7.32|5.7.32|4.7.31|5.7.31", GMAIL],
        "the From address agrees with neither SPF nor DKIM",
        "sign with `[dkim] domain` of the sender's own domain",
        GMAIL_SAYS,
    ),
    known(
        "Gmail",
        &["4.7.24|5.7.24", GMAIL],
        "the SPF record of the envelope sender's domain cannot be read",
        AUTHENTICATE,
        GMAIL_SAYS,
    ),
    known(
        "Gmail",
        &["unsolicited|likely suspicious|low reputation", GMAIL],
        "Gmail takes the letter for spam: by its content, or by the reputation of domain or address",
        "look at Postmaster Tools and at complaints; send to steady readers first",
        GMAIL_SAYS,
    ),
    known(
        "Gmail",
        &["5.7.40|5.7.1", "dmarc", GMAIL],
        "the sender's domain forbids by DMARC what did not pass",
        AUTHENTICATE,
        GMAIL_SAYS,
    ),
    known(
        "Gmail",
        &["4.7.0", GMAIL],
        "Gmail takes less for a while, for reputation or rate",
        SLOWER,
        GMAIL_SAYS,
    ),
    known(
        "Microsoft",
        &["5.7.515"],
        "from a domain that sends 5,000 letters a day SPF and DKIM must pass and DMARC agree; here they do not",
        AUTHENTICATE,
        "support.microsoft.com: Outlook's requirements for high-volume senders",
    ),
    known(
        "Microsoft",
        &["5.7.509"],
        "the sender's domain forbids by DMARC what did not pass",
        AUTHENTICATE,
        MICROSOFT_SAYS,
    ),
    known(
        "Microsoft",
        &["s3140|s3150"],
        "the relay's network or address is on Outlook.com's block list",
        "whoever runs the relay asks for delisting at olcsupport.office.com; join SNDS and JMRP",
        OUTLOOK_SAYS,
    ),
    known(
        "Microsoft",
        &["s775|4.7.650|s77714"],
        "Outlook.com takes less from the relay's address for a while, by its reputation",
        SLOWER,
        OUTLOOK_SAYS,
    ),
    known(
        "Microsoft",
        &["4.7.500|4.7.501|4.7.502|as77713|as77712"],
        "Exchange Online takes less for a while",
        SLOWER,
        MICROSOFT_SAYS,
    ),
    known(
        "Microsoft",
        &["banned sending ip|5.7.606|5.7.511|sender.office.com"],
        "the relay's address is banned at Microsoft 365",
        "whoever runs the relay asks for delisting at sender.office.com",
        MICROSOFT_SAYS,
    ),
    known(
        "Microsoft",
        &["ou-001|ou-002|sc-001|sc-002|sc-004|dy-001|dy-002|rp-001|rp-002|rp-003"],
        "Outlook.com refuses the relay's address: by its reputation, complaints or rate",
        "look at SNDS for that address; ask for mitigation at olcsupport.office.com",
        OUTLOOK_SAYS,
    ),
    known(
        "Yahoo",
        &["tss04|tss05|tss06|tss01|tss02|tss03"],
        "Yahoo takes less for a while: an unusual volume, or complaints",
        SLOWER,
        YAHOO_SAYS,
    ),
    known(
        "Yahoo",
        &["tss07|tss08|tss09|tss10|tss11|tss12"],
        "Yahoo takes nothing from the relay's address for hours, after complaints or bounces",
        "stop for four hours, then a few connections; look at what bounced and who complained (Complaint Feedback Loop)",
        YAHOO_SAYS,
    ),
    known(
        "Yahoo",
        &["ph01|5.7.9", "yahoo|policy reasons|ph01"],
        "Yahoo refuses the letter for its content: a link or text that looks like phishing",
        "look at the links of the edition: other sites' redirects, shorteners, a domain on a block list",
        YAHOO_SAYS,
    ),
    known(
        "Yahoo",
        &["bl21|bl23|bl20|bl22", "5.7.1|4.7.0|553|554|421"],
        "the relay's address is on a block list that Yahoo asks (Spamhaus)",
        DELIST,
        YAHOO_SAYS,
    ),
    known(
        "Yahoo",
        &["dmarc", "yahoo"],
        "the sender's domain forbids by DMARC what did not pass",
        AUTHENTICATE,
        YAHOO_SAYS,
    ),
    known(
        "GMX, WEB.DE",
        &[
            "gmx|web.de|kundenserver|1und1|mail.com",
            "bad dns ptr|ptr resource record",
        ],
        "the relay's address has no name in DNS, or one that looks like a dial-up line's",
        "whoever runs the relay sets a PTR record, and an A or AAAA record of that name with the same address",
        GMX_SAYS,
    ),
    known(
        "GMX, WEB.DE",
        &[
            "gmx|web.de|mail.com|nemesis",
            "block listed|blocklisted|blacklisted|ip address is block",
        ],
        "the relay's address is on a block list",
        DELIST,
        GMX_SAYS,
    ),
    known(
        "GMX, WEB.DE",
        &[
            "gmx|web.de|mail.com|nemesis",
            "policy restrictions|not allowed|no smtp service|nemesis esmtp service not available",
        ],
        "refused by policy: too many letters at once, a sender that cannot be answered, or content",
        SLOWER,
        GMX_SAYS,
    ),
    known(
        "Orange",
        &["ofr004_104|ofr_104|ofr_108|ofr_109|ofr005_104"],
        "too many connections or letters at once",
        "limit it: `[[relay.per_domain]]` of orange.fr and wanadoo.fr, with one or two connections",
        ORANGE_SAYS,
    ),
    known(
        "Orange",
        &["ofr006_103|ofr_102|ofr_103|ofr_403|ofr_401"],
        "the relay's address is refused, by its reputation or a block list",
        DELIST,
        ORANGE_SAYS,
    ),
    known(
        "Orange",
        &["ofr_506|ofr_507|ofr_515|ofr006_506"],
        "taken for spam by its content",
        "look at the edition's links and at complaints; write to Orange's postmaster",
        ORANGE_SAYS,
    ),
    known(
        "Orange",
        &["ofr_999|ofr_501|ofr_505|ofr_402"],
        "the letter or the sender breaks Orange's rules: authentication, or an address that cannot be answered",
        AUTHENTICATE,
        ORANGE_SAYS,
    ),
    known(
        "T-Online",
        &["t-online.de|tosa"],
        "the relay's address is not known to T-Online, or its name has no imprint",
        "whoever runs the relay gives its host name a web page with an imprint, and writes to tosa@rx.t-online.de",
        "postmaster.t-online.de",
    ),
    known(
        "iCloud",
        &["hm08|cs01", "local policy"],
        "Apple refuses the letter by its content or the domain's reputation",
        "write to icloudadmin@apple.com with a whole letter; never mail an address again that it refused",
        "support.apple.com/102322",
    ),
    known(
        "Spamhaus",
        &["spamhaus"],
        "the receiver asks Spamhaus, which lists the relay's address or a domain in the letter",
        "look the address up at check.spamhaus.org, mend the cause, and ask there for removal",
        "spamhaus.org",
    ),
];

const fn known(
    who: &'static str,
    signs: &'static [&'static str],
    means: &'static str,
    remedy: &'static str,
    source: &'static str,
) -> KnownRefusal {
    KnownRefusal {
        who,
        signs,
        means,
        remedy,
        source,
    }
}

/// What a refusal with these codes and words means, if it is known.
#[must_use]
pub fn explain(refusal: &str) -> Option<&'static KnownRefusal> {
    let refusal = refusal.to_lowercase();
    let is_there = |signs: &&str| signs.split('|').any(|sign| has(&refusal, sign));
    KNOWN.iter().find(|one| one.signs.iter().all(is_there))
}

/// Whether a sign is in a text by itself: `5.7.2` is not in `5.7.26`, nor in `15.7.2`.
fn has(text: &str, sign: &str) -> bool {
    let is_part = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    text.match_indices(sign).any(|(at, _)| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        !is_part(before) && !is_part(bytes.get(at + sign.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the providers word them.
    #[test]
    fn refusals_in_words() {
        for (refusal, who, means) in [
            (
                "550 5.7.25 [192.0.2.1] The IP address sending this message does not have a PTR record setup - gsmtp",
                "Gmail",
                "no name in DNS",
            ),
            (
                "550 5.7.26 Your email has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate",
                "Gmail",
                "not authenticated",
            ),
            (
                "421 4.7.27 Your email has been rate limited because SPF authentication didn't pass. - gsmtp",
                "Gmail",
                "SPF",
            ),
            (
                "421 4.7.28 Gmail has detected an unusual rate of unsolicited mail",
                "Gmail",
                "unusual rate",
            ),
            (
                "421 4.7.29 Your email has been rate limited because this message wasn't sent over a TLS connection. gmail",
                "Gmail",
                "TLS",
            ),
            (
                "550 5.7.30 Your email has been blocked because DKIM authentication didn't pass. - gsmtp",
                "Gmail",
                "DKIM",
            ),
            (
                "550 5.7.1 [192.0.2.1 12] Our system has detected that this message is likely unsolicited mail. gsmtp",
                "Gmail",
                "spam",
            ),
            (
                "550 5.7.515 Access denied, sending domain h.example does not meet the required authentication level.",
                "Microsoft",
                "5,000",
            ),
            (
                "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).",
                "Microsoft",
                "block list",
            ),
            (
                "550 5.7.1 .. since part of their network is on our block list (S3150).",
                "Microsoft",
                "block list",
            ),
            (
                "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation. (S775)",
                "Microsoft",
                "takes less",
            ),
            (
                "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints",
                "Yahoo",
                "volume",
            ),
            (
                "554 5.7.9 Message not accepted for policy reasons. [PH01]",
                "Yahoo",
                "content",
            ),
            (
                "554-gmx.net (mxgmx101) Nemesis ESMTP Service not available. No SMTP service. Bad DNS PTR resource record.",
                "GMX, WEB.DE",
                "no name in DNS",
            ),
            (
                "554 web.de (mxweb012) Your IP address is block listed",
                "GMX, WEB.DE",
                "block list",
            ),
            (
                "550 5.2.0 Mail rejete. Mail rejected. ofr_506 [506]",
                "Orange",
                "spam",
            ),
            (
                "421 mwinf5c04 ME Trop de connexions, veuillez verifier votre configuration. Too many connections, slow down. OFR004_104 [104]",
                "Orange",
                "connections",
            ),
            (
                "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
                "Spamhaus",
                "Spamhaus",
            ),
        ] {
            let found = explain(refusal).unwrap_or_else(|| panic!("{refusal}"));
            assert_eq!(found.who, who, "{refusal}");
            assert!(found.means.contains(means), "{refusal}: {}", found.means);
        }
        for refusal in [
            "550 5.1.1 user unknown",
            "550 5.7.26 not of that provider",
            "550 5.7.260 gmail",
            "250 2.0.0 OK gsmtp",
            "",
        ] {
            assert_eq!(explain(refusal), None, "{refusal}");
        }
    }

    #[test]
    fn every_row_says_all_of_it() {
        for one in &KNOWN {
            assert!(
                !one.signs.is_empty()
                    && one
                        .signs
                        .iter()
                        .all(|sign| !sign.is_empty() && **sign == sign.to_lowercase()),
                "{one:?}"
            );
            assert!(
                ![one.means, one.remedy, one.source].contains(&""),
                "{one:?}"
            );
        }
    }
}
