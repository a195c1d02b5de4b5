//! Lines of a level file: the YAML library that reads its values knows none.

use saphyr_parser::{Event, Parser, ScanError, Span};

/// The line of every step, check by check; none where checks or a scenario are missing.
pub fn of_steps(text: &str) -> Result<Vec<Vec<usize>>, ScanError> {
    let file = node(&mut Parser::new_from_str(text))?;
    let checks = file.iter().flat_map(|file| file.list("checks"));
    let steps = checks.map(|check| check.list("scenario").iter().map(|step| step.line));
    Ok(steps.map(Iterator::collect).collect())
}

struct Node {
    line: usize,
    /// Of a scalar.
    text: String,
    /// Items; or keys and values, which take turns.
    below: Vec<Node>,
}

impl Node {
    /// The items of the list filed under `key`.
    fn list(&self, key: &str) -> &[Node] {
        let mut entries = self.below.chunks_exact(2);
        let entry = entries.find(|entry| entry[0].text == key);
        entry.map_or(&[], |entry| &entry[1].below)
    }
}

/// The next node; none where a list, a mapping or the document ends.
fn node<'a>(
    events: &mut impl Iterator<Item = Result<(Event<'a>, Span), ScanError>>,
) -> Result<Option<Node>, ScanError> {
    while let Some(event) = events.next() {
        let (event, span) = event?;
        let line = span.start.line();
        let (mut text, mut below) = (String::new(), Vec::new());
        match event {
            Event::Scalar(scalar, ..) => text = scalar.into_owned(),
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                while let Some(node) = node(events)? {
                    below.push(node);
                }
            }
            Event::SequenceEnd | Event::MappingEnd | Event::DocumentEnd => return Ok(None),
            _ => continue,
        }
        return Ok(Some(Node { line, text, below }));
    }
    Ok(None)
}
