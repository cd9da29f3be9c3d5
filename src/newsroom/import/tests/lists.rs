//! Who is subscribed to nothing, or is on a list that says nothing of it.

use super::*;
use crate::model::subscriber::Suppression;

#[test]
fn objects_within_objects_and_lists_of_lists() {
    for (text, expected) in [
        (
            r#"[{"email": "a@x.example", "subscription": {"status": "unsubscribed"}}]"#,
            "a:Left",
        ),
        (
            r#"[{"email": "a@x.example", "lists": [{"name": "news", "subscription_status": "unsubscribed"}]}]"#,
            "a:Left",
        ),
        (
            r#"[{"email": "a@x.example", "unsubscribed_at": null, "status": "active"}]"#,
            "a",
        ),
        (
            r#"{"data": [{"email": "a@x.example", "subscribed": false}], "links": {}, "total": 1}"#,
            "a:Left",
        ),
    ] {
        assert_eq!(judged(text), expected, "{text}");
    }
    for text in [
        r#"{"unsubscribes": [{"email": "a@x.example"}]}"#,
        r#"{"SuppressedDestinationSummaries": [{"EmailAddress": "a@x.example"}]}"#,
        r#"{"subscribed": [{"email": "b@x.example"}], "unsubscribed": [{"email": "a@x.example"}]}"#,
        r#"[{"email": "a@x.example", "lists": [{"status": "confirmed"}, {"status": "unsubscribed"}]}]"#,
        r#"[{"email": "a@x.example", "a": {"b": {"c": {"d": {"status": "unsubscribed"}}}}}]"#,
    ] {
        let said = judged(text);
        assert!(said.starts_with("REFUSED"), "{text}: {said}");
    }
    let wide: Vec<String> = (0..1_100).map(|n| format!(r#""a{n}": 1, "#)).collect();
    let wide = wide.concat();
    let wide = format!(r#"[{{{wide}"email": "a@x.example", "status": "unsubscribed"}}]"#);
    assert!(read(wide).map_or(true, |imported| imported.subscribers.is_empty()));
}

/// Nobody who is subscribed to nothing is mailed, however nothing is written; and where it cannot be told, a person must say it.
#[test]
fn subscribed_to_nothing_is_not_subscribed() {
    for list in [
        "newsletters",
        "lists",
        "listIds",
        "list_memberships",
        "subscriptions",
        "Abos",
    ] {
        for nothing in [
            "[]", "{}", "[{}]", "[null]", "[[]]", "[\"\"]", "\"[]\"", "\"none\"", "false", "0",
        ] {
            let json = format!(
                r#"[{{"email": "a@x.example", "{list}": {nothing}}}, {{"email": "b@x.example", "{list}": ["Weekly"]}}]"#
            );
            assert_eq!(judged(&json), "b a:Left", "{json}");
            let only = format!(r#"[{{"email": "a@x.example", "{list}": {nothing}}}]"#);
            assert_eq!(judged(&only), "a:Left", "{only}");
        }
        for nothing in ["[]", "{}", "NULL", "none", "-", "0", "no"] {
            let csv =
                format!("email;{list}\na@x.example;{nothing}\nb@x.example;\"Weekly, City\"\n");
            assert_eq!(judged(&csv), "b a:Left", "{csv}");
        }
        for empty in [
            format!("email;{list}\na@x.example;\nb@x.example;Weekly\n"),
            format!("email;{list}\na@x.example;\n"),
            format!(r#"[{{"email": "a@x.example", "{list}": null}}]"#),
            format!(r#"[{{"email": "a@x.example", "{list}": ""}}]"#),
            format!(
                r#"[{{"email": "a@x.example"}}, {{"email": "b@x.example", "{list}": ["Weekly"]}}]"#
            ),
        ] {
            assert!(judged(&empty).starts_with("REFUSED"), "{empty}");
            let stated = with(&empty, &[&format!("{list}:=left")], &[]).unwrap();
            assert!(standings(&stated).ends_with("a:Left"), "{empty}");
        }
    }
    let ghost = r#"{"members": [
        {"email": "a@x.example", "newsletters": [], "subscriptions": [], "labels": []},
        {"email": "b@x.example", "newsletters": [{"id": "1", "name": "Weekly", "status": "active"}], "subscriptions": [], "labels": []}]}"#;
    assert_eq!(judged(ghost), "b a:Left");
    // As sections they say so too.
    let sections = Instructions {
        sections: Some("newsletters".into()),
        ..Instructions::default()
    };
    let ghost = r#"[{"email": "a@x.example", "newsletters": []}, {"email": "b@x.example", "newsletters": ["Weekly"]}]"#;
    let imported = import(ghost.as_bytes(), &sections).unwrap();
    assert_eq!(standings(&imported), "b a:Left");
    assert_eq!(imported.subscribers[0].sections[0].as_str(), "Weekly");
    // Tags and labels are no subscriptions.
    assert_eq!(
        judged(r#"[{"email": "a@x.example", "labels": [], "tags": [], "sections": []}]"#),
        "a"
    );
    assert!(judged("email,consent\na@x.example,yes\nb@x.example,\n").starts_with("REFUSED"));
}

#[test]
fn lists_without_a_word_about_standing() {
    for text in [
        "address,code,error,created_at\na@x.example,550,5.7.1 see our page,Mon\n",
        "address,tags,created_at\na@x.example,,Mon\n",
        "email,created\na@x.example,1609459200\n",
    ] {
        assert!(matches!(read(text), Err(ImportError::Silent(_))), "{text}");
    }
    for (name, table) in [
        (
            "unsubscribed.csv",
            "Subscriber,Subscribed\na@x.example,2020-01-02 03:04:05\n",
        ),
        (
            "junk_subscribers.csv",
            "Subscriber,Subscribed\na@x.example,2020-01-02\n",
        ),
        (
            "x.csv",
            "Secondary mail,email,created,ip\n,a@x.example,1609459200,192.0.2.1\n",
        ),
    ] {
        let instructions = Instructions {
            name: name.into(),
            ..Instructions::default()
        };
        let said = import(table.as_bytes(), &instructions);
        assert!(
            matches!(said, Err(ImportError::Silent(_))),
            "{name}: {said:?}"
        );
    }
    assert_eq!(
        judged("email,Kein Newsletter\na@x.example,ja\nb@x.example,nein\n"),
        "b a:Left"
    );
    let named = Instructions {
        name: "bounces.csv".into(),
        ..Instructions::default()
    };
    let imported = suppressions(b"email\na@x.example\n", &named).unwrap();
    assert_eq!(standings(&imported), "a:Bounced");
    let ses = br#"{"SuppressedDestinationSummaries": [{"EmailAddress": "a@x.example", "Reason": "COMPLAINT"}, {"EmailAddress": "b@x.example", "Reason": "BOUNCE"}]}"#;
    let imported = suppressions(ses, &Instructions::default()).unwrap();
    assert_eq!(standings(&imported), "a:Complained b:Bounced");
}

/// Mailchimp's column of tags: each between quotes within the cell.
#[test]
fn tags_become_sections_without_their_quotes() {
    let instructions = Instructions {
        sections: Some("TAGS".into()),
        ..Instructions::default()
    };
    let text = "Email Address,TAGS\na@x.example,\"\"\"sport\"\",\"\"city hall\"\"\"\n";
    let imported = import(text.as_bytes(), &instructions).unwrap();
    let sections: Vec<&str> = imported.subscribers[0]
        .sections
        .iter()
        .map(Line::as_str)
        .collect();
    assert_eq!(sections, ["sport", "city hall"]);
}

/// The lists of addresses that providers do not send to any more, as they export them: who is on one for what.
#[test]
fn suppression_lists_of_providers() {
    let told = |text: &str| {
        // Mailgun's list of bounces says what it is by its name only.
        let name = if text.contains("code,error") {
            "bounces.csv"
        } else {
            ""
        };
        let instructions = Instructions {
            name: name.to_owned(),
            ..Instructions::default()
        };
        let imported =
            crate::newsroom::import::suppressions(text.as_bytes(), &instructions).unwrap();
        let gone = imported.gone.iter().map(|one| {
            let reason = one.standing.suppression().map(Suppression::code);
            format!("{}:{}", one.address.local(), reason.unwrap_or_default())
        });
        gone.collect::<Vec<_>>().join(" ")
    };
    for (text, expected) in [
        (
            r#"{"SuppressedDestinationSummaries":[{"EmailAddress":"a@x.example","Reason":"BOUNCE","LastUpdateTime":"2026-04-03T12:00:00.000000+00:00"},{"EmailAddress":"b@x.example","Reason":"COMPLAINT","LastUpdateTime":1775217600.5}],"NextToken":"n"}"#,
            "a:bounced b:complained",
        ),
        (
            r#"{"Suppressions":[{"EmailAddress":"a@x.example","SuppressionReason":"ManualSuppression","Origin":"Recipient","CreatedAt":"2019-12-10T08:58:33-05:00"},{"EmailAddress":"b@x.example","SuppressionReason":"HardBounce","Origin":"Recipient","CreatedAt":"2019-12-11T08:58:33-05:00"},{"EmailAddress":"c@x.example","SuppressionReason":"SpamComplaint","Origin":"Customer","CreatedAt":"2019-12-11T08:58:33-05:00"}]}"#,
            "a:by hand b:bounced c:complained",
        ),
        (
            "address,code,error,created_at\na@x.example,550,\"No such mailbox\",\"Fri, 21 Oct 2011 11:02:55 UTC\"\n",
            "a:bounced",
        ),
        (
            "address,tags,created_at\na@x.example,*,\"Fri, 21 Oct 2011 11:02:55 UTC\"\n",
            "a:unsubscribed",
        ),
        (
            r#"[{"created":1443651125,"email":"a@x.example","reason":"550 5.1.1 does not exist","status":"5.1.1"}]"#,
            "a:bounced",
        ),
        (
            r#"{"count":4,"contacts":[{"email":"a@x.example","senderEmail":"","reason":{"code":"hardBounce","message":"Hard bounced"},"blockedAt":"2026-05-01T00:00:00Z"},{"email":"b@x.example","senderEmail":"","reason":{"code":"unsubscribedViaEmail","message":"Unsubscribed via Email"},"blockedAt":"2026-05-01T00:00:00Z"},{"email":"c@x.example","senderEmail":"","reason":{"code":"contactFlaggedAsSpam","message":"Contact flagged as spam"},"blockedAt":"2026-05-01T00:00:00Z"},{"email":"d@x.example","senderEmail":"","reason":{"code":"adminBlocked","message":"Admin blocked"},"blockedAt":"2026-05-01T00:00:00Z"}]}"#,
            "a:bounced b:unsubscribed c:complained d:unsubscribed",
        ),
        (
            "Email,Reason,Date\na@x.example,Hard bounced,2026-05-01\nb@x.example,Unsubscribed via email,2026-05-01\nc@x.example,Complaint,2026-05-01\n",
            "a:bounced b:unsubscribed c:complained",
        ),
    ] {
        assert_eq!(told(text), expected, "{text}");
    }
}
