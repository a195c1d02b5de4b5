//! Pages from templates. Everything is escaped unless it is an asset of ours, and a policy forbids the browser whatever the
//! pages do not need: network, frames, forms, and any script or style but the two whose digests it names.

use super::class_page::ClassView;
use super::student::StudentView;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::{Environment, Value, context};
use sha2::{Digest, Sha256};
use std::io::{self, Write};

const TEMPLATES: [(&str, &str); 4] = [
    ("page.html", include_str!("assets/page.html")),
    ("class.html", include_str!("assets/class.html")),
    ("student.html", include_str!("assets/student.html")),
    ("check.html", include_str!("assets/check.html")),
];
const STYLE: &str = include_str!("assets/style.css");
const CLASS_SCRIPT: &str = include_str!("assets/class.js");
const STUDENT_SCRIPT: &str = include_str!("assets/student.js");

/// The templates, ready to be filled in.
#[derive(Debug)]
pub struct Pages {
    environment: Environment<'static>,
}

impl Pages {
    /// Reads the templates.
    ///
    /// # Errors
    /// On a mistake in one of them.
    pub fn new() -> io::Result<Self> {
        let mut environment = Environment::new();
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        for (name, text) in TEMPLATES {
            environment
                .add_template(name, text)
                .map_err(io::Error::other)?;
        }
        Ok(Pages { environment })
    }

    /// The page of a student.
    pub fn student(&self, view: &StudentView) -> io::Result<String> {
        let mut page = Vec::new();
        let view = Value::from_serialize(view);
        self.fill("student.html", view, STUDENT_SCRIPT, &mut page)?;
        String::from_utf8(page).map_err(io::Error::other)
    }

    /// The page of the class; its rows are made as they are written.
    pub fn class(&self, view: ClassView, output: &mut dyn Write) -> io::Result<()> {
        let rows = view.rows();
        let view = context! { rows, ..Value::from_serialize(&view) };
        self.fill("class.html", view, CLASS_SCRIPT, output)
    }

    fn fill(
        &self,
        template: &str,
        view: Value,
        script: &str,
        output: &mut dyn Write,
    ) -> io::Result<()> {
        let template = self
            .environment
            .get_template(template)
            .map_err(io::Error::other)?;
        let view = context! {
            style => Value::from_safe_string(STYLE.to_owned()),
            script => Value::from_safe_string(script.to_owned()),
            policy => policy(script),
            ..view
        };
        template
            .render_captured_to(view, output)
            .map_err(io::Error::other)?;
        Ok(())
    }
}

/// Content Security Policy Level 3: nothing by default; `'sha256-…'` is the digest of the text between the tags.
fn policy(script: &str) -> String {
    format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'",
        digest(script),
        digest(STYLE)
    )
}

fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}
