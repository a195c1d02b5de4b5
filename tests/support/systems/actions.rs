//! GitHub Actions, as much of it as the recipes use. What they do not use is an error.

use super::{Ground, copy_into, matching, said};
use serde_yaml::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A workflow of a repository.
pub struct Workflow<'g> {
    ground: &'g Ground,
    repository: PathBuf,
    text: Value,
}

impl Workflow<'_> {
    pub fn read<'g>(ground: &'g Ground, repository: &Path, file: &str) -> Workflow<'g> {
        let text = fs::read_to_string(repository.join(".github/workflows").join(file)).unwrap();
        Workflow {
            ground,
            repository: repository.to_owned(),
            text: serde_yaml::from_str(&text).unwrap(),
        }
    }

    /// The values that a job's matrix has for `part`.
    pub fn parts(&self, job: &str) -> Vec<u64> {
        let parts = self.text["jobs"][job]["strategy"]["matrix"]["part"]
            .as_sequence()
            .unwrap();
        parts.iter().map(|part| part.as_u64().unwrap()).collect()
    }

    /// Runs a job in a workspace of its own, and says what it came to: its log, or that of the step that failed.
    pub fn run(&self, job: &str, part: Option<u64>) -> Result<String, String> {
        let name = part.map_or(job.to_owned(), |part| format!("{job}-{part}"));
        let workspace = self.ground.workspace(&name);
        let temporary = self.ground.workspace(&format!("{name}.temporary"));
        let definition = &self.text["jobs"][job];
        let total = definition["strategy"]["matrix"]["part"]
            .as_sequence()
            .map_or(1, Vec::len);
        let known = BTreeMap::from([
            ("runner.os", "Linux".to_owned()),
            ("runner.arch", "X64".to_owned()),
            ("runner.temp", temporary.display().to_string()),
            (
                "matrix.part",
                part.map_or(String::new(), |part| part.to_string()),
            ),
            ("strategy.job-total", total.to_string()),
            ("secrets.STUDENTS_TOKEN", String::new()),
            (
                "hashFiles('ci/get-rdgrade', 'ci/rdgrade')",
                "digest".to_owned(),
            ),
        ]);
        let mut log = String::new();
        for step in definition["steps"].as_sequence().unwrap() {
            match step["uses"].as_str() {
                Some(action) => self.action(action, &step["with"], &workspace, &known),
                None => log.push_str(&self.step(step, &workspace, &temporary, &known)?),
            }
        }
        Ok(log)
    }

    fn step(
        &self,
        step: &Value,
        workspace: &Path,
        temporary: &Path,
        known: &BTreeMap<&str, String>,
    ) -> Result<String, String> {
        let folder = workspace.join(step["working-directory"].as_str().unwrap_or("."));
        let script = temporary.join("step.sh");
        fs::write(&script, evaluated(step["run"].as_str().unwrap(), known)).unwrap();
        // As the documentation of `shell` has it, where none is named.
        let mut bash = self.ground.command("bash", &folder);
        bash.arg("-e").arg(&script);
        for variables in [&self.text["env"], &step["env"]] {
            for (name, value) in variables.as_mapping().into_iter().flatten() {
                bash.env(
                    name.as_str().unwrap(),
                    evaluated(value.as_str().unwrap(), known),
                );
            }
        }
        bash.env("GITHUB_ACTIONS", "true")
            .env("RUNNER_TEMP", temporary)
            .env("GITHUB_STEP_SUMMARY", temporary.join("summary.md"));
        let output = bash.output().unwrap();
        match output.status.success() {
            true => Ok(said(&output)),
            false => Err(said(&output)),
        }
    }

    fn action(&self, action: &str, with: &Value, workspace: &Path, known: &BTreeMap<&str, String>) {
        let word = |key: &str| with[key].as_str().map(|text| evaluated(text, known));
        let artifacts = self.ground.at("artifacts");
        match action.split('@').next().unwrap() {
            "actions/checkout" => copy_into(&self.repository, workspace),
            // Caches begin empty.
            "actions/cache" => {
                word("key").unwrap();
            }
            "actions/upload-artifact" => {
                let artifact = artifacts.join(word("name").unwrap());
                fs::create_dir_all(&artifact).unwrap();
                for pattern in word("path").unwrap().lines() {
                    for path in matching(workspace, pattern) {
                        let to = artifact.join(path.file_name().unwrap());
                        match path.is_dir() {
                            true => copy_into(&path, &to),
                            false => drop(fs::copy(&path, to).unwrap()),
                        }
                    }
                }
            }
            "actions/download-artifact" => {
                let pattern = word("name").or_else(|| word("pattern")).unwrap();
                let to = workspace.join(word("path").unwrap_or_default());
                for artifact in matching(&artifacts, &pattern) {
                    copy_into(&artifact, &to);
                }
            }
            other => panic!("nobody here knows what {other} does"),
        }
    }
}

/// `text` with what stands in `${{ … }}`.
fn evaluated(text: &str, known: &BTreeMap<&str, String>) -> String {
    let mut done = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, after) = after.split_once("}}").unwrap();
        let expression = expression.trim();
        let value = known
            .get(expression)
            .unwrap_or_else(|| panic!("what is {expression}?"));
        done.push_str(before);
        done.push_str(value);
        rest = after;
    }
    done + rest
}
