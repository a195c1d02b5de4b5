//! A class that is graded on the cluster, by the recipe's own files.

use super::Blow;
use super::cluster::Cluster;
use super::cohort::Cohort;
use super::parts::{Part, Watch};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use rdgrade::jail::sys::pidfd_open;
use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::process::Command;
use std::time::{Duration, Instant};

/// Who grades: an ordinary user whom every host has, in a group that it has.
const USER: [&str; 3] = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"];

/// The whole array, with all that befalls it, takes a fifth of it.
pub const LONGEST: Duration = Duration::from_secs(150);

/// Of an ordinary user: rdgrade, and what the distribution has.
const PATH: &str = "/tmp/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Why an ordinary user could not grade this class here.
pub fn why_not() -> Option<String> {
    let click = Command::new("/usr/bin/python3")
        .args(["-I", "-c", "import click"])
        .output();
    let has_click = click.is_ok_and(|output| output.status.success());
    (!has_click).then(|| "/usr/bin/python3 has no click: install python3-click".to_owned())
}

/// For a step. Nobody of this class uses it up, and a busy machine makes no difference.
pub const DEADLINE: &str = "60s";

/// A user's place, where nobody else is.
pub struct Desk {
    pub class: Cohort,
}

impl Desk {
    /// The class is the user's, and so are the program and its images.
    pub fn lay(class: Cohort) -> Desk {
        fs::create_dir("/tmp/bin").unwrap();
        fs::copy(env!("CARGO_BIN_EXE_rdgrade"), "/tmp/bin/rdgrade").unwrap();
        let mut chown = Command::new("chown");
        chown
            .args(["-R", "nobody:nogroup", "/tmp/cache"])
            .arg(class.folder.path());
        assert!(chown.status().unwrap().success(), "{chown:?}");
        Desk { class }
    }

    /// What the user types, in the class's directory.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("setpriv");
        command
            .args(USER)
            .arg(program)
            .current_dir(self.class.folder.path());
        command
            .env("XDG_CACHE_HOME", "/tmp/cache")
            .env("HOME", "/nonexistent");
        command.env("PATH", PATH);
        command
    }
}

/// What was submitted.
pub struct Run<'a> {
    desk: &'a Desk,
    /// The jobs' ids.
    pub array: String,
    pub gradebook: String,
    pub parts: Vec<Part>,
    watch: Watch,
    until: Instant,
}

impl Run<'_> {
    /// Writes the recipe into the class's directory and does what it says.
    pub fn submit<'a>(cluster: &Cluster, desk: &'a Desk, levels: &str) -> Run<'a> {
        let class = &desk.class;
        let mut init = desk.command("rdgrade");
        let output = init
            .args(["init", "slurm", "--levels", levels])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let script = class.at("slurm/grade.sbatch");
        let text = fs::read_to_string(&script).unwrap();
        let (before, after) = text
            .split_once(" --resume")
            .expect("where there is room for options");
        fs::write(
            &script,
            format!("{before} --timeout {DEADLINE} --resume{after}"),
        )
        .unwrap();
        let results = class.at("results");
        assert!(
            desk.command("mkdir")
                .arg(&results)
                .status()
                .unwrap()
                .success()
        );
        let watch = Watch::on(&results);
        let mut submit = desk.command("slurm/submit");
        let output = submit
            .env("SLURM_CONF", cluster.configuration())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let said = String::from_utf8(output.stdout).unwrap();
        let mut numbers = said
            .split(|letter: char| !letter.is_ascii_digit())
            .filter(|word| !word.is_empty());
        let mut next = || {
            numbers
                .next()
                .unwrap_or_else(|| panic!("{said}"))
                .to_owned()
        };
        let (array, gradebook) = (next(), next());
        // As many as there are if nothing else is said.
        let part = |index: usize| Part::at(results.join(format!("part-{index}.jsonl")));
        let parts = (1..=4).map(part).collect();
        Run {
            desk,
            array,
            gradebook,
            parts,
            watch,
            until: Instant::now() + LONGEST,
        }
    }

    /// Waits until something holds of the results, which is looked at whenever they change.
    pub fn until(
        &self,
        cluster: &mut Cluster,
        what: &str,
        mut holds: impl FnMut(&Self, &Cluster) -> bool,
    ) {
        while !holds(self, cluster) {
            let changed = self.watch.changed(self.until);
            assert!(
                changed,
                "it never came to this: {what}\n{}{}",
                self.logs(),
                cluster.log()
            );
        }
    }

    /// Strikes the task of a part. What it returns is readable when its rdgrade has ended; nothing, if there is none any more.
    pub fn strike(&self, cluster: &Cluster, index: usize, blow: Blow) -> Option<OwnedFd> {
        let writer = self.parts[index].writer()?;
        let ended = pidfd_open(writer).ok()?;
        let task = format!("{}_{}", self.array, index + 1);
        match blow {
            Blow::Preempted => drop(cluster.control(&["requeue", &task])),
            Blow::Killed => kill(writer, Signal::SIGKILL).unwrap(),
            // To the script alone, as the recipe asks for it.
            Blow::OutOfTime => {
                let mut signal = cluster.command("scancel");
                let output = signal
                    .args(["--batch", "--signal=USR1", &task])
                    .output()
                    .unwrap();
                assert!(output.status.success(), "{output:?}");
            }
        }
        Some(ended)
    }

    /// Whether all of them end in time.
    pub fn all_end(&self, pidfds: &[OwnedFd]) -> bool {
        pidfds.iter().all(|pidfd| {
            let left = self
                .until
                .saturating_duration_since(Instant::now())
                .min(Duration::from_secs(60));
            let mut ended = [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)];
            poll(&mut ended, PollTimeout::try_from(left).unwrap()).unwrap() > 0
        })
    }

    /// All that the jobs have said.
    pub fn logs(&self) -> String {
        let mut logs = String::new();
        for entry in fs::read_dir(self.desk.class.at("results"))
            .unwrap()
            .flatten()
        {
            if entry
                .path()
                .extension()
                .is_some_and(|extension| extension == "log")
            {
                let text = fs::read_to_string(entry.path()).unwrap();
                logs += &format!("{}:\n{text}\n", entry.file_name().display());
            }
        }
        logs
    }
}
