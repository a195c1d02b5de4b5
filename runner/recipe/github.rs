//! GitHub Actions: the class as a matrix of jobs, or one student's repository at each push.

use super::{COLLECT, Edition, GET_RDGRADE, Mode, Recipe, Template};

/// The recipe, for the table.
pub const RECIPE: Recipe = Recipe {
    name: "github",
    system: "GitHub Actions",
    class: Some(Edition {
        files: &[
            Template {
                path: ".github/workflows/class.yml",
                text: include_str!("github/class.yml"),
                mode: Mode::Text,
            },
            GET_RDGRADE,
            COLLECT,
        ],
        next: include_str!("github/class.next"),
    }),
    student: Some(Edition {
        files: &[
            Template {
                path: ".github/workflows/grade.yml",
                text: include_str!("github/grade.yml"),
                mode: Mode::Text,
            },
            GET_RDGRADE,
        ],
        next: include_str!("github/grade.next"),
    }),
};
