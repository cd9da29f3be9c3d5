//! Fields of a letter that the relay replaces, and those that it wants.

use crate::message::Rewritten;
use crate::model::extra_header::ExtraHeader;
use crate::model::line::Line;
use crate::model::toml_table::{Problems, TomlTable};

/// `rewrites`: fields that the relay sets anew.
pub(super) fn rewrites(table: &mut TomlTable<'_>, problems: &Problems) -> Option<Vec<Rewritten>> {
    let mut all = Vec::new();
    for name in table.texts("rewrites", problems)? {
        match Rewritten::parse(&name.value) {
            Some(rewritten) => all.push(rewritten),
            None => problems.add(table.problem(
                name.span,
                format!(
                    "`{}` is no field that may be left unsigned: expected `Message-ID` or `Date`",
                    Line::clean_to(&name.value, 60)
                ),
            )),
        }
    }
    Some(all)
}

/// Amazon SES sets Message-ID and Date, Brevo the Message-ID.
pub(super) fn known_to_rewrite(host: &str) -> Vec<Rewritten> {
    let is_ses = host.starts_with("email-smtp")
        && (host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn"));
    if is_ses {
        vec![Rewritten::MessageId, Rewritten::Date]
    } else if ["smtp-relay.brevo.com", "smtp-relay.sendinblue.com"].contains(&host) {
        vec![Rewritten::MessageId]
    } else {
        Vec::new()
    }
}

/// `headers`: fields that the relay wants of every letter.
pub(super) fn headers(table: &mut TomlTable<'_>, problems: &Problems) -> Vec<ExtraHeader> {
    let Some(mut table) = table.table("headers", problems) else {
        return Vec::new();
    };
    let mut all: Vec<ExtraHeader> = Vec::new();
    for (name, value) in table.rest(problems) {
        match ExtraHeader::parse(&name.value, &value.value) {
            Ok(header)
                if all
                    .iter()
                    .any(|other| other.name().eq_ignore_ascii_case(header.name())) =>
            {
                let what = format!("`{}` is named twice in `headers`", header.name());
                problems.add(table.problem(name.span, what));
            }
            Ok(_) if all.len() >= 20 => {
                problems.add(table.problem(name.span, "more than 20 fields in `headers`"));
                break;
            }
            Ok(header) => all.push(header),
            Err(what) => problems.add(table.problem(name.span, what)),
        }
    }
    table.finish(problems);
    all
}
