//! `form`: the form to subscribe, as a piece of HTML for a page of the paper's own site.

use super::exit::Exit;
use super::open::Setting;
use super::report::{Failure, Report};
use crate::site::pages::snippet;

pub(super) fn run(setting: &Setting, report: Report) -> Result<Exit, Failure> {
    let newsroom = setting.newsroom()?;
    let named = setting.newsletter();
    let named = named.map(|_| setting.config()).transpose()?;
    let broken = newsroom.problems();
    report.problems(&broken);
    let has_alerts = newsroom.alerts.as_ref().is_some_and(Result::is_ok);
    let all = newsroom.newsletters;
    let default = all.iter().find(|config| config.is_default);
    let Some(front) = default.or(all.first()) else {
        return Err(Failure::problems(broken));
    };
    let Some(form) = snippet(front, named.as_ref(), &all, has_alerts) else {
        return Err(Failure::says(format!(
            "`{}` does not say where readers reach `serve`",
            setting.config_file().display()
        ))
        .hint("add `[public]` with `url = \"https://news.example.org/\"`"));
    };
    report.data(&form);
    if front.serving.forms.is_empty() {
        report.warn("no site may send this form yet");
        let site = front.newsletter.site.url().origin().ascii_serialization();
        report.hint(format!(
            "`forms = [\"{site}\"]` in `[public]` names your site"
        ));
    }
    Ok(Exit::Done)
}
