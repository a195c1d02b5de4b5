//! Slurm: the class as an array of jobs that start anew when they are killed, and one that puts the gradebook together.

use super::{COLLECT, Edition, GET_RDGRADE, Mode, Recipe, Template};

/// The recipe, for the table.
pub const RECIPE: Recipe = Recipe {
    name: "slurm",
    system: "Slurm",
    class: Some(Edition {
        files: &[
            Template {
                path: "slurm/submit",
                text: include_str!("slurm/submit"),
                mode: Mode::Program,
            },
            Template {
                path: "slurm/grade.sbatch",
                text: include_str!("slurm/grade.sbatch"),
                mode: Mode::Text,
            },
            Template {
                path: "slurm/gradebook.sbatch",
                text: include_str!("slurm/gradebook.sbatch"),
                mode: Mode::Text,
            },
            GET_RDGRADE,
            COLLECT,
        ],
        next: include_str!("slurm/class.next"),
    }),
    student: None,
};
