//! What holds of every document that is refused, and of every edit of one that is not.

use checks::lint::PathPart;
use rdgrade::document::{Diagnostics, Document};
use serde_yaml::Value;

/// Texts that YAML can hold anywhere.
const TEXTS: [&str; 5] = ["x", "two\nlines", "a: b # c", "it's \"quoted\"", "{a: [1]}"];

/// Mistakes are there, lie in the file, and can be shown.
pub fn refused(found: &Diagnostics, input: &[u8]) {
    let shown = String::from_utf8_lossy(input);
    assert!(!found.found.is_empty(), "refused for no reason");
    for mistake in &found.found {
        assert!(mistake.span.start <= mistake.span.end && mistake.span.end <= shown.len());
        assert!(!mistake.message.is_empty() && !mistake.remedy.is_empty());
    }
    let text = found.to_string();
    assert!(text.contains(&found.file), "{text}");
    assert!(found.styled().len() >= text.len());
}

/// A scalar can be replaced, and nothing but it changes.
pub fn edited(input: &[u8]) {
    let Ok(document) = Document::read("x.yaml", input) else {
        return;
    };
    let Ok(before) = serde_yaml::from_str::<Value>(document.source()) else {
        panic!("what was read cannot be read");
    };
    let mut scalars = Vec::new();
    collect(&before, &mut Vec::new(), &mut scalars);
    // One of each document: other inputs have others in its place.
    let chosen = input.len() % scalars.len().max(1);
    for path in scalars.iter().skip(chosen).take(1) {
        let text = TEXTS[input.len() % TEXTS.len()];
        let Some(new) = document.with_scalar(path, text) else {
            continue;
        };
        let again = Document::read("x.yaml", new.as_bytes());
        let again = again.unwrap_or_else(|refused| {
            panic!(
                "putting {text:?} at {path:?} breaks it:\n{}\n{new}\n{refused}",
                document.source()
            )
        });
        let after: Value = serde_yaml::from_str(again.source()).unwrap_or_default();
        let mut expected = before.clone();
        let changed = place(&mut expected, path);
        let written = place(&mut after.clone(), path).and_then(|it| it.as_str().map(str::to_owned));
        assert_eq!(
            written.as_deref().map(str::trim_end),
            Some(text),
            "at {path:?}:\n{}\n{new}",
            document.source()
        );
        if let Some(changed) = changed {
            *changed = Value::String(written.unwrap_or_default());
        }
        assert_eq!(
            expected,
            after,
            "more than {path:?} changed:\n{}\n{new}",
            document.source()
        );
    }
}

fn collect(value: &Value, path: &mut Vec<PathPart>, scalars: &mut Vec<Vec<PathPart>>) {
    match value {
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(PathPart::Index(index));
                collect(item, path, scalars);
                path.pop();
            }
        }
        Value::Mapping(entries) => {
            for (key, item) in entries {
                // Other keys cannot be named in a path.
                let Some(key) = key.as_str() else { continue };
                path.push(PathPart::Key(key.to_owned()));
                collect(item, path, scalars);
                path.pop();
            }
        }
        _ => scalars.push(path.clone()),
    }
}

fn place<'v>(value: &'v mut Value, path: &[PathPart]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, part| match part {
        PathPart::Key(key) => value.get_mut(key.as_str()),
        PathPart::Index(index) => value.get_mut(*index),
    })
}
