//! Whole tables, imported; one file, since all of it goes by one fixture.

use proptest::prelude::*;

mod lists;
mod notes;
mod standing;

use super::*;
use crate::model::rhythm::Frequency;
use crate::newsroom::subscribers::export;

fn read(text: impl AsRef<[u8]>) -> Result<Imported, ImportError> {
    import(text.as_ref(), &Instructions::default())
}

fn with(text: &str, means: &[&str], skip: &[&str]) -> Result<Imported, ImportError> {
    let instructions = Instructions {
        means: means
            .iter()
            .map(|text| Meaning::parse(text).unwrap())
            .collect(),
        skip: skip.iter().map(|&name| name.to_owned()).collect(),
        ..Instructions::default()
    };
    import(text.as_bytes(), &instructions)
}

fn said(text: impl AsRef<[u8]>) -> String {
    let imported = read(text).unwrap();
    let mut all: Vec<String> = imported
        .subscribers
        .iter()
        .map(|one| {
            let day = |day: NaiveDate| day.to_string();
            format!(
                "{} name={} sections={:?} since={} consent={} {:?}",
                one.address.reveal(),
                one.name.as_ref().map_or("-", Line::as_str),
                one.sections,
                one.since.map_or("-".into(), day),
                one.consent.as_ref().map_or("-", Line::as_str),
                one.paused
            )
        })
        .collect();
    all.extend(
        imported
            .bad
            .iter()
            .map(|bad| format!("line {}: {}", bad.line, bad.what)),
    );
    if !imported.ignored.is_empty() {
        all.push(format!("ignored: {:?}", imported.ignored));
    }
    all.join("\n")
}

#[test]
fn addresses_as_mail_programs_and_spreadsheets_write_them() {
    let said = said(
        "email,name,\n\u{200b}bo@example.org\u{200b},B,\n\"\"\"Ada L\"\" <ada@example.org>\",,\nCy <cy@example.org>,Cyril,\n<di@example.org>,,\n",
    );
    for expected in [
        "bo@example.org name=B ",
        "ada@example.org name=Ada L ",
        "cy@example.org name=Cyril ",
        "di@example.org name=- ",
    ] {
        assert!(said.contains(expected), "{said}");
    }
}

/// Who may be mailed, then who may not and why, by the part before the `@`.
fn standings(imported: &Imported) -> String {
    let mut all: Vec<String> = imported
        .subscribers
        .iter()
        .map(|one| one.address.local().to_owned())
        .collect();
    all.extend(imported.gone.iter().map(|one| {
        let day = one.day.map_or_else(String::new, |day| format!(" {day}"));
        format!("{}:{:?}{day}", one.address.local(), one.standing)
    }));
    if imported.unconfirmed > 0 {
        all.push(format!("{} unconfirmed", imported.unconfirmed));
    }
    all.join(" ")
}

fn judged(text: &str) -> String {
    match read(text) {
        Ok(imported) => standings(&imported),
        Err(error) => format!("REFUSED: {error}"),
    }
}

#[test]
fn every_column() {
    insta::assert_snapshot!(said("\u{feff}E-Mail,Name,Sections,Since,Consent,Paused,City\r\nAda@Example.org,\"Marsh, Ada\",News; City|Opinion,2026-08-01,fair,,Port Ellery\r\n\r\nbo@example.org,,,2026-08-01T10:00:00Z,,yes\r\ninfo@b\u{fc}cher.example,,,,,2026-09-01,\r\n,,,,,,\r\n"), @r#"
    Ada@example.org name=Marsh, Ada sections=["News", "City", "Opinion"] since=2026-08-01 consent=fair No
    bo@example.org name=- sections=[] since=2026-08-01 consent=- Yes
    info@xn--bcher-kva.example name=- sections=[] since=- consent=- Until(2026-09-01)
    ignored: ["City"]
    "#);
    insta::assert_snapshot!(said("Address;Email Address;First Name\n1 Quay Street;ada@example.org;Ada\n"), @r#"
    ada@example.org name=Ada sections=[] since=- consent=- No
    ignored: ["Address"]
    "#);
    let plain = "ada@example.org name=Zoë sections=[] since=- consent=- No";
    let utf16: Vec<u8> = "email\tname\nada@example.org\tZo\u{eb}\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for bytes in [
        "\n\nname\temail\nZoë\tada@example.org".into(),
        "sep=;\nE-Mail-Adresse;Name\nada@example.org;Zoë\n".into(),
        "Subscriber|Name\nada@example.org|Zoë\n".into(),
        b"email;name\nada@example.org;Zo\xeb\n".to_vec(),
        [b"\xff\xfe".as_slice(), &utf16].concat(),
        utf16,
        r#"[{"email": "ada@example.org", "name": "Zoë"}]"#.into(),
        r#"{"data": {"results": [{"email": "ada@example.org", "name": "Zoë"}]}}"#.into(),
        "{\"email\": \"ada@example.org\", \"name\": \"Zoë\"}\n".into(),
    ] {
        assert_eq!(said(&bytes), plain, "{}", String::from_utf8_lossy(&bytes));
    }
    assert_eq!(
        said("email\rada@example.org\rbo@example.org\r")
            .lines()
            .count(),
        2
    );
}

#[test]
fn each_bad_line_is_named_and_the_rest_taken() {
    let text = "email,name,since,paused\n\
        a@example.org,Ada\n\
        b.example.org,Bo\n\
        ,Cy\n\
        d@example.org,Marsh, Dee,2026-08-01,no,x\n\
        \n\
        e@example.org,Eve,1/8/26\n\
        f@example.org,Flo,,soon\n\
        h@example.org,\"Hal\n\
        i@example.org,Ida\n\
        j@example.org,\"Jo \"\"J\"\" Bly\"\n\
        k@example.org,\"Kit\nl@example.org,Lou\n";
    insta::assert_snapshot!(said(text), @r#"
    a@example.org name=Ada sections=[] since=- consent=- No
    i@example.org name=Ida sections=[] since=- consent=- No
    j@example.org name=Jo "J" Bly sections=[] since=- consent=- No
    l@example.org name=Lou sections=[] since=- consent=- No
    line 3: `b.example.org` is not an email address: expected `name@domain`, but found no `@`
    line 4: no address is in it
    line 5: expected 4 cells as in the header, but found 6
    line 7: `since` must be a day such as 2026-08-24, but found `1/8/26`
    line 8: `paused` must be true, false or a day such as 2026-08-24, but found `soon`
    line 9: a quote is opened in it and not closed
    line 12: a quote is opened in it and not closed
    "#);
}

#[test]
fn quotes_that_never_close_take_no_time() {
    let lines = 300_000;
    let text = format!(
        "email,name\n{}z@example.org,Zoe\n",
        "x\",\"\n".repeat(lines)
    );
    let imported = read(text).unwrap();
    assert_eq!(imported.subscribers.len(), 1);
    let bad = imported.bad.len() + imported.more_bad;
    assert!(imported.bad.len() == 100 && bad >= lines / 2, "{bad}");
}

#[test]
fn a_table_without_addresses() {
    let said = |text: &str| read(text).unwrap_err().to_string();
    insta::assert_snapshot!([said("ada@example.org\nbo@example.org\n"), said(""), said("Name,\u{1b}[31mCity\nAda,x\n")].join("\n"), @"
    the first line must name a column `email`, but found `ada@example.org`
    the first line must name a column `email`, but found nothing
    the first line must name a column `email`, but found `Name`, `[31mCity`
    ");
}

#[test]
fn what_list_programs_export() {
    let all = [
        "Email Address,First Name,Last Name,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LEID,EUID\na@x.example,Ada,L,2020-01-02 03:04:05,192.0.2.1,2020-01-03 03:04:05,192.0.2.1,1,2\n",
        "Email Address,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_REASON\na@x.example,2021-05-06 07:08:09,News,NORMAL\n",
        "Email Address,CLEAN_TIME,CLEAN_CAMPAIGN_TITLE\na@x.example,2021-05-06 07:08:09,News\n",
        "uuid,email,name,attributes,status,created_at,updated_at\n1,a@x.example,Ada,{},enabled,2020-01-01,\n2,b@x.example,Bo,{},disabled,2020-01-01,\n3,c@x.example,Cy,{},blocklisted,2020-01-01,\n",
        "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers\n1,a@x.example,Ada,,true,false,,2020-01-01,,,\n2,b@x.example,Bo,,false,false,,2020-01-01,,,\n3,c@x.example,Cy,,true,false,,2020-01-01,2022-02-02,,\n",
        "email,active_subscription,expiry,email_disabled,created_at\na@x.example,false,,false,2020-01-01\nb@x.example,true,,true,2020-01-01\n",
        "Email,Status,Created At\na@x.example,active,2020\nb@x.example,inactive,2020\nc@x.example,pending,2020\nd@x.example,needs_attention,2020\ne@x.example,invalid,2020\n",
        "EMAIL,FIRSTNAME,LASTNAME,SMS_BLACKLISTED,EMAIL_BLACKLISTED\na@x.example,A,B,true,false\nb@x.example,A,B,false,1\n",
        "Subscriber,Subscribed,Location,Status\na@x.example,2020-01-02 03:04:05,Bonn,Active\nb@x.example,2020-01-02 03:04:05,Bonn,Junk\nc@x.example,2020-01-02 03:04:05,Bonn,Unsubscribed\n",
        "status,reason,email,created\n5.1.1,550 no such user,a@x.example,1609459200\n550,gone,b@x.example,1609459200\n",
        "Email,IsExcludedFromCampaigns\na@x.example,false\nb@x.example,true\n",
        "Email,First Name,Email Marketing Consent\na@x.example,A,SUBSCRIBED\nb@x.example,B,UNSUBSCRIBED\nc@x.example,C,NEVER_SUBSCRIBED\n",
        "Email,Accepts Email Marketing,Accepts SMS Marketing\na@x.example,yes,no\nb@x.example,no,yes\n",
        "Email,Opted out of email\na@x.example,\nb@x.example,true\n",
        "E-Mail-Adresse;Anmeldestatus;Abgemeldet am\na@x.example;Angemeldet;\nb@x.example;Abgemeldet;03.02.2021\n",
        "email,activated,deactivated\na@x.example,1609459200,0\nb@x.example,1609459200,1612137600\nc@x.example,0,0\n",
        "email,created\na@x.example,1609459200\n",
    ];
    insta::assert_snapshot!(all.map(|text| format!("{}: {}", read(text).ok().and_then(|imported| imported.program).unwrap_or("?"), judged(text))).join("\n"), @r#"
    Mailchimp's audience export: a
    Mailchimp's export of who unsubscribed: a:Left 2021-05-06
    Mailchimp's export of cleaned addresses: a:Bounced 2021-05-06
    listmonk's export: a b:Left c:Left
    Ghost's export of members: a b:Left c:Left 2022-02-02
    Substack's export: a b:Left
    ?: a b:Left e:Bounced 2 unconfirmed
    Brevo's export: a b:Left
    MailerLite's export: a b:Complained c:Left
    SendGrid's list of returned mail: a:Bounced 2021-01-01 b:Bounced 2021-01-01
    Mailjet's export: a b:Suppressed
    Klaviyo's export: a b:Left 1 unconfirmed
    Shopify's export of customers: a b:Left
    HubSpot's export: a b:Left
    ?: a b:Left 2021-02-03
    ?: a b:Left 2021-02-01 1 unconfirmed
    ?: REFUSED: the table does not say who may be mailed, and looks like a list of people who left
    "#);
}

#[test]
fn who_left_in_any_words() {
    for (header, left, stays) in [
        ("status", "unsubscribed", "active"),
        ("Status", " Un-Subscribed ", "ACTIVE"),
        ("état", "désabonné", "abonné"),
        ("Estado", "dado de baja", "activo"),
        ("Stato", "disiscritto", "iscritto"),
        ("статус", "отписан", "подписан"),
        ("ステータス", "配信停止", "購読中"),
        ("状态", "已退订", "已订阅"),
        ("durum", "abonelikten çıktı", "abone"),
        ("subscribed", "false", "TRUE"),
        ("Subscribed?", "0", "1"),
        ("optedIn", "nein", "ja"),
        ("opt-in", "non", "oui"),
        ("active", "нет", "да"),
        ("unsubscribed", "yes", "no"),
        ("Opt-Out", "x", ""),
        ("hasOptedOutOfEmail", "1", "0"),
        ("blacklisted", "да", "нет"),
        ("unsubscribed_at", "2024-02-03", ""),
        ("deleted_at", "some day in May", ""),
        ("abgemeldet", "ja", "nein"),
        ("désinscrit", "oui", "non"),
        ("Mailing list member type", "unsubscribed", "subscribed"),
        ("Foo", "abgemeldet", "aktiv"),
    ] {
        let text = format!("email;{header}\na@x.example;{left}\nb@x.example;{stays}\n");
        let imported = read(&text);
        let imported = imported.unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(imported.subscribers.len(), 1, "{text}");
        assert_eq!(imported.subscribers[0].address.local(), "b", "{text}");
        assert_eq!(imported.gone.len(), 1, "{text}");
    }
}

#[test]
fn what_is_not_known_ends_the_import() {
    let all = [
        "email,status\na@x.example,active\nb@x.example,on hold\nc@x.example,on hold\nd@x.example,\n",
        "email,status\na@x.example,true\n",
        "email,subscribed\na@x.example,  \n",
        "email,state\na@x.example,Texas\n",
        "email,city,state\na@x.example,Austin,Texas\n",
        "email,type\na@x.example,vip\n",
        "email,consent\na@x.example,fair\nb@x.example,no\n",
        "email,consent\na@x.example,fair\nb@x.example,form\n",
        "email,consent\na@x.example,yes\nb@x.example,no\n",
        "email,bounces\na@x.example,0\nb@x.example,7\n",
        "email,notes\na@x.example,likes ferries\nb@x.example,unsubscribed\n",
        "email,subscribed,unsubscribed\na@x.example,yes,yes\nb@x.example,yes,no\n",
        "email,status\na@x.example,active\nA@X.example,unsubscribed\n",
    ];
    insta::assert_snapshot!(all.map(judged).join("\n"), @r#"
    REFUSED: the column `status` seems to say who may be mailed, but these values are not known: `on hold` (2), (empty) (1)
    REFUSED: the column `status` seems to say who may be mailed, but these values are not known: `true` (1)
    REFUSED: the column `subscribed` seems to say who may be mailed, but these values are not known: (empty) (1)
    REFUSED: the column `state` seems to say who may be mailed, but these values are not known: `Texas` (1)
    a
    REFUSED: the column `type` seems to say who may be mailed, but these values are not known: `vip` (1)
    REFUSED: the column `consent` seems to say who may be mailed, but these values are not known: `fair` (1)
    a b
    a 1 unconfirmed
    REFUSED: the column `bounces` seems to say who may be mailed, but these values are not known: `7` (1)
    REFUSED: the column `notes` seems to say who may be mailed, but these values are not known: `likes ferries` (1)
    b a:Left
    A:Left
    "#);
    let held = "email,status\na@x.example,active\nb@x.example,On Hold\nc@x.example,\n";
    let stated = with(held, &["status:on hold=left", "Status:=subscribed"], &[]).unwrap();
    assert_eq!(standings(&stated), "a c b:Left");
    assert_eq!(standings(&with(held, &[], &["status"]).unwrap()), "a b c");
    assert_eq!(
        standings(&with(held, &["all=bounced", "status:*=subscribed"], &[]).unwrap()),
        "a:Bounced b:Bounced c:Bounced"
    );
    insta::assert_snapshot!(with(held, &["stauts:x=left"], &[]).unwrap_err(), @"`stauts` is no column of this table: it has `email`, `status`");
    for wrong in ["status:x", "x=left", "status:x=gone", ""] {
        assert!(Meaning::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_name_of_the_file_may_be_all_that_says_it() {
    let named = |name: &str| {
        let instructions = Instructions {
            name: name.into(),
            ..Instructions::default()
        };
        standings(
            &import(
                b"Email Address,First Name\na@x.example,Ada\n",
                &instructions,
            )
            .unwrap(),
        )
    };
    assert_eq!(named("in/unsubscribed_members_export_1a2b.csv"), "a:Left");
    assert_eq!(named("cleaned_members_export_1a2b.csv"), "a:Bounced");
    assert_eq!(
        named("nonsubscribed_members_export_1a2b.csv"),
        "1 unconfirmed"
    );
    assert_eq!(named("subscribed_members_export_1a2b.csv"), "a");
    assert_eq!(named("-"), "a");
    // A list that somebody tidied is no list of addresses that failed.
    let instructions = Instructions {
        name: "cleaned.csv".into(),
        ..Instructions::default()
    };
    assert_eq!(
        import(b"email\na@x.example\n", &instructions),
        Err(ImportError::Silent(Standing::Bounced))
    );
}

#[test]
fn a_list_to_suppress() {
    let read =
        |text: &str| standings(&suppressions(text.as_bytes(), &Instructions::default()).unwrap());
    assert_eq!(
        read("a@x.example\nb@x.example\n"),
        "a:Suppressed b:Suppressed"
    );
    assert_eq!(
        read("# who left by phone\n\na@x.example\n# last week\nb@x.example\n"),
        "a:Suppressed b:Suppressed"
    );
    assert_eq!(read("email,name\na@x.example,Ada\n"), "a:Suppressed");
    assert_eq!(
        read("email,created\na@x.example,1609459200\n"),
        "a:Left 2021-01-01"
    );
    assert_eq!(
        read("email,status\na@x.example,active\nb@x.example,bounced\n"),
        "a b:Bounced"
    );
    assert_eq!(
        read(
            "address,reason,date\na@x.example,by hand,2021-02-03\nb@x.example,complained,2021-02-03\n"
        ),
        "a:Suppressed 2021-02-03 b:Complained 2021-02-03"
    );
}

#[test]
fn no_cell_becomes_a_formula() {
    let bytes = "email,name\n+ada@example.org,\"=HYPERLINK(\"\"https://x.example\"\")\"\n";
    let imported = read(bytes).unwrap();
    let mut out = Vec::new();
    export(&imported.subscribers, &mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out.clone()).unwrap(), @r#"
    email,name,sections,since,consent,paused
    '+ada@example.org,"'=HYPERLINK(""https://x.example"")",,,,
    "#);
    assert_eq!(read(&out).unwrap().subscribers, imported.subscribers);
}

proptest! {
    #[test]
    fn what_goes_out_comes_in_again(names in proptest::collection::vec("[-=+@'\",;a\\u{e9} ]{0,6}", 0..6), consent in "form, \"paper\"|yes|sign-up|confirmed") {
        let chosen = |names: &[&str]| Some(names.iter().map(|name| name.parse().unwrap()).collect());
        let subscribers: Vec<Subscriber> = names.iter().enumerate().map(|(n, name)| Subscriber {
            newsletters: [None, chosen(&[]), chosen(&["sport"]), chosen(&["morning", "sport"])][n % 4].clone(),
            address: Address::parse(&format!("-a{n}@example.org")).unwrap(),
            name: Line::non_empty(name),
            sections: vec![Line::clean("News"), Line::clean("City")],
            since: "2026-08-01".parse().ok(),
            consent: Line::non_empty(&consent),
            paused: [Paused::No, Paused::Yes, Paused::Until("2026-09-01".parse().unwrap())][n % 3],
            rhythm: Rhythm {
                frequency: [Frequency::Daily, Frequency::Weekly][n % 2],
                alerts: n % 3 == 1,
                time_zone: (n > 2).then(|| "America/Argentina/Ushuaia".parse().unwrap()),
            },
        }).collect();
        let mut out = Vec::new();
        export(&subscribers, &mut out).unwrap();
        let imported = read(&out).unwrap();
        prop_assert_eq!(imported.bad, vec![]);
        prop_assert_eq!(imported.subscribers, subscribers);
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "[\"a@.\r\n,]{0,80}") {
        _ = read(&bytes);
        _ = read(format!("email,name\n{text}"));
    }
}
