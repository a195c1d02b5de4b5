//! Kubernetes: an Indexed Job, a part of the class for each index, and a Job that merges them.

use super::{Edition, GET_RDGRADE, Mode, Recipe, Template};

/// The recipe, for the table.
pub const RECIPE: Recipe = Recipe {
    name: "kubernetes",
    system: "Kubernetes",
    class: Some(Edition {
        files: &[
            Template {
                path: "kubernetes/Dockerfile",
                text: include_str!("kubernetes/Dockerfile"),
                mode: Mode::Text,
            },
            Template {
                path: "kubernetes/volume.yaml",
                text: include_str!("kubernetes/volume.yaml"),
                mode: Mode::Text,
            },
            Template {
                path: "kubernetes/grade.yaml",
                text: include_str!("kubernetes/grade.yaml"),
                mode: Mode::Text,
            },
            Template {
                path: "kubernetes/gradebook.yaml",
                text: include_str!("kubernetes/gradebook.yaml"),
                mode: Mode::Text,
            },
            GET_RDGRADE,
        ],
        next: include_str!("kubernetes/next"),
    }),
    student: None,
};
