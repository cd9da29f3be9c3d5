//! Who left stays away, however another program writes it.

use super::*;

/// What becomes of two readers by what a column says of each.
fn of_two(header: &str, one: &str, other: &str) -> String {
    judged(&format!(
        "email;{header}\na@x.example;{one}\nb@x.example;{other}\n"
    ))
}

#[test]
fn empty_days_say_nothing_and_days_of_any_form_say_it() {
    let standing =
        |header: &str, value: &str| judged(&format!("email;{header}\na@x.example;\"{value}\"\n"));
    for never in [
        "",
        "0000-00-00",
        "0000-00-00 00:00:00",
        "1970-01-01 00:00:00",
        "0001-01-01T00:00:00Z",
        "00.00.0000",
        "30.12.1899",
        "NULL",
        "\\N",
        "n/a",
        "-",
        "0",
    ] {
        for header in [
            "unsubscribed_at",
            "Unsubscribed",
            "UNSUB_TIME",
            "Abgemeldet am",
            "deleted_at",
        ] {
            assert_eq!(standing(header, never), "a", "{header} {never:?}");
        }
        assert_eq!(
            standing("CONFIRM_TIME", never),
            "1 unconfirmed",
            "{never:?}"
        );
    }
    for day in [
        "2024-05-06",
        "2024-05-06T07:08:09.123+02:00",
        "06.05.2024 07:08",
        "20240506",
        "1714979289",
        "May 6, 2024",
        "6-May-2024",
        "Mon, 06 May 2024 07:08:09 +0000",
    ] {
        for header in ["unsubscribed_at", "Unsubscribed", "désinscrit le"] {
            assert_eq!(standing(header, day), "a:Left 2024-05-06", "{header} {day}");
        }
        assert_eq!(standing("Subscribed", day), "a", "{day}");
    }
    // One of two days: that they left is certain all the same.
    assert_eq!(standing("Unsubscribed", "03/04/2024 10:11"), "a:Left");
}

#[test]
fn a_reason_is_the_better_word() {
    for (reason, expected) in [
        ("NORMAL", "a:Left"),
        ("ABUSE", "a:Complained"),
        ("Hard Bounce", "a:Bounced"),
        ("too many mails", "a:Left"),
    ] {
        let text = format!("Email Address,UNSUB_TIME,UNSUB_REASON\na@x.example,,{reason}\n");
        assert_eq!(judged(&text), expected, "{reason}");
    }
    let postmark = "EmailAddress,SuppressionReason,Origin,CreatedAt\na@x.example,HardBounce,Recipient,2021-02-03\nb@x.example,SpamComplaint,Recipient,2021-02-03\nc@x.example,ManualSuppression,Customer,2021-02-03\n";
    assert_eq!(judged(postmark), "a:Bounced b:Complained c:Suppressed");
}

#[test]
fn how_often_is_no_standing() {
    assert_eq!(
        judged("email,bounce_count,emails bounced\na@x.example,0,00\n"),
        "a"
    );
    for header in [
        "bouncecount",
        "Emails bounced",
        "bounces",
        "spam complaints",
    ] {
        let said = judged(&format!("email,{header}\na@x.example,1\n"));
        assert!(said.starts_with("REFUSED"), "{header}: {said}");
    }
}

#[test]
fn words_about_leaving_in_any_column() {
    for note in [
        "unsubscribed by admin, 2019",
        "vip; opted-out",
        "hat sich abgemeldet",
        "désabonnée en mai",
    ] {
        let said = judged(&format!(
            "email;notes\na@x.example;\"{note}\"\nb@x.example;likes ferries\n"
        ));
        assert!(
            said.starts_with("REFUSED: the column `notes`"),
            "{note}: {said}"
        );
    }
    assert_eq!(
        judged(
            "email,status,notes\na@x.example,unsubscribed,unsubscribed by phone\nb@x.example,active,\n"
        ),
        "b a:Left"
    );
    assert_eq!(
        judged("email,newsletter\na@x.example,yes\nb@x.example,no\n"),
        "a 1 unconfirmed"
    );
    assert_eq!(
        judged("email,newsletter\na@x.example,Morning\nb@x.example,Evening\n"),
        "a b"
    );
    assert_eq!(
        judged("email,Consent to track\na@x.example,yes\nb@x.example,no\n"),
        "a b"
    );
    assert_eq!(
        judged("email,Billing City,Billing State\na@x.example,Austin,Texas\n"),
        "a"
    );
}

#[test]
fn words_by_themselves_and_letters_that_only_look_different() {
    for (header, left) in [
        ("Info", "pending"),
        ("Info", "Dada de baja"),
        ("Stop date", "2024-05-06"),
        ("Inactif", "oui"),
        ("إلغاء الاشتراك", "نعم"),
        ("الغـاء الاشتراك", "1"),
        ("غير\u{200c}فعال", "بله"),
        ("شكايت", "بله"),
        ("ביטול מנוי", "כן"),
        ("ﾊﾞｳﾝｽ", "はい"),
    ] {
        let other = if header == "Info" { "active" } else { "" };
        let said = of_two(header, left, other);
        assert!(
            said.starts_with("b ") && said != "b a",
            "{header} {left}: {said}"
        );
    }
}

#[test]
fn who_left_text_messages_still_reads_mail() {
    for (header, value) in [
        ("SMS Marketing Consent", "UNSUBSCRIBED"),
        ("Phone status", "blocked"),
        ("push_opt_out", "true"),
        ("WhatsApp", "unsubscribed"),
    ] {
        let said = judged(&format!("email,{header}\na@x.example,{value}\n"));
        assert_eq!(said, "a", "{header}");
    }
}

#[test]
fn two_columns_of_one_name() {
    let text = "email,status,status\na@x.example,active,on hold\n";
    assert!(judged(text).starts_with("REFUSED"));
    let stated = with(text, &["status:on hold=left"], &[]).unwrap();
    assert_eq!(standings(&stated), "a:Left");
    assert_eq!(standings(&with(text, &[], &["status"]).unwrap()), "a");
    assert_eq!(
        judged("email,status,Status\na@x.example,active,unsubscribed\n"),
        "a:Left"
    );
}

#[test]
fn separators_inside_quotes_do_not_count() {
    let text = "\"E-Mail\";\"Name, Vorname, Titel\";\"Status\"\na@x.example;Ada;abgemeldet\nb@x.example;Bo;angemeldet\n";
    assert_eq!(judged(text), "b a:Left");
    assert_eq!(
        judged("SEP=;\nemail;status\na@x.example;unsubscribed\n"),
        "a:Left"
    );
}

/// `has hard bounced` held a hash, and `our letter` an URL: such columns judged nobody, and who left was subscribed.
#[test]
fn parts_of_a_header_are_looked_for_where_words_begin_or_end() {
    for header in [
        "Has hard bounced",
        "Unsubscribed from our letter",
        "Opted out of email and SMS",
        "unsubscribed (email/push)",
        "Marketing Suspended",
        "non_transactional",
        "deceased",
    ] {
        let said = judged(&format!("email;{header}\na@x.example;true\n"));
        assert!(said.starts_with("a:"), "{header}: {said}");
    }
    for header in ["member_status_id", "unsubscribed_by_id", "unsub ip"] {
        let said = judged(&format!("email,{header}\na@x.example,zz\n"));
        assert!(said.starts_with("REFUSED"), "{header}: {said}");
    }
    let said = judged("email,unsubscribe_campaign_id\na@x.example,zz\n");
    assert_eq!(said, "a:Left");
    for header in [
        "SMS opt-out",
        "Phone unsubscribed",
        "unsubscribe_link",
        "unsubscribe token",
        "unsubhash",
        "lead_status",
    ] {
        assert_eq!(judged(&format!("email,{header}\na@x.example,yes\n")), "a");
    }
}

#[test]
fn who_left_in_other_languages_of_europe_and_asia() {
    for (header, fine, gone) in [
        ("Avregistrerad", "nej", "ja"),
        ("Afmeldingsdato", "", "02-01-2024"),
        ("Avmeldt", "nei", "ja"),
        ("Perunut", "ei", "kyllä"),
        ("odhlášen", "ne", "ano"),
        ("odhlásený", "nie", "áno"),
        ("leiratkozás dátuma", "", "2024-01-02"),
        ("dezabonat", "nu", "da"),
        ("Διαγραφή", "όχι", "ναι"),
        ("odjavljen", "ne", "da"),
        ("Atsisakė", "ne", "taip"),
        ("Atteicies", "nē", "jā"),
        ("Loobunud", "ei", "jah"),
        ("Hủy đăng ký", "", "2024-01-02"),
        ("Berhenti berlangganan", "tidak", "ya"),
        ("수신거부", "아니오", "예"),
        ("stav", "přihlášen", "odhlášen"),
        ("állapot", "feliratkozott", "leiratkozott"),
        ("κατάσταση", "ενεργός", "διαγραμμένος"),
        ("Frequency", "daily", "never"),
        ("Verteiler", "drin", "raus"),
    ] {
        let said = of_two(header, fine, gone);
        assert!(said.starts_with("a b:Left"), "{header}: {said}");
    }
}

#[test]
fn a_type_of_bounce_is_a_reason_and_no_type_is_none() {
    let said = judged("email,bounce_type\na@x.example,\nb@x.example,Hard\n");
    assert_eq!(said, "a b:Bounced");
}

/// Whatever a column is called and in whatever language: yes and no, or days and none, part the readers in two, and nobody may guess which of them left.
#[test]
fn a_column_whose_values_part_the_readers_is_asked_about() {
    for (header, one, other) in [
        ("Gets it", "yes", "no"),
        ("Frei", "WAHR", "FALSCH"),
        ("Ընդունում է", "այո", "ոչ"),
        ("Xəbərlər", "hə", "yox"),
        ("Kérem", "igen", "nem"),
        ("Ready", "☑", "☐"),
        ("希望", "希望する", "希望しない"),
        ("Letter", "1", ""),
        ("Ended", "", "2025-02-03"),
        ("Lopetettu", "", "3.2.2025"),
        ("Fim", "0000-00-00", "2025-02-03 04:05:06"),
        ("subscribed", "1", "-1"),
        ("Mailing?", "Yes please", "No, thanks"),
        ("Mailing?", "✔️", "✖️"),
        ("Mailing?", "👍", "👎"),
        ("končí", "", "31. 12. 2024"),
        ("fin", "", "31/12/24"),
        ("終了", "", "2024年12月31日"),
        ("Ended", "", "Dec 2024"),
        ("until", "9999-12-31", "2024-12-31"),
        ("uwagi", "", "nie chce newslettera"),
        ("備考", "", "配信不要"),
        ("notes", "vip", "GDPR deletion request"),
        ("remarks", "likes ferries", "asked to be taken off the list"),
        ("Bemerkung", "mag Fähren", "möchte keine Mails mehr"),
        ("Remarques", "le sport", "ne veut plus recevoir la lettre"),
    ] {
        let said = of_two(header, one, other);
        assert!(said.starts_with("REFUSED"), "{header}: {said}");
    }
}

/// A column of more different days than are named.
#[test]
fn days_are_counted_however_many_they_are() {
    let mut text = "email,Fim\na@x.example,\n".to_owned();
    text.extend((0..3_000).map(|n| {
        format!(
            "a{n}@x.example,{}-{:02}-{:02}\n",
            2000 + n / 300,
            n % 12 + 1,
            n / 12 % 25 + 1
        )
    }));
    assert!(judged(&text).starts_with("REFUSED"));
}

#[test]
fn what_is_about_the_person_or_the_same_for_all_is_not_asked_about() {
    for (header, one, other) in [
        ("VIP", "yes", "no"),
        ("Flat", "No. 5", "12b"),
        ("Last opened", "", "2026-02-03"),
        ("Geburtsdatum", "", "03.02.1980"),
        ("Paid plan", "true", "false"),
        ("Sprache", "Hindi", "Deutsch"),
        ("Anything", "yes", "yes"),
        ("Anything", "", ""),
        ("Anything", "2026-02-03", "2026-02-04"),
        ("Town", "Ayr", "Oban"),
        ("Abonneenummer", "17", ""),
        ("Notes", "no cats", "wants more ferries"),
    ] {
        let said = of_two(header, one, other);
        assert_eq!(said, "a b", "{header}");
    }
}

#[test]
fn what_is_asked_about_can_be_answered() {
    let text = "email,Fim\na@x.example,\nb@x.example,2025-02-03\n";
    assert_eq!(
        standings(&with(text, &["Fim:*=left"], &[]).unwrap()),
        "a b:Left"
    );
    assert_eq!(standings(&with(text, &[], &["Fim"]).unwrap()), "a b");
    assert_eq!(
        standings(&with(text, &["all=subscribed"], &[]).unwrap()),
        "a b"
    );
    let list = "email,Urgent\na@x.example,yes\nb@x.example,no\n";
    let list = suppressions(list.as_bytes(), &Instructions::default()).unwrap();
    assert_eq!(standings(&list), "a:Suppressed b:Suppressed");
}

/// The column of addresses is known by what is in it, if by nothing else.
#[test]
fn a_column_of_nothing_but_addresses_is_that_of_the_addresses() {
    for header in ["Netfang", "Surel", "E-pasts", "Имэйл", "மின்னஞ்சல்"] {
        let text = format!("{header},Status\na@x.example,active\nb@x.example,unsubscribed\n");
        assert_eq!(judged(&text), "a b:Left", "{header}");
    }
    for unclear in [
        "X,Y\na@x.example,b@x.example\n",
        "X,Y\na@x.example,1\nb,2\n",
    ] {
        assert!(judged(unclear).starts_with("REFUSED"), "{unclear}");
    }
}

/// Dynamics: whether mail is allowed, under the name of the opposite.
#[test]
fn allowed_in_a_column_that_says_do_not_is_allowed() {
    let said = judged("email,Do not allow Emails\na@x.example,Allow\nb@x.example,Do Not Allow\n");
    assert_eq!(said, "a b:Left");
}
