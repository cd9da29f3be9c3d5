//! The frame around the blocks.

use maud::{DOCTYPE, PreEscaped, html};

use super::block;
use super::keys::Class;
use super::page::Page;
use super::plain::Plain;
use crate::line::Line;

/// The whole HTML document.
///
/// `lang` and `dir` stand on the wrapper too, because many clients keep nothing outside the body. Outlook's Word engine knows no
/// `max-width`: it gets the one table, in a comment that others skip. No text from outside is ever put in a comment.
pub(super) fn html(page: &Page<'_>, subject: &Line) -> String {
    let language = page.template.language();
    let (lang, dir) = (language.tag(), language.direction());
    let width = page.template.settings().width;
    let media = page.look.media();
    let ghost = format!(
        "<!--[if mso]><table role=\"none\" dir=\"{dir}\" align=\"center\" width=\"{width}\" cellpadding=\"0\" cellspacing=\"0\" style=\"table-layout:fixed;max-width:100%\"><tr><td><![endif]-->"
    );
    let document = html! {
        (DOCTYPE)
        html lang=(lang) dir=(dir) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width,initial-scale=1";
                // Phones would make links of numbers and dates.
                meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no";
                title { (subject) }
                @if !media.0.is_empty() { style { (media) } }
            }
            body class=[page.class(Class::Paper)] style=[page.style(Class::Paper)] {
                div role="article" aria-roledescription="email" aria-label=(page.newsletter.name) lang=(lang) dir=(dir)
                    class=[page.class(Class::Page)] style=[page.style(Class::Page)] {
                    (PreEscaped(ghost))
                    div class=[page.class(Class::Column)] style=[page.style(Class::Column)] {
                        @for block in page.template.blocks() {
                            (block::html(*block, page)) "\n"
                        }
                    }
                    (PreEscaped("<!--[if mso]></td></tr></table><![endif]-->"))
                }
            }
        }
    };
    document.into_string()
}

/// The whole plain text.
pub(super) fn text(page: &Page<'_>) -> String {
    let mut plain = Plain::default();
    for block in page.template.blocks() {
        block::text(*block, page, &mut plain);
        plain.gap();
    }
    plain.finish()
}
