//! classroom50: an `autograder.py`, which is run in a student's checkout.

use super::{Edition, Mode, Recipe, Template, get_rdgrade};

/// The recipe, for the table.
pub const RECIPE: Recipe = Recipe {
    name: "classroom50",
    system: "classroom50",
    class: None,
    student: Some(Edition {
        files: &[
            Template {
                path: "autograder.py",
                text: include_str!("classroom50/autograder.py"),
                mode: Mode::Program,
            },
            get_rdgrade("get-rdgrade"),
        ],
        next: include_str!("classroom50/next"),
    }),
};
