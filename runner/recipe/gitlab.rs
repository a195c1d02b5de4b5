//! GitLab CI: the class as a job that runs N times side by side, or one student's repository at each push.

use super::{COLLECT, Edition, GET_RDGRADE, Mode, Recipe, Template};

/// The recipe, for the table.
pub const RECIPE: Recipe = Recipe {
    name: "gitlab",
    system: "GitLab CI",
    class: Some(Edition {
        files: &[
            Template {
                path: ".gitlab-ci.yml",
                text: include_str!("gitlab/class.yml"),
                mode: Mode::Text,
            },
            GET_RDGRADE,
            COLLECT,
        ],
        next: include_str!("gitlab/class.next"),
    }),
    student: Some(Edition {
        files: &[
            Template {
                path: ".gitlab-ci.yml",
                text: include_str!("gitlab/grade.yml"),
                mode: Mode::Text,
            },
            GET_RDGRADE,
        ],
        next: include_str!("gitlab/grade.next"),
    }),
};
