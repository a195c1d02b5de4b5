//! What a cluster stands on: a host with a name, a secret, a configuration.

use std::fs::{self, File};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Command;

/// The node's name, which has to be that of its host.
pub const NODE: &str = "rdnode";

/// One of those that are in no network (RFC 5737). Slurm resolves names with `AI_ADDRCONFIG`, for which 127.0.0.1 does not
/// count as an address of this host.
const ADDRESS: &str = "192.0.2.1";

/// Gives this host its name and an address that the name leads to.
pub fn name_host(place: &Path) {
    nix::unistd::sethostname(NODE).unwrap();
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
pub fn authenticate(place: &Path) {
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

pub fn configuration(place: &Path) -> String {
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
