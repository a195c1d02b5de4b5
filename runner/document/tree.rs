//! Where each node of a document is written.

use super::Diagnostic;
use checks::lint::PathPart;
use std::collections::HashMap;
use std::ops::Range;

/// A node and the bytes it takes.
#[derive(Debug)]
pub(super) struct Node {
    /// The key it is filed under, in a mapping.
    pub key: Option<Range<usize>>,
    pub span: Range<usize>,
    pub content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    Scalar {
        text: String,
        style: Style,
    },
    List(Vec<Node>),
    /// Keys that are no scalars are filed under an empty name.
    Mapping(Vec<(String, Node)>),
}

/// How a scalar is written, as far as places inside it depend on that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// On one or several lines, with or without quotes.
    Flow,
    /// After `|`: line by line as written.
    Literal,
    /// After `>`: lines are joined.
    Folded,
}

impl Node {
    /// The node at `path`, or the nearest one above it; and how many parts of the path led nowhere.
    pub fn at(&self, path: &[PathPart]) -> (&Node, usize) {
        let mut node = self;
        for (depth, part) in path.iter().enumerate() {
            let below = match (&node.content, part) {
                (Content::Mapping(entries), PathPart::Key(key)) => entries
                    .iter()
                    .find(|(name, _)| name == key)
                    .map(|(_, below)| below),
                (Content::List(nodes), PathPart::Index(index)) => nodes.get(*index),
                _ => None,
            };
            match below {
                Some(below) => node = below,
                None => return (node, path.len() - depth),
            }
        }
        (node, 0)
    }

    pub fn is_scalar(&self) -> bool {
        matches!(self.content, Content::Scalar { .. })
    }

    /// What the caret points at when the node itself is meant: a scalar, or the name of what has parts.
    pub fn shown(&self) -> Range<usize> {
        match &self.content {
            Content::Scalar { text, .. } if !text.is_empty() => self.span.clone(),
            _ => self.headline(),
        }
    }

    /// What the caret points at when something is missing below the node.
    pub fn headline(&self) -> Range<usize> {
        match (&self.key, &self.content) {
            (Some(key), _) => key.clone(),
            (None, Content::Mapping(entries)) => match entries.first() {
                Some((_, first)) => {
                    let start = first.key.as_ref().map_or(first.span.start, |key| key.start);
                    let end = match first.content {
                        Content::Scalar { .. } => first.span.end,
                        _ => first.key.as_ref().map_or(first.span.end, |key| key.end),
                    };
                    start..end.max(start)
                }
                None => self.span.clone(),
            },
            _ => self.span.clone(),
        }
    }

    /// The place `column` characters into the scalar's text; the whole scalar where the way it is written hides it.
    pub fn inside(&self, source: &str, column: usize) -> Range<usize> {
        let Content::Scalar { text, style } = &self.content else {
            return self.shown();
        };
        let offset = text
            .char_indices()
            .nth(column)
            .map_or(text.len(), |(at, _)| at);
        let before = &text[..offset];
        let written = source.get(self.span.clone()).unwrap_or_default();
        let start = match style {
            Style::Flow => written
                .find(text.as_str())
                .map(|at| self.span.start + at + offset),
            Style::Literal => literal(source, self.span.start, text, before),
            Style::Folded => None,
        };
        let Some(start) = start else {
            return self.shown();
        };
        let rest = source.get(start..).unwrap_or_default();
        let end = start + rest.find(['\n', '"', '\'']).unwrap_or(rest.len());
        start..end.max(start + 1)
    }
}

/// Where `before` ends in a literal block. `start` is where the parser sees it begin: on its first line that is not
/// empty, behind the indentation that every line has.
fn literal(source: &str, start: usize, text: &str, before: &str) -> Option<usize> {
    let first = text.lines().position(|line| !line.is_empty())?;
    let line = source.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let below = before.matches('\n').count().checked_sub(first)?;
    let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
    let above: usize = source
        .get(line..)?
        .split_inclusive('\n')
        .take(below)
        .map(str::len)
        .sum();
    Some(line + above + (start - line) + column)
}

/// Every key that is written twice in one mapping.
pub(super) fn duplicates(node: &Node) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    collect(node, &mut found);
    found
}

fn collect(node: &Node, found: &mut Vec<Diagnostic>) {
    match &node.content {
        Content::Scalar { .. } => {}
        Content::List(nodes) => nodes.iter().for_each(|node| collect(node, found)),
        Content::Mapping(entries) => {
            let mut seen: HashMap<&str, Range<usize>> = HashMap::new();
            for (name, below) in entries {
                let here = below.key.clone().unwrap_or(below.span.clone());
                if let Some(first) = seen.get(name.as_str()) {
                    let message = format!("duplicate key `{name}`");
                    let remedy = "keep one of them; YAML knows no order of preference";
                    let mut mistake = Diagnostic::new(here.clone(), message, remedy);
                    mistake.also = Some((first.clone(), "first written here".into()));
                    found.push(mistake);
                }
                seen.entry(name).or_insert(here);
                collect(below, found);
            }
        }
    }
}
