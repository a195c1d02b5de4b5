//! Gradescope: the files of an autograder's zip. A submission at a time is all that it grades.

use super::{Edition, Mode, Recipe, Template, get_rdgrade};

/// The recipe, for the table.
pub const RECIPE: Recipe = Recipe {
    name: "gradescope",
    system: "Gradescope",
    class: None,
    student: Some(Edition {
        files: &[
            Template {
                path: "setup.sh",
                text: include_str!("gradescope/setup.sh"),
                mode: Mode::Program,
            },
            Template {
                path: "run_autograder",
                text: include_str!("gradescope/run_autograder"),
                mode: Mode::Program,
            },
            get_rdgrade("get-rdgrade"),
        ],
        next: include_str!("gradescope/next"),
    }),
};
