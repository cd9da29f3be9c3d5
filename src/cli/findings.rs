//! What a look before sending found, told.

use super::report::Report;
use crate::model::finding::{Finding, Gravity};

/// Prints them, a line each; why it matters and what to do to the curious. What stops nothing is no news on a good day.
pub(super) fn print(findings: &[Finding], report: Report) {
    for finding in findings {
        let grave = match finding.gravity {
            Gravity::Error => "error, ",
            Gravity::Warning if report.is_quiet() => continue,
            Gravity::Warning => "",
        };
        report.warn(format!(
            "{}: {} ({grave}`{}`)",
            finding.place, finding.what, finding.name
        ));
        report.detail(format!("  {}: {}", finding.why, finding.hint));
    }
}
