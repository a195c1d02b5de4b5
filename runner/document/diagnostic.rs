//! Mistakes as people see them: file, line, caret, what to do.

use super::MAX_MISTAKES;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::fmt;
use std::ops::Range;

/// One mistake and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Bytes of the source the caret points at.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
    /// Another place that belongs to it, and what it is.
    pub also: Option<(Range<usize>, String)>,
}

impl Diagnostic {
    /// A mistake at `span`.
    pub fn new(span: Range<usize>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Diagnostic {
            span,
            message: message.into(),
            remedy: remedy.into(),
            also: None,
        }
    }
}

/// Every mistake of one file: never empty, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics {
    /// The name shown in messages.
    pub file: String,
    source: String,
    /// The mistakes.
    pub found: Vec<Diagnostic>,
}

impl std::error::Error for Diagnostics {}

/// Plain text, for logs and tests; [`Diagnostics::styled`] has colours.
impl fmt::Display for Diagnostics {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.render(&Renderer::plain()))
    }
}

impl Diagnostics {
    pub(crate) fn new(file: &str, source: &str, mut found: Vec<Diagnostic>) -> Self {
        found.sort_by_key(|it| it.span.start);
        found.dedup();
        for it in &mut found {
            it.span = within(source, &it.span);
            it.also = it
                .also
                .take()
                .map(|(span, label)| (within(source, &span), label));
        }
        Diagnostics {
            file: file.into(),
            source: source.into(),
            found,
        }
    }

    /// With colours as ANSI sequences; print through `anstream`, which drops them where they do not belong.
    pub fn styled(&self) -> String {
        self.render(&Renderer::styled())
    }

    fn render(&self, renderer: &Renderer) -> String {
        let shown = self.found.iter().take(MAX_MISTAKES);
        let mut texts: Vec<String> = shown.map(|found| self.one(found, renderer)).collect();
        if self.found.len() > MAX_MISTAKES {
            texts.push(format!(
                "… and {} more mistakes",
                self.found.len() - MAX_MISTAKES
            ));
        }
        texts.join("\n\n")
    }

    fn one(&self, found: &Diagnostic, renderer: &Renderer) -> String {
        let title = Level::ERROR.primary_title(found.message.as_str());
        let group = if self.source.is_empty() {
            title.element(annotate_snippets::Origin::path(self.file.as_str()))
        } else {
            title.element(self.snippet(found))
        };
        let remedy = Group::with_title(Level::HELP.secondary_title(found.remedy.as_str()));
        renderer.render(&[group, remedy])
    }

    fn snippet<'a>(
        &'a self,
        found: &'a Diagnostic,
    ) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let here = AnnotationKind::Primary.span(found.span.clone());
        let there = found.also.iter().map(|(span, label)| {
            AnnotationKind::Context
                .span(span.clone())
                .label(label.as_str())
        });
        let snippet = Snippet::source(self.source.as_str()).path(self.file.as_str());
        snippet.annotation(here).annotations(there)
    }
}

/// `span` cut to the source, to whole characters and to its first line.
fn within(source: &str, span: &Range<usize>) -> Range<usize> {
    let boundary = |at: usize| source.is_char_boundary(at);
    let start = (0..=span.start.min(source.len()))
        .rev()
        .find(|at| boundary(*at))
        .unwrap_or(0);
    let end = span.end.clamp(start, source.len());
    let end = (end..=source.len())
        .find(|at| boundary(*at))
        .unwrap_or(source.len());
    let line = source[start..end].find('\n').map_or(end, |at| start + at);
    start..line.max(start)
}
