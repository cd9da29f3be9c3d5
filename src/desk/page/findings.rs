//! What readers would stumble over, the gravest first.

use maud::{Markup, html};

use super::{counted, ticked};
use crate::model::finding::{Finding, Gravity};

pub(super) fn findings(findings: &[Finding]) -> Markup {
    html! {
        header { h2 #findings-title { "Findings" } }
        @if findings.is_empty() {
            p.empty { "Nothing found: size, words, pictures, links and footer are as readers and mail programs want them." }
        }
        (group(findings, Gravity::Error, "They stop a send", "send --despite NAME sends all the same"))
        (group(findings, Gravity::Warning, "Worth a look", "they stop nothing"))
    }
}

fn group(findings: &[Finding], gravity: Gravity, words: &str, note: &str) -> Markup {
    let those: Vec<&Finding> = findings
        .iter()
        .filter(|finding| finding.gravity == gravity)
        .collect();
    html! {
        @if !those.is_empty() {
            h3 { (words) small { (counted(those.len(), "finding")) "; " (note) } }
            ul.found.grave[gravity == Gravity::Error] {
                @for finding in those {
                    li {
                        p.name { code { (finding.name) } }
                        div {
                            p.place { (finding.place) }
                            p.what { (ticked(finding.what.as_str())) }
                            p.fine { (ticked(finding.why)) }
                            p.hint { (ticked(finding.hint)) }
                        }
                    }
                }
            }
        }
    }
}
