//! What each report looks like, of a class of three or, where a file holds one submission, of the first.

mod made;

use made::*;
use rdgrade::page::Paint;
use rdgrade::report::{Detail, Holds, KINDS, kind};
use rstest::rstest;

#[rstest]
fn a_class(
    #[values(
        "junit",
        "tap",
        "ctrf",
        "gradescope",
        "classroom50",
        "classroom",
        "check50",
        "github",
        "markdown",
        "codequality"
    )]
    name: &str,
) {
    let kind = kind(name).unwrap();
    let mut class = class();
    if let Holds::One { .. } = kind.holds {
        class.truncate(1);
    }
    let look = look(80, Paint::Plain, Detail::Failures);
    let text = written_in(kind, look, environment(&[]), class);
    let filters = [
        (
            r#""start":\d+,"stop":\d+"#,
            r#""start":[TIME],"stop":[TIME]"#,
        ),
        ("::(stop-commands::)?[0-9a-f]{32}", "::$1[TOKEN]"),
    ];
    insta::with_settings!({filters => filters}, {
        insta::assert_snapshot!(format!("a_class_in_{name}"), readable(name, &text));
    });
}

/// JSON on a single line is for programs; in base64 even more so.
fn readable(name: &str, text: &str) -> String {
    match name {
        "gradescope" | "classroom50" | "check50" => {
            let document: serde_json::Value = serde_json::from_str(text).unwrap();
            serde_json::to_string_pretty(&document).unwrap()
        }
        _ => text.to_owned(),
    }
}

#[test]
fn every_kind_can_be_looked_up_by_its_name() {
    for one in KINDS {
        assert_eq!(kind(one.name).unwrap().about, one.about);
        assert!(one.name.chars().all(|c| c.is_ascii_alphanumeric()));
    }
}
