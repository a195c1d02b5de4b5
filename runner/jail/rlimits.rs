//! The limits of a jail's processes that the kernel keeps for each process (setrlimit(2)): all of those that no group keeps, and
//! some of the others, farther away, for where there are no groups.

use super::cgroup::JailGroups;
use super::mechanism::Mechanism;
use checks::limit::{Limit, Limits};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// A resource and how much of it a process has. Nothing in a jail can raise it: that takes CAP_SYS_RESOURCE over the host.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rlimit {
    resource: Resource,
    most: u64,
    mechanism: Mechanism,
    /// As the manual page calls it.
    pub name: &'static str,
}

/// How many times what the whole jail may use a single process may, where a group keeps the limit of the whole: so that the
/// group's is the one that is met, and counted.
const FARTHER: u64 = 2;

/// The same for memory without a group: who is refused memory may die of it before it was seen to have too much, so whoever
/// grows steadily is to be seen first.
const MUCH_FARTHER: u64 = 8;

/// As far as this process can give them: nobody gives more than the hard limits it has itself.
pub(super) fn attainable(limits: &Limits) -> Limits {
    let given = [
        (Limit::OpenFiles, Resource::RLIMIT_NOFILE),
        (Limit::FileSize, Resource::RLIMIT_FSIZE),
        (Limit::Processes, Resource::RLIMIT_NPROC),
    ];
    given
        .into_iter()
        .fold(*limits, |limits, (limit, resource)| {
            let own = getrlimit(resource).map_or(u64::MAX, |(_, hard)| hard);
            limits.with(limit, limits.get(limit).min(own))
        })
}

/// Those of a jail with these limits, in these groups.
pub(super) fn of(limits: &Limits, groups: Option<&JailGroups>) -> Vec<Rlimit> {
    let kept = |controller| groups.is_some_and(|groups| groups.limit(controller));
    let get = |limit| limits.get(limit);
    let processes = if kept("pids") { FARTHER } else { 1 } * get(Limit::Processes);
    let rlimit = |name, resource, most: u64, mechanism| Rlimit {
        resource,
        most: most.min(getrlimit(resource).map_or(most, |(_, hard)| hard)),
        mechanism,
        name,
    };
    let mut all = vec![
        rlimit(
            "RLIMIT_FSIZE",
            Resource::RLIMIT_FSIZE,
            get(Limit::FileSize),
            Mechanism::FileSizeLimit,
        ),
        rlimit(
            "RLIMIT_NOFILE",
            Resource::RLIMIT_NOFILE,
            get(Limit::OpenFiles),
            Mechanism::OpenFilesLimit,
        ),
        // 1 instead of 0: a core that is piped to a program of the host's is not cut, whatever the limit, but at 1 the kernel
        // gives up (do_coredump in fs/coredump.c). No core file is that small.
        rlimit(
            "RLIMIT_CORE",
            Resource::RLIMIT_CORE,
            get(Limit::CoreSize).max(1),
            Mechanism::CoreSizeLimit,
        ),
        // In seconds, and of one process: the jail's own limit is met first.
        rlimit(
            "RLIMIT_CPU",
            Resource::RLIMIT_CPU,
            get(Limit::CpuTime).div_ceil(1000) + 1,
            Mechanism::CpuTimeLimit,
        ),
        // Counted for the jail's user namespace alone.
        rlimit(
            "RLIMIT_NPROC",
            Resource::RLIMIT_NPROC,
            processes,
            Mechanism::ProcessLimit,
        ),
    ];
    if !kept("memory") {
        // What a process maps for writing; what it only reserves is not counted, or runtimes that reserve much could not start.
        all.push(rlimit(
            "RLIMIT_DATA",
            Resource::RLIMIT_DATA,
            MUCH_FARTHER * get(Limit::Memory),
            Mechanism::MemoryLimit,
        ));
    }
    all.retain(|limit| limit.mechanism.is_promised());
    all
}

/// Sets them for the calling process, and all that will descend from it.
pub(super) fn set(rlimits: &[Rlimit]) -> nix::Result<()> {
    rlimits
        .iter()
        .filter(|limit| limit.mechanism.is_on())
        .try_for_each(|limit| setrlimit(limit.resource, limit.most, limit.most))
}

/// Those that do not bind the calling process.
pub(super) fn not_in_force(rlimits: &[Rlimit]) -> impl Iterator<Item = &Rlimit> {
    rlimits.iter().filter(|limit| {
        !getrlimit(limit.resource)
            .is_ok_and(|(soft, hard)| soft <= limit.most && hard <= limit.most)
    })
}
