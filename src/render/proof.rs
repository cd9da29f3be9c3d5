//! What a proof says to its approver above the page.

use chrono::{DateTime, FixedOffset};
use maud::html;

use crate::model::address::Address;
use crate::model::edition::Slug;
use crate::model::pages::{Pages, Slotted};

/// What is asked of an approver.
#[derive(Clone, Debug)]
pub struct ProofNotice {
    pub by: Address,
    pub slug: Slug,
    /// Until when the link is good.
    pub until: DateTime<FixedOffset>,
    /// Where they approve or hold; `None`: there are no pages of ours that they could open.
    pub link: Option<String>,
}

const STYLE: &str = "margin:0;padding:12px 16px;font:16px/1.5 Arial,sans-serif;color:#1a1a1a;background:#fff4d6;border-bottom:2px solid #7a5c00";

/// The pages with the notice on top. Like the rest of a proof that is not the edition it is in English.
#[must_use]
pub fn with_notice(pages: &Pages, notice: &ProofNotice) -> Pages {
    let (by, slug) = (notice.by.reveal(), &notice.slug);
    let until = notice.until.format("%H:%M on %Y-%m-%d");
    let whose = format!("This proof is for {by}, who may approve the edition of {slug}.");
    let rest = match &notice.link {
        Some(_) => format!(
            "The link is yours alone, works once, and until {until}. Nothing happens before you press a button there."
        ),
        None => format!("Approve it with: newsdigest approve {slug} --as {by}"),
    };
    let banner = html! {
        div lang="en" dir="ltr" style=(STYLE) {
            (whose) " "
            @if let Some(link) = &notice.link {
                a href=(link) style="color:#1a1a1a;font-weight:bold" { "Approve or hold it" } ". "
            }
            (rest)
        }
    };
    let whole = |page: &Slotted| page.fill(|slot| slot.marker().to_owned());
    let mut page = whole(&pages.html);
    let body = page.find("<body").unwrap_or_default();
    let at = page[body..].find('>').map_or(0, |end| body + end + 1);
    page.insert_str(at, &banner.into_string());
    let link = notice.link.as_ref();
    let link = link.map_or_else(String::new, |link| format!("Approve or hold it:\n{link}\n"));
    let text = format!("{whose}\n{link}{rest}\n\n{}", whole(&pages.text));
    Pages {
        html: Slotted::cut(&page),
        text: Slotted::cut(&text),
        ..pages.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::line::Line;

    #[test]
    fn it_is_on_top_of_both_pages_and_the_rest_is_the_edition() {
        let pages = Pages {
            subject: Line::clean("S"),
            opening: Line::clean("O"),
            html: Slotted::cut("<head></head><body class=\"a\"><p>one\u{2}unsubscribe\u{3}</p>"),
            text: Slotted::cut("one\n"),
        };
        let notice = |link: Option<&str>| ProofNotice {
            by: Address::parse("bea@h.example").unwrap(),
            slug: "2026-08-24".parse().unwrap(),
            until: "2026-08-24T09:00:00+01:00".parse().unwrap(),
            link: link.map(str::to_owned),
        };
        let shown = with_notice(&pages, &notice(Some("https://n.example/approve/a?\"<")));
        let html = shown.html.fill(|_| "LEAVE".to_owned());
        assert!(html.starts_with("<head></head><body class=\"a\"><div lang=\"en\""));
        assert!(html.ends_with("</div><p>oneLEAVE</p>"));
        assert!(html.contains("approve/a?&quot;&lt;\"") && html.contains("09:00 on 2026-08-24"));
        let text = shown.text.fill(|_| String::new());
        assert!(
            text.contains("\nhttps://n.example/approve/a?\"<\n") && text.ends_with("\n\none\n")
        );
        let shown = with_notice(&pages, &notice(None));
        let text = shown.text.fill(|_| String::new());
        assert!(text.contains("newsdigest approve 2026-08-24 --as bea@h.example\n"));
        assert!(!shown.html.fill(|_| String::new()).contains("href"));
    }
}
