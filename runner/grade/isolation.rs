//! What stands between submissions and this machine, in a line.

use crate::jail::{IdRange, Mechanism, Power};
use nix::unistd::getpid;

/// How submissions are isolated here, for people.
pub fn isolation() -> String {
    let ids = match Power::of_this_process() {
        Power::Root => {
            let ids = IdRange::unprivileged(getpid());
            format!("{} unprivileged ids", ids.count)
        }
        Power::User => "one id, of an ordinary user".to_owned(),
    };
    let missing: Vec<_> = Mechanism::missing().map(Mechanism::name).collect();
    let missing = match missing.as_slice() {
        [] => String::new(),
        names => format!("; WITHOUT {}", names.join(", ")),
    };
    format!(
        "user namespace ({ids}); own mount, pid, network, UTS, IPC and cgroup namespaces{missing}"
    )
}
