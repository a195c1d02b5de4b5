//! The marked event pass: from YAML events to a [`Node`] tree, within limits.

use super::tree::{Content, Node, Style};
use super::{Diagnostic, MAX_DEPTH};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::ops::Range;

/// The tree of the only document in `source`.
///
/// # Errors
/// Syntax errors, no document or several, too deep, anchors, aliases and tags.
pub(super) fn tree(source: &str) -> Result<Node, Diagnostic> {
    let mut pass = Pass {
        bytes: offsets(source),
        source,
        open: Vec::new(),
        root: None,
    };
    for event in Parser::new_from_str(source) {
        let (event, span) =
            event.map_err(|error| pass.syntax(error.marker().index(), error.info()))?;
        pass.take(event, span)?;
    }
    pass.root.ok_or_else(|| {
        Diagnostic::new(
            0..0,
            "this file is empty",
            "write what it should say, or remove it",
        )
    })
}

/// A list or mapping that is being read.
struct Open {
    start: usize,
    key: Option<Range<usize>>,
    content: Content,
    /// In a mapping: the key whose value comes next.
    pending: Option<(String, Range<usize>)>,
}

struct Pass<'a> {
    source: &'a str,
    /// Byte offset of each character, since the parser counts characters.
    bytes: Vec<usize>,
    open: Vec<Open>,
    root: Option<Node>,
}

impl Pass<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Diagnostic> {
        let span = self.byte(span.start.index())..self.byte(span.end.index());
        let refuse = |what: &str| {
            Err(Diagnostic::new(
                span.clone(),
                format!("{what} here"),
                "write it out: this format is plain YAML",
            ))
        };
        match event {
            Event::Alias(_) => refuse("an alias is not allowed")?,
            Event::Scalar(_, _, anchor, _)
            | Event::SequenceStart(anchor, _)
            | Event::MappingStart(anchor, _)
                if anchor != 0 =>
            {
                refuse("an anchor is not allowed")?;
            }
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) => refuse("a tag is not allowed")?,
            Event::DocumentStart(_) if self.root.is_some() => {
                let remedy = "make it a file of its own";
                return Err(Diagnostic::new(
                    span,
                    "a second document begins here",
                    remedy,
                ));
            }
            Event::Scalar(text, style, ..) => self.scalar(text.into_owned(), style, span),
            Event::SequenceStart(..) => self.begin(span, Content::List(Vec::new()))?,
            Event::MappingStart(..) => self.begin(span, Content::Mapping(Vec::new()))?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    let end = self.trimmed(open.start, span.start.max(open.start));
                    let node = Node {
                        key: open.key,
                        span: open.start..end,
                        content: open.content,
                    };
                    self.place(node);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn scalar(&mut self, text: String, style: ScalarStyle, span: Range<usize>) {
        let end = self.trimmed(span.start, span.end);
        let style = match style {
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
            _ => Style::Flow,
        };
        let node = Node {
            key: None,
            span: span.start..end,
            content: Content::Scalar { text, style },
        };
        self.place(node);
    }

    fn begin(&mut self, span: Range<usize>, content: Content) -> Result<(), Diagnostic> {
        if self.open.len() >= MAX_DEPTH {
            let message = format!("nested deeper than {MAX_DEPTH} levels");
            return Err(Diagnostic::new(
                span,
                message,
                "no level file or manifest needs that",
            ));
        }
        let key = self
            .open
            .last()
            .and_then(|open| open.pending.as_ref())
            .map(|(_, key)| key.clone());
        self.open.push(Open {
            start: span.start,
            key,
            content,
            pending: None,
        });
        Ok(())
    }

    /// Files a finished node under the list or mapping that is open.
    fn place(&mut self, mut node: Node) {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        match &mut open.content {
            Content::Scalar { .. } => {}
            Content::List(nodes) => nodes.push(node),
            Content::Mapping(entries) => match open.pending.take() {
                Some((name, key)) => {
                    node.key = Some(key);
                    entries.push((name, node));
                }
                None => {
                    let name = match node.content {
                        Content::Scalar { text, .. } => text,
                        _ => String::new(),
                    };
                    open.pending = Some((name, node.span));
                }
            },
        }
    }

    fn syntax(&self, index: usize, info: &str) -> Diagnostic {
        let at = self.byte(index).min(self.source.len());
        // The scanner notices some mistakes only at the end of the file, past every line.
        let at = self.trimmed(0, at.max(1)).min(at);
        let remedy = "check indentation, quotes and brackets here and just above";
        Diagnostic::new(at..at, format!("not YAML: {info}"), remedy)
    }

    fn byte(&self, index: usize) -> usize {
        self.bytes.get(index).copied().unwrap_or(self.source.len())
    }

    /// `end` without the white space before it.
    fn trimmed(&self, start: usize, end: usize) -> usize {
        self.source
            .get(start..end)
            .map_or(end, |text| start + text.trim_end().len())
    }
}

fn offsets(source: &str) -> Vec<usize> {
    source.char_indices().map(|(at, _)| at).collect()
}
