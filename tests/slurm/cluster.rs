//! A Slurm cluster of one node, below one directory, in namespaces that are its own: nothing of it is left when they end.

use super::daemon::Daemon;
use super::ground::{NODE, authenticate, configuration, name_host};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpid};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

/// What a cluster is made of, and where Debian has it.
const PROGRAMS: [(&str, &str); 7] = [
    ("munged", "munge"),
    ("slurmctld", "slurm-wlm"),
    ("slurmd", "slurm-wlm"),
    ("sbatch", "slurm-wlm"),
    ("srun", "slurm-wlm"),
    ("scontrol", "slurm-wlm"),
    ("ip", "iproute2"),
];

/// Why there can be no cluster here.
pub fn why_not() -> Option<String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = |program: &str| std::env::split_paths(&path).any(|dir| dir.join(program).exists());
    let (program, package) = PROGRAMS.iter().find(|(program, _)| !found(program))?;
    Some(format!("no {program} on PATH: install {package}"))
}

/// A cluster that is up.
pub struct Cluster {
    place: PathBuf,
    controller: Daemon,
    node: Daemon,
}

impl Cluster {
    /// Brings it up below `place`, which is made. The caller is process 1 of namespaces where only it is.
    pub fn up(place: &Path) -> Cluster {
        fs::DirBuilder::new().mode(0o755).create(place).unwrap();
        for name in ["state", "spool", "munge"] {
            fs::DirBuilder::new()
                .mode(0o755)
                .create(place.join(name))
                .unwrap();
        }
        name_host(place);
        authenticate(place);
        fs::write(place.join("slurm.conf"), configuration(place)).unwrap();
        let mut command = daemon(place, "slurmctld");
        let mut controller = Daemon::start("slurmctld", command.arg("-D"));
        controller.says("Running as primary controller");
        let node = node(place);
        Cluster {
            place: place.to_owned(),
            controller,
            node,
        }
    }

    /// What `$SLURM_CONF` has to say.
    pub fn configuration(&self) -> PathBuf {
        self.place.join("slurm.conf")
    }

    /// One of Slurm's commands, as root.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("SLURM_CONF", self.configuration());
        command
    }

    /// What `scontrol` answers.
    ///
    /// # Panics
    /// When it refuses.
    pub fn control(&self, words: &[&str]) -> String {
        let output = self.command("scontrol").args(words).output().unwrap();
        assert!(output.status.success(), "scontrol {words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// A field of a job, as `scontrol show job` spells it.
    pub fn field(&self, job: &str, name: &str) -> String {
        let shown = self.control(&["show", "job", job]);
        let start = format!("{name}=");
        let value = shown
            .split_whitespace()
            .find_map(|word| word.strip_prefix(&start));
        value
            .unwrap_or_else(|| panic!("no {name}: {shown}"))
            .to_owned()
    }

    /// Waits in the queue behind `job`, as a job of its own that starts when that one has ended, however it has.
    pub fn wait_for(&self, job: &str, longest: Duration) -> Output {
        let dependency = format!("--dependency=afterany:{job}");
        let mut waiting = self.command("timeout");
        waiting.arg(longest.as_secs().to_string());
        waiting.args(["srun", "--quiet", "--ntasks=1", &dependency, "true"]);
        waiting.output().unwrap()
    }

    /// Cuts the node's power: all that runs there is gone without a word. The controller stays, it is thought to be another
    /// machine's, and is told what it would find out by itself after `SlurmdTimeout`. Then the node comes up again.
    pub fn crash_node(&mut self) {
        assert_eq!(
            getpid(),
            Pid::from_raw(1),
            "only what is in a namespace of its own may be killed"
        );
        // At once, for those who are there: nobody sees another one end and tells the controller.
        let mut stopped = BTreeSet::new();
        loop {
            let before = stopped.len();
            for pid in processes().filter(|pid| !self.survives(*pid)) {
                if stopped.insert(pid) {
                    let _ = kill(pid, Signal::SIGSTOP);
                }
            }
            if stopped.len() == before {
                break;
            }
        }
        while let Some(pid) = processes().find(|pid| !self.survives(*pid)) {
            let _ = kill(pid, Signal::SIGKILL);
        }
        self.node.child.wait().unwrap();
        let name = format!("NodeName={NODE}");
        self.control(&["update", &name, "State=DOWN", "Reason=power"]);
        self.node = node(&self.place);
    }

    fn survives(&self, pid: Pid) -> bool {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        // "pid (name) state …"; a name may hold anything.
        let Some((_, state)) = stat.rsplit_once(") ") else {
            return true;
        };
        pid == getpid()
            || state.starts_with('Z')
            || ["(slurmctld", "(munged"]
                .iter()
                .any(|name| stat.contains(name))
    }

    /// All that the daemons have said.
    pub fn log(&mut self) -> String {
        self.controller.log() + &self.node.log()
    }
}

fn processes() -> impl Iterator<Item = Pid> {
    let numbers = fs::read_dir("/proc").unwrap().flatten();
    numbers
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .map(Pid::from_raw)
}

fn daemon(place: &Path, name: &str) -> Command {
    let mut command = Command::new(name);
    command
        .current_dir(place)
        .env("SLURM_CONF", place.join("slurm.conf"));
    command
}

fn node(place: &Path) -> Daemon {
    let mut node = Daemon::start("slurmd", daemon(place, "slurmd").arg("-D"));
    node.says("slurmd started on");
    node
}
