//! Kubernetes: the pods of a Job, in a directory that stands for the volume.

use super::{Ground, said};
use serde_yaml::Value;
use std::fs;
use std::path::Path;

/// A Job.
pub struct Job<'g> {
    ground: &'g Ground,
    spec: Value,
}

impl Job<'_> {
    pub fn read<'g>(ground: &'g Ground, file: &Path) -> Job<'g> {
        let text: Value = serde_yaml::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        assert_eq!(text["kind"], "Job");
        Job {
            ground,
            spec: text["spec"].clone(),
        }
    }

    /// How many indices it has; none where it is one pod.
    pub fn completions(&self) -> Option<u64> {
        match self.spec["completionMode"].as_str() {
            Some("Indexed") => self.spec["completions"].as_u64(),
            _ => None,
        }
    }

    /// Runs the pod of an index, with the volume at `volume`.
    pub fn run(&self, index: Option<u64>, volume: &Path) -> Result<String, String> {
        let container = &self.spec["template"]["spec"]["containers"][0];
        assert_eq!(container["workingDir"], "/class");
        let words: Vec<&str> = container["command"]
            .as_sequence()
            .unwrap()
            .iter()
            .map(|word| word.as_str().unwrap())
            .collect();
        let mut command = self.ground.command(words[0], volume);
        command.args(&words[1..]);
        for variable in container["env"].as_sequence().into_iter().flatten() {
            command.env(
                variable["name"].as_str().unwrap(),
                variable["value"].as_str().unwrap(),
            );
        }
        if let Some(index) = index {
            command.env("JOB_COMPLETION_INDEX", index.to_string());
        }
        let output = command.output().unwrap();
        match output.status.success() {
            true => Ok(said(&output)),
            false => Err(said(&output)),
        }
    }
}
