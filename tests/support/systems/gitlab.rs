//! GitLab CI, as much of it as the recipes use.

use super::{Ground, copy_into, matching, said};
use serde_yaml::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The pipeline of a project.
pub struct Pipeline<'g> {
    ground: &'g Ground,
    project: PathBuf,
    text: Value,
}

impl Pipeline<'_> {
    pub fn read<'g>(ground: &'g Ground, project: &Path) -> Pipeline<'g> {
        let text = fs::read_to_string(project.join(".gitlab-ci.yml")).unwrap();
        Pipeline {
            ground,
            project: project.to_owned(),
            text: serde_yaml::from_str(&text).unwrap(),
        }
    }

    /// How many of a job run side by side.
    pub fn parallel(&self, job: &str) -> u64 {
        self.text[job]["parallel"].as_u64().unwrap()
    }

    /// Runs a job in a fresh checkout, with the artifacts of what it needs.
    pub fn run(&self, job: &str, index: Option<u64>) -> Result<String, String> {
        let definition = &self.text[job];
        let name = index.map_or(job.to_owned(), |index| format!("{job}-{index}"));
        let checkout = self.ground.workspace(&name);
        copy_into(&self.project, &checkout);
        for needed in definition["needs"].as_sequence().into_iter().flatten() {
            copy_into(&self.artifacts(needed.as_str().unwrap()), &checkout);
        }
        let script = checkout.with_extension("sh");
        let lines: Vec<&str> = definition["script"]
            .as_sequence()
            .unwrap()
            .iter()
            .map(|line| line.as_str().unwrap())
            .collect();
        fs::write(&script, lines.join("\n")).unwrap();
        // What the runner begins its own script with.
        let mut bash = self.ground.command("bash", &checkout);
        bash.args(["-eo", "pipefail"]).arg(&script);
        self.variables(&mut bash, &self.text["variables"]);
        self.variables(&mut bash, &definition["variables"]);
        bash.env("CI_PROJECT_DIR", &checkout);
        if let Some(index) = index {
            bash.env("CI_NODE_INDEX", index.to_string());
            bash.env(
                "CI_NODE_TOTAL",
                definition["parallel"].as_u64().unwrap().to_string(),
            );
        }
        let output = bash.output().unwrap();
        let kept = &definition["artifacts"];
        if output.status.success() || kept["when"] == "always" {
            self.keep(job, kept, &checkout);
        }
        match output.status.success() {
            true => Ok(said(&output)),
            false => Err(said(&output)),
        }
    }

    pub fn artifacts(&self, job: &str) -> PathBuf {
        self.ground.at("artifacts").join(job)
    }

    fn variables(&self, command: &mut Command, variables: &Value) {
        for (name, value) in variables.as_mapping().into_iter().flatten() {
            let value = value.as_str().unwrap().replace("$CI_JOB_TOKEN", "");
            assert!(!value.contains('$'), "what is {value}?");
            command.env(name.as_str().unwrap(), value);
        }
    }

    /// Paths are kept with their directories.
    fn keep(&self, job: &str, kept: &Value, checkout: &Path) {
        let to = self.artifacts(job);
        fs::create_dir_all(&to).unwrap();
        let paths = kept["paths"].as_sequence().into_iter().flatten();
        let reports = kept["reports"]
            .as_mapping()
            .into_iter()
            .flatten()
            .map(|(_, path)| path);
        for pattern in paths.chain(reports) {
            for path in matching(checkout, pattern.as_str().unwrap()) {
                let relative = path.strip_prefix(checkout).unwrap();
                let mut copy = Command::new("cp");
                copy.args(["-a", "--parents"])
                    .arg(relative)
                    .arg(&to)
                    .current_dir(checkout);
                assert!(copy.status().unwrap().success());
            }
        }
    }
}
