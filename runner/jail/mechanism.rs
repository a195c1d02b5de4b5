//! What stands between a submission and the machine, by name.
//!
//! A mechanism that cannot be missed is one nobody has tried to miss. In builds with debug assertions
//! `RDGRADE_WITHOUT=NAME[,NAME…]` in rdgrade's environment switches mechanisms off, so that `tests/attacks` can show, in
//! namespaces of its own, that each one's attack then succeeds. A build without them (`--release`) does not know the variable.
//!
//! This file stands alone, uses nothing of the crate: the same test compiles it as a release would and asks it.

/// One thing that stops attacks. `fixtures/attacks/attacks.yaml` says which ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mechanism {
    /// Root inside has no power over what belongs to the host (user_namespaces(7)).
    UserNamespace,
    /// Mounts made inside are not the host's (mount_namespaces(7)).
    MountNamespace,
    /// Other processes cannot be seen or signalled, and all inside end with the first (pid_namespaces(7)).
    PidNamespace,
    /// Neither the host's network, nor its loopback, nor its abstract sockets (network_namespaces(7)).
    NetworkNamespace,
    /// The host's name is neither read nor set (uts_namespaces(7)).
    UtsNamespace,
    /// Neither System V IPC nor POSIX message queues of the host (ipc_namespaces(7)).
    IpcNamespace,
    /// The jail's own group is the top of all it sees (cgroup_namespaces(7)).
    CgroupNamespace,
    /// The jail's ids are nobody's outside: what only host root may read, it may not.
    UnprivilegedIds,
    /// What is shown of the host is read-only, locked by the user namespace.
    ReadOnlyClones,
    /// Device nodes that are shown of the host do not open.
    NoDeviceClones,
    /// Only what programs need is shown of the host: no homes, no temporary files, no other submission.
    ShownDirectories,
    /// The host's root is let go of after pivot_root(2).
    DetachedRoot,
    /// What one check does to the submission, the next does not see.
    SealedSubmission,
    /// Init never executes and is not dumpable: its descriptors, memory and root are closed to ptrace(2) access checks.
    UnreadableInit,
    /// No descriptor of rdgrade's, or of whoever started it, reaches a program.
    ClosedDescriptors,
    /// No variable of rdgrade's environment reaches a program.
    CleanEnvironment,
    /// System calls that no level needs are refused (seccomp(2)).
    DeniedCalls,
    /// System calls through another architecture's table do not exist.
    NativeCalls,
    /// Capabilities that no level needs are out of the bounding set (capabilities(7)).
    BoundedCapabilities,
    /// Of device nodes only the harmless ones are made for a submission.
    HarmlessNodes,
    /// Every file system of the jail has a size, in bytes and in inodes.
    FileSystemSizes,
    /// Only so many mounts: reading the table of a hundred thousand takes minutes, and cannot be interrupted.
    MountRoom,
    /// Only so many processes (RLIMIT_NPROC, and the pids controller).
    ProcessLimit,
    /// Only so much memory (the memory controller).
    MemoryLimit,
    /// Only so many bytes in a file (RLIMIT_FSIZE).
    FileSizeLimit,
    /// Only so many open files in a process (RLIMIT_NOFILE).
    OpenFilesLimit,
    /// No core is left by what dies (RLIMIT_CORE).
    CoreSizeLimit,
    /// Only so much CPU time, of all processes together (the cpuacct controller, and RLIMIT_CPU).
    CpuTimeLimit,
    /// A step ends.
    Deadlines,
    /// Of what is printed, head and tail are kept.
    OutputCap,
    /// Files inside are opened with openat2(2) below the jail's root, whatever links lie there.
    CarefulReads,
    /// What is shown on a terminal cannot command it.
    HarmlessOutput,
    /// A submission that is a link to somewhere else is not followed by root.
    RefusedLinks,
    /// Image archives are surveyed before anybody unpacks them.
    SurveyedImages,
    /// A container is what the kernel saw executed, not what was printed.
    KernelTruth,
    /// The freezer is not handed to the jail: what is frozen cannot be killed.
    ChosenControllers,
}

impl Mechanism {
    /// All of them.
    pub const ALL: [Mechanism; 36] = [
        Mechanism::UserNamespace,
        Mechanism::MountNamespace,
        Mechanism::PidNamespace,
        Mechanism::NetworkNamespace,
        Mechanism::UtsNamespace,
        Mechanism::IpcNamespace,
        Mechanism::CgroupNamespace,
        Mechanism::UnprivilegedIds,
        Mechanism::ReadOnlyClones,
        Mechanism::NoDeviceClones,
        Mechanism::ShownDirectories,
        Mechanism::DetachedRoot,
        Mechanism::SealedSubmission,
        Mechanism::UnreadableInit,
        Mechanism::ClosedDescriptors,
        Mechanism::CleanEnvironment,
        Mechanism::DeniedCalls,
        Mechanism::NativeCalls,
        Mechanism::BoundedCapabilities,
        Mechanism::HarmlessNodes,
        Mechanism::FileSystemSizes,
        Mechanism::MountRoom,
        Mechanism::ProcessLimit,
        Mechanism::MemoryLimit,
        Mechanism::FileSizeLimit,
        Mechanism::OpenFilesLimit,
        Mechanism::CoreSizeLimit,
        Mechanism::CpuTimeLimit,
        Mechanism::Deadlines,
        Mechanism::OutputCap,
        Mechanism::CarefulReads,
        Mechanism::HarmlessOutput,
        Mechanism::RefusedLinks,
        Mechanism::SurveyedImages,
        Mechanism::KernelTruth,
        Mechanism::ChosenControllers,
    ];

    /// Its name, as `attacks.yaml` and `RDGRADE_WITHOUT` have it.
    pub const fn name(self) -> &'static str {
        match self {
            Mechanism::UserNamespace => "user-namespace",
            Mechanism::MountNamespace => "mount-namespace",
            Mechanism::PidNamespace => "pid-namespace",
            Mechanism::NetworkNamespace => "network-namespace",
            Mechanism::UtsNamespace => "uts-namespace",
            Mechanism::IpcNamespace => "ipc-namespace",
            Mechanism::CgroupNamespace => "cgroup-namespace",
            Mechanism::UnprivilegedIds => "unprivileged-ids",
            Mechanism::ReadOnlyClones => "read-only-clones",
            Mechanism::NoDeviceClones => "no-device-clones",
            Mechanism::ShownDirectories => "shown-directories",
            Mechanism::DetachedRoot => "detached-root",
            Mechanism::SealedSubmission => "sealed-submission",
            Mechanism::UnreadableInit => "unreadable-init",
            Mechanism::ClosedDescriptors => "closed-descriptors",
            Mechanism::CleanEnvironment => "clean-environment",
            Mechanism::DeniedCalls => "denied-calls",
            Mechanism::NativeCalls => "native-calls",
            Mechanism::BoundedCapabilities => "bounded-capabilities",
            Mechanism::HarmlessNodes => "harmless-nodes",
            Mechanism::FileSystemSizes => "file-system-sizes",
            Mechanism::MountRoom => "mount-room",
            Mechanism::ProcessLimit => "process-limit",
            Mechanism::MemoryLimit => "memory-limit",
            Mechanism::FileSizeLimit => "file-size-limit",
            Mechanism::OpenFilesLimit => "open-files-limit",
            Mechanism::CoreSizeLimit => "core-size-limit",
            Mechanism::CpuTimeLimit => "cpu-time-limit",
            Mechanism::Deadlines => "deadlines",
            Mechanism::OutputCap => "output-cap",
            Mechanism::CarefulReads => "careful-reads",
            Mechanism::HarmlessOutput => "harmless-output",
            Mechanism::RefusedLinks => "refused-links",
            Mechanism::SurveyedImages => "surveyed-images",
            Mechanism::KernelTruth => "kernel-truth",
            Mechanism::ChosenControllers => "chosen-controllers",
        }
    }

    /// Whether it is in force, which it is but for a test.
    #[cfg(debug_assertions)]
    pub fn is_on(self) -> bool {
        self.is_promised() && !is_named("RDGRADE_BREAK", self.name())
    }

    /// Whether rdgrade holds that it is in force. One that is promised and not on is what the posture self-test is for:
    /// `RDGRADE_BREAK=NAME[,NAME…]` makes such.
    #[cfg(debug_assertions)]
    pub fn is_promised(self) -> bool {
        !is_named("RDGRADE_WITHOUT", self.name())
    }

    /// It is.
    #[cfg(not(debug_assertions))]
    pub const fn is_promised(self) -> bool {
        true
    }

    /// It is in force.
    #[cfg(not(debug_assertions))]
    pub const fn is_on(self) -> bool {
        true
    }

    /// Those that a test has switched off.
    pub fn missing() -> impl Iterator<Item = Mechanism> {
        Self::ALL
            .into_iter()
            .filter(|mechanism| !mechanism.is_promised())
    }
}

#[cfg(debug_assertions)]
fn is_named(variable: &str, name: &str) -> bool {
    let names = std::env::var(variable).unwrap_or_default();
    names.split(',').any(|known| known == name)
}
