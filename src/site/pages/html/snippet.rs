//! The form for a page of the paper's own site.

use maud::html;

use super::consent;
use crate::config::Config;
use crate::render::SiteWord;

/// The form as a piece of HTML in the newsletter's language: no script, no style of its own, nothing loaded. It is for the newsletter that is
/// `named`, else for a choice of `all` where there are several; `front` is the one as which our pages look, and `has_alerts` offers alerts too. `None`: there is no `[public]`.
#[must_use]
pub fn snippet(
    front: &Config,
    named: Option<&Config>,
    all: &[Config],
    has_alerts: bool,
) -> Option<String> {
    let config = named.unwrap_or(front);
    let public = config.serving.public.as_ref()?;
    let (newsletter, template) = (&config.newsletter, &config.template);
    let (from, own) = (&front.newsletter.from, &front.newsletter.name);
    let paper = from.name.as_ref().filter(|_| front.name.is_some());
    let about = paper.unwrap_or(own);
    let choices = if named.is_none() && all.len() > 1 {
        all
    } else {
        &[]
    };
    let consent = consent(config.serving.consent.as_ref(), template, about);
    let say = |word: SiteWord| template.say(word, about);
    let language = &newsletter.language;
    let choices = choices.iter();
    let choices: Vec<_> = choices
        .filter_map(|one| Some((one, one.name.as_ref()?)))
        .collect();
    let only = config.name.as_ref().filter(|_| choices.is_empty());
    let fields = [
        html! {
            p {
                label for="newsdigest-email" { (say(SiteWord::Email)) }
                " "
                input #newsdigest-email type="email" name="email" autocomplete="email" maxlength="254" required dir="ltr";
            }
        },
        html! {
            @if !choices.is_empty() {
                fieldset {
                    legend { (say(SiteWord::Newsletters)) }
                    @for (one, name) in &choices {
                        p {
                            label {
                                input type="checkbox" name="newsletter" value=(name) checked[one.is_default];
                                " "
                                span dir="auto" { (one.newsletter.name) }
                            }
                            @if let Some(about) = &one.about { " " span dir="auto" { (about) } }
                        }
                    }
                }
            }
            @if let Some(name) = only { input type="hidden" name="newsletter" value=(name); }
        },
        html! {
            @if has_alerts {
                p { label { input type="checkbox" name="alerts" value="yes"; " " (say(SiteWord::Alerts)) } }
            }
        },
        // Only programs fill it in.
        html! {
            div hidden {
                label for="newsdigest-website" { (say(SiteWord::Trap)) }
                " "
                input #newsdigest-website type="text" name="website" autocomplete="off" tabindex="-1";
            }
        },
        html! {
            input type="hidden" name="consent" value=(consent.version);
            "\n"
            p {
                (consent.text)
                @if let Some(privacy) = &config.serving.privacy { " " a href=(privacy.as_str()) { (say(SiteWord::Privacy)) } }
            }
        },
        html! { p { button type="submit" { (template.subscribe()) } } },
    ];
    let form = html! {
        form.newsdigest action=(public.url()) method="post" accept-charset="utf-8" lang=(language.tag()) dir=(language.direction()) {
            @for field in fields.iter().filter(|field| !field.0.is_empty()) { "\n" (field) }
            "\n"
        }
    };
    Some(form.into_string())
}
