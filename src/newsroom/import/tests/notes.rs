//! Who left stays away, where no column says so: notes beside names, headings between rows, words of any language.

use super::*;

#[test]
fn a_note_beside_a_name_is_asked_about_and_a_name_is_not() {
    for name in [
        "Cy (unsubscribed)",
        "Cy [removed]",
        "Cy - opted out",
        "Cy – abgemeldet",
        "Cy *bounced",
        "désabonnée",
        "Unsubscribed",
        "Cy（退訂）",
    ] {
        let table = format!("email;name\na@x.example;{name}\nb@x.example;Bo\n");
        let said = judged(&table);
        assert!(
            said.starts_with("REFUSED: the column `name`"),
            "{name}: {said}"
        );
        assert!(!said.contains("Bo"), "{said}");
        let means = format!("name:{name}=left");
        let stated = with(&table, &[&means], &[]).unwrap();
        assert_eq!(standings(&stated), "b a:Left", "{name}");
        assert_eq!(standings(&with(&table, &[], &["name"]).unwrap()), "a b");
    }
    for name in [
        "Jun Subramanian",
        "Klaus Held",
        "Held",
        "Dead",
        "Ann (Annie) Lee",
        "Ole - Mor",
        "Left",
        "Cleo Spam",
    ] {
        let said = judged(&format!(
            "email;name;notes\na@x.example;{name};met {name}\nb@x.example;Bo;\n"
        ));
        assert_eq!(said, "a b", "{name}");
    }
    let both =
        "email,name,status\na@x.example,Cy (unsubscribed),unsubscribed\nb@x.example,Bo,active\n";
    assert_eq!(judged(both), "b a:Left");
}

/// Two lists in one file.
#[test]
fn a_heading_between_the_rows_ends_the_import() {
    for heading in [
        "Unsubscribed:",
        "--- opted out ---",
        "# abgemeldet",
        "BOUNCED",
        "退会済み",
    ] {
        let table = format!("email,name\na@x.example,A\n{heading},\nb@x.example,B\n");
        let said = judged(&table);
        assert!(
            said.starts_with("REFUSED: line 3 says"),
            "{heading}: {said}"
        );
        let all = with(&table, &["all=left"], &[]).unwrap();
        assert_eq!(standings(&all), "a:Left b:Left");
        let list = suppressions(table.as_bytes(), &Instructions::default()).unwrap();
        assert_eq!(standings(&list), "a:Suppressed b:Suppressed");
    }
    for line in ["North:", "# the first ten", "ada at x.example", "Held"] {
        let said = judged(&format!(
            "email,name\na@x.example,A\n{line},\nb@x.example,B\n"
        ));
        assert_eq!(said, "a b", "{line}");
    }
}

/// Of a language that nobody here knows: two words part the readers all the same.
#[test]
fn two_words_of_any_language_are_asked_about() {
    for (header, one, other) in [
        ("kachkan", "riqsisqa", "ripusqa"),
        ("Вазъият", "обуна", "рафт"),
        ("X", "in", "out"),
        ("📬", "🙂", "🙁"),
        ("Stat", "Attiv", "Kanċellat"),
        ("Վիճակ", "Ակտիվ", "Չեղարկված"),
        ("तथ्य", "छ", "छैन"),
        ("mail", "📬", "📭"),
    ] {
        let said = judged(&format!(
            "E-Mail;{header}\na@x.example;{one}\nb@x.example;{one}\nc@x.example;{other}\n"
        ));
        assert!(said.starts_with("REFUSED"), "{header}: {said}");
    }
    for (header, cells) in [
        ("Seat", ["a1", "a2", "a3"]),
        ("Colour", ["red", "red", "red"]),
        ("Remark", ["", "", "likes ferries and seals"]),
        ("Town", ["Ayr", "Ayr", "Oban"]),
        ("Plan", ["solo", "solo", "team"]),
        ("Joined", ["2024-01-02", "2024-01-02", "2024-01-03"]),
    ] {
        let [a, b, c] = cells;
        let said = judged(&format!(
            "email;{header}\na@x.example;{a}\nb@x.example;{b}\nc@x.example;{c}\n"
        ));
        assert_eq!(said, "a b c", "{header}");
    }
}
