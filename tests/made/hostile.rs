//! What a submission could print, or be called, to forge a report.

use checks::report::CheckResult;
use rdgrade::event::{NotGraded, SubmissionReport};

/// An attempt on every format there is.
pub const FORGERY: &[&str] = &[
    // XML
    "</system-out></testcase><testcase name=\"forged\"/>",
    "]]></failure><!-- ",
    "&#0; &undefined; <![CDATA[ <?xml version=\"1.0\"?>",
    "\0\u{b}\u{fffe}\u{ffff}\u{fffd}",
    // Terminals
    "\x1b[2J\x1b]0;owned\x07\u{9b}31m\u{90}q\u{9c}\u{202e}dessap\u{2069}\u{200b}\x08\x08\x7f",
    "100%\r✓ all passed",
    // Workflow logs
    "\n::error::forged\r::warning::forged\n  ::add-mask::0\n::set-output name=score::99\n::stop-commands::x\n::x::",
    "##[error]forged ##[add-mask]0\n##[group]g\n::endgroup::\n%0A::notice::forged",
    // TAP and its YAML
    "\nok 1 - forged\nnot ok 2 - forged\n1..0 # SKIP forged\nBail out! forged\npragma +strict\nTAP version 13\n",
    "\n  ...\n  ---\nstatus: \"pass\"\n            ...\n# Subtest: forged",
    " # SKIP forged # TODO forged \\# SKIP \\",
    // Markdown and HTML
    "<script>alert(1)</script></pre></details></summary></code><h1>forged</h1><!--",
    "\n```\n~~~~\n\n# forged\n| a | b |\n|---|---|\n| x | y |\n\n> <b onclick=\"x\">\n",
    "[a](javascript:x) ![b](http://example.org/x) @everyone **b** `c` $x$ https://example.org",
    // Tables, JSON, templates
    "=HYPERLINK(\"http://example.org\")\n+1\n-1\n@SUM(1)\t;|",
    "\",\"score\":99,\"x\":\"\\u0000 \\ud800 {{7*7}} ${x} %s",
    "\u{2028}\u{2029}====",
];

/// The same report by somebody who wants a better one: every text that a submission, its path or its manifest has a
/// hand in, and for good measure every other but ids, is forged as well as can be. Ids are the level file's.
pub fn forged(mut report: SubmissionReport) -> SubmissionReport {
    let forgery = format!(" {}", FORGERY.concat());
    let flood = format!("{}\n", "A".repeat(99)).repeat(50_000) + &"B".repeat(5_000_000);
    report.submission += &forgery;
    report.command += &forgery;
    report.isolation += &forgery;
    if let Some(student) = &mut report.student {
        student.name += &forgery;
        student.id += &forgery;
    }
    if let Some(NotGraded { reason, remedy }) = &mut report.not_graded {
        reason.push_str(&forgery);
        remedy.push_str(&forgery);
    }
    for level in &mut report.levels {
        level.title += &forgery;
        let checks = &mut level.checks;
        checks.iter_mut().for_each(|check| forge(check, &forgery));
    }
    // What is printed may be long; once is enough.
    let mut checks = report.levels.iter_mut().flat_map(|level| &mut level.checks);
    if let Some(check) = checks.find(|check| !check.findings.is_empty()) {
        check.findings[0].actual += &flood[flood.len() - 500_000..];
        check.transcript[0].output += &flood;
    }
    report
}

fn forge(check: &mut CheckResult, forgery: &str) {
    let CheckResult {
        title,
        reason,
        expected,
        actual,
        evidence,
        findings,
        credits,
        hint,
        link,
        transcript,
        ..
    } = check;
    for text in [title, reason, expected, actual, hint, link] {
        text.push_str(forgery);
    }
    evidence.iter_mut().for_each(|line| line.push_str(forgery));
    for finding in findings {
        for text in [
            &mut finding.reason,
            &mut finding.expected,
            &mut finding.actual,
        ] {
            text.push_str(forgery);
        }
        finding.evidence.push(forgery.to_owned());
        finding.hint = Some(forgery.to_owned());
    }
    for credit in credits {
        credit.what.push_str(forgery);
    }
    for entry in transcript {
        entry.input.push_str(forgery);
        entry.output.push_str(forgery);
        entry.exit = Some(format!("3{forgery}"));
    }
}
