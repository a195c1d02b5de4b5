//! Templates become files.

use super::{Edition, Mode, PIECES, Settings};
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};

/// A file as it is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Relative to the directory the recipe is for.
    pub path: &'static str,
    /// All of it.
    pub text: String,
    /// Whether it can be executed.
    pub mode: Mode,
}

/// A mistake in a template: ours.
#[derive(Debug, thiserror::Error)]
#[error("failed to fill in {path}: {source}")]
pub struct RenderError {
    path: &'static str,
    source: minijinja::Error,
}

/// The files of `edition`, and what to do next. `next` is filled in with `folder` as well, as a person types it.
///
/// # Errors
/// On a mistake in a template.
pub fn render(
    edition: &Edition,
    settings: &Settings,
    folder: &str,
) -> Result<(Vec<Made>, String), RenderError> {
    let environment = environment().map_err(|source| RenderError {
        path: "what templates share",
        source,
    })?;
    let view = context! { folder, ..minijinja::Value::from_serialize(settings) };
    let fill = |path, text| {
        environment
            .render_str(text, &view)
            .map_err(|source| RenderError { path, source })
    };
    let mut made = Vec::new();
    for template in edition.files {
        made.push(Made {
            path: template.path,
            text: fill(template.path, template.text)?,
            mode: template.mode,
        });
    }
    Ok((made, fill("what comes next", edition.next)?))
}

/// `[= value =]`, `[% block %]`, `[# comment #]`: GitHub, GitLab, shells and Python have other uses for braces.
fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_syntax(
        SyntaxConfig::builder()
            .block_delimiters("[%", "%]")
            .variable_delimiters("[=", "=]")
            .comment_delimiters("[#", "#]")
            .build()?,
    );
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_keep_trailing_newline(true);
    for (name, text) in PIECES {
        environment.add_template(name, text)?;
    }
    Ok(environment)
}
