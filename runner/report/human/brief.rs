//! Container ids, short enough that a path fits on its line: `5abb650e-…`. The whole id is told with `-v` and
//! in the JSON report; the container itself is gone by then.

use crate::event::SubmissionReport;
use checks::report::CheckResult;

/// Lengths of a UUID's groups (RFC 9562).
const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
/// Bytes of a UUID, hyphens included.
const LENGTH: usize = 36;

/// The same report with every UUID cut after its first group.
pub fn brief(mut report: SubmissionReport) -> SubmissionReport {
    for check in report.levels.iter_mut().flat_map(|level| &mut level.checks) {
        texts(check).for_each(shorten);
    }
    report
}

fn texts(check: &mut CheckResult) -> impl Iterator<Item = &mut String> {
    let findings = check.findings.iter_mut().flat_map(|finding| {
        [
            &mut finding.reason,
            &mut finding.expected,
            &mut finding.actual,
        ]
        .into_iter()
        .chain(&mut finding.evidence)
    });
    let transcript = check
        .transcript
        .iter_mut()
        .flat_map(|entry| [&mut entry.input, &mut entry.output]);
    [&mut check.reason, &mut check.expected, &mut check.actual]
        .into_iter()
        .chain(&mut check.evidence)
        .chain(findings)
        .chain(transcript)
}

fn shorten(text: &mut String) {
    let mut short = String::new();
    let mut rest = text.as_str();
    while let Some(at) = uuid(rest) {
        short.push_str(&rest[..at + GROUPS[0]]);
        short.push_str("-…");
        rest = &rest[at + LENGTH..];
    }
    if !short.is_empty() {
        short.push_str(rest);
        *text = short;
    }
}

/// Where the first UUID begins.
fn uuid(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    bytes.windows(LENGTH).position(|window| {
        let groups = window.split(|byte| *byte == b'-');
        window
            .iter()
            .all(|byte| byte.is_ascii_hexdigit() || *byte == b'-')
            && groups.map(<[u8]>::len).eq(GROUPS)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(
        "/c/5abb650e-8d2f-4d6c-b0b0-3c1f6a1d2e4f/rootfs",
        "/c/5abb650e-…/rootfs"
    )]
    #[case(
        "5abb650e-8d2f-4d6c-b0b0-3c1f6a1d2e4f 6abb650e-8d2f-4d6c-b0b0-3c1f6a1d2e4f",
        "5abb650e-… 6abb650e-…"
    )]
    #[case(
        "5abb650e-8d2f-4d6c-b0b0-3c1f6a1d2e4",
        "5abb650e-8d2f-4d6c-b0b0-3c1f6a1d2e4"
    )]
    #[case("é5abb650e-8d2f-4d6c-b0b0-3c1f6a1d2e4fé", "é5abb650e-…é")]
    #[case("", "")]
    fn ids_are_cut_after_their_first_group(#[case] long: &str, #[case] short: &str) {
        let mut text = long.to_owned();
        shorten(&mut text);
        assert_eq!(text, short);
    }
}
