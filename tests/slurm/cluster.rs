//! A Slurm cluster of one node, below one directory, in namespaces that are its own: nothing of it is left when they end.

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, getpid, sethostname};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// The node's name, which has to be that of its host.
const NODE: &str = "rdnode";

/// One of those that are in no network (RFC 5737). Slurm resolves names with `AI_ADDRCONFIG`, for which 127.0.0.1 does not
/// count as an address of this host.
const ADDRESS: &str = "192.0.2.1";

/// What a daemon takes to begin is far below; what takes longer hangs.
const LONGEST: Duration = Duration::from_secs(30);

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

/// A daemon and what it has said.
struct Daemon {
    name: &'static str,
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
}

impl Daemon {
    fn start(name: &'static str, command: &mut Command) -> Daemon {
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        // It is always read: who logs into a full pipe waits.
        thread::spawn(move || {
            stderr
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        Daemon {
            name,
            child,
            lines,
            said: Vec::new(),
        }
    }

    /// Waits until it says so.
    fn says(&mut self, words: &str) {
        let until = Instant::now() + LONGEST;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!(
                    "{} never says: {words}\n{}",
                    self.name,
                    self.said.join("\n")
                );
            };
            let found = line.contains(words);
            self.said.push(line);
            if found {
                return;
            }
        }
    }

    fn log(&mut self) -> String {
        self.said.extend(self.lines.try_iter());
        format!("{}:\n{}\n", self.name, self.said.join("\n"))
    }
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
        loop {
            let doomed: Vec<Pid> = processes().filter(|pid| !self.survives(*pid)).collect();
            if doomed.is_empty() {
                break;
            }
            for pid in doomed {
                let _ = kill(pid, Signal::SIGKILL);
            }
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

/// Gives this host its name and an address that the name leads to.
fn name_host(place: &Path) {
    sethostname(NODE).unwrap();
    let hosts = place.join("hosts");
    fs::write(&hosts, format!("127.0.0.1 localhost\n{ADDRESS} {NODE}\n")).unwrap();
    let none: Option<&str> = None;
    nix::mount::mount(
        Some(&hosts),
        "/etc/hosts",
        none,
        nix::mount::MsFlags::MS_BIND,
        none,
    )
    .unwrap();
    run(Command::new("ip").args(["link", "set", "lo", "up"]));
    run(Command::new("ip").args(["address", "add", &format!("{ADDRESS}/32"), "dev", "lo"]));
}

/// With a key that nobody else has.
fn authenticate(place: &Path) {
    let at = place.join("munge");
    let mut key = File::options()
        .write(true)
        .create_new(true)
        .mode(0o400)
        .open(at.join("key"))
        .unwrap();
    let mut random = std::io::Read::take(File::open("/dev/urandom").unwrap(), 128);
    std::io::copy(&mut random, &mut key).unwrap();
    let mut munged = Command::new("munged");
    for (option, name) in [
        ("key-file", "key"),
        ("socket", "socket"),
        ("pid-file", "pid"),
        ("log-file", "log"),
        ("seed-file", "seed"),
    ] {
        munged.arg(format!("--{option}={}", at.join(name).display()));
    }
    // It returns when its child in the background is ready.
    run(&mut munged);
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
}

fn configuration(place: &Path) -> String {
    let place = place.display();
    format!(
        "ClusterName=throwaway
SlurmctldHost={NODE}({ADDRESS})
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# A job that was requeued waits until its credential has expired; two minutes if nothing is said.
AuthInfo=socket={place}/munge/socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={place}/state
SlurmdSpoolDir={place}/spool
SlurmctldPidFile={place}/slurmctld.pid
SlurmdPidFile={place}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
JobRequeue=1
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1
# More than there are, so that tasks run side by side.
SlurmdParameters=config_overrides
NodeName={NODE} NodeAddr={ADDRESS} CPUs=10 RealMemory=20000
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"
    )
}
