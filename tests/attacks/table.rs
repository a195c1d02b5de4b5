//! The threat table of SECURITY.md, made from the corpus.

use crate::corpus::Corpus;
use std::fmt::Write;
use std::path::Path;

const BEGIN: &str = "<!-- made from fixtures/attacks/attacks.yaml: RDGRADE_UPDATE=1 cargo test --test attacks threat_table -->\n";
const END: &str = "<!-- end of what is made -->\n";

fn table(corpus: &Corpus) -> String {
    let mut text = String::new();
    text.push_str(
        "| attack | tries | against | comes to | stopped by |\n| --- | --- | --- | --- | --- |\n",
    );
    for attack in &corpus.attacks {
        let stops = attack.stopped_by.iter().enumerate().map(|(index, name)| {
            // Shown to be needed: without it this attack succeeds.
            match &attack.without {
                Some(_) if index == 0 => format!("**{name}**"),
                _ => name.clone(),
            }
        });
        let status = format!("{:?}", attack.status);
        let status = match status.as_str() {
            "NotGraded" => "not graded".to_owned(),
            other => other.to_lowercase(),
        };
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {status} | {} |",
            attack.id,
            attack.tries.replace('|', "\\|"),
            attack.target,
            stops.collect::<Vec<_>>().join(", ")
        );
    }
    text.push_str("\nMechanisms that no switch can take away, and why:\n\n");
    for (name, reason) in &corpus.exemptions {
        let _ = writeln!(text, "- {name}: {reason}.");
    }
    text
}

/// `RDGRADE_UPDATE=1` writes it again.
#[test]
fn the_threat_table_is_that_of_the_corpus() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("SECURITY.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("SECURITY.md has the table");
    let (_, after) = rest
        .split_once(END)
        .expect("SECURITY.md says where the table ends");
    let made = format!("{before}{BEGIN}{}{END}{after}", table(&Corpus::load()));
    if std::env::var_os("RDGRADE_UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    assert!(
        made == page || std::env::var_os("RDGRADE_UPDATE").is_some(),
        "SECURITY.md is stale: run with RDGRADE_UPDATE=1"
    );
}
