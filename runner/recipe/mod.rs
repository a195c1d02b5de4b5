//! Recipes: the files that have a class, or one submission, graded by a system that is there already.
//!
//! A recipe is a file here, a folder of templates beside it, and its line in [`RECIPES`]. Templates are the files themselves, with
//! `[= name =]` where something is filled in (see [`render`]): no language they are written in has such brackets.

mod classroom50;
mod github;
mod gitlab;
mod gradescope;
mod kubernetes;
mod lay_out;
mod manifest;
mod render;
mod settings;
mod slurm;

pub use lay_out::{Force, Laid, LayOutError, lay_out};
pub use manifest::manifest;
pub use render::{Made, RenderError, render};
pub use settings::{Settings, SettingsError};

/// The recipes, by the name they have in `rdgrade init NAME`.
pub const RECIPES: &[Recipe] = &[
    github::RECIPE,
    gitlab::RECIPE,
    gradescope::RECIPE,
    classroom50::RECIPE,
    slurm::RECIPE,
    kubernetes::RECIPE,
];

/// How one system grades.
#[derive(Debug)]
pub struct Recipe {
    /// `github`.
    pub name: &'static str,
    /// What a person calls it: `GitHub Actions`.
    pub system: &'static str,
    /// For a whole class, on several machines.
    pub class: Option<Edition>,
    /// For one submission, where it is.
    pub student: Option<Edition>,
}

/// The files of a recipe, and what comes after them.
#[derive(Debug)]
pub struct Edition {
    /// In the order in which a person reads them.
    pub files: &'static [Template],
    /// What to do next, a template as well: a step a line, commands indented by two.
    pub next: &'static str,
}

/// A file to be.
#[derive(Debug)]
pub struct Template {
    /// Where it goes, relative to the directory the recipe is for.
    pub path: &'static str,
    /// Its text, before anything is filled in.
    pub text: &'static str,
    /// Whether it can be executed.
    pub mode: Mode,
}

/// What a file may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is read.
    Text,
    /// It is executed, too.
    Program,
}

/// How rdgrade gets onto a machine: in every recipe the same file.
const GET_RDGRADE: Template = get_rdgrade("ci/get-rdgrade");

/// The same, where a system wants it elsewhere.
const fn get_rdgrade(path: &'static str) -> Template {
    Template {
        path,
        text: include_str!("shared/get-rdgrade"),
        mode: Mode::Program,
    }
}

/// How the submissions get there.
const COLLECT: Template = Template {
    path: "ci/collect",
    text: include_str!("shared/collect"),
    mode: Mode::Program,
};

/// Pieces that several templates include.
const PIECES: [(&str, &str); 2] = [
    ("grade-part", include_str!("shared/grade-part")),
    ("where-from", include_str!("shared/where-from")),
];

/// The recipe of this name.
pub fn recipe(name: &str) -> Option<&'static Recipe> {
    RECIPES.iter().find(|recipe| recipe.name == name)
}
