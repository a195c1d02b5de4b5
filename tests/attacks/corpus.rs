//! `fixtures/attacks/attacks.yaml`.

use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The whole file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Corpus {
    /// Mechanisms that cannot be switched off, and why.
    pub exemptions: BTreeMap<String, String>,
    /// The attacks.
    pub attacks: Vec<Attack>,
}

/// One hostile submission.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Attack {
    pub id: String,
    pub tries: String,
    pub target: String,
    pub at: String,
    pub status: Status,
    #[serde(default)]
    pub says: Vec<String>,
    pub attempts: Attempts,
    pub stopped_by: Vec<String>,
    #[serde(default)]
    pub needs: Vec<Need>,
    pub manifest: Option<String>,
    #[serde(default)]
    pub link: bool,
    pub image: Option<Image>,
    pub timeout: Option<String>,
    #[serde(default)]
    pub limits: BTreeMap<String, String>,
    pub without: Option<Without>,
}

/// Results by name; several that will do are separated by ` | `.
pub type Attempts = BTreeMap<String, String>;

/// What comes of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Pass,
    Fail,
    Error,
    /// The submission is not graded: exit 3, and the report says why.
    #[serde(rename = "not graded")]
    NotGraded,
    /// What was asked for is refused: exit 2 or 3, and no report.
    Refused,
}

/// What of a host an attack cannot be played without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// The freezer of cgroup version 1, to see what comes of it.
    Freezer,
    /// The processor whose second call table is tried.
    X86,
    /// Linux 6.11, which tells how many mounts there are.
    MountCount,
    /// Cores that become files where somebody died, as large as they like: elsewhere a program of the host's would get them.
    CoreFile,
    /// Sockets to the hypervisor.
    Vsock,
}

impl Need {
    /// Why not here.
    pub fn why_not(self) -> Option<&'static str> {
        let (there, why) = match self {
            Need::Freezer => (
                Path::new("/sys/fs/cgroup/freezer").is_dir(),
                "no freezer of cgroup version 1 is mounted",
            ),
            Need::X86 => (
                cfg!(target_arch = "x86_64"),
                "this processor has no second table of system calls",
            ),
            Need::MountCount => (
                std::fs::File::open("/proc/self/ns/mnt").is_ok_and(|own| {
                    rdgrade::jail::sys::count_mounts(std::os::fd::AsFd::as_fd(&own), 1).is_ok()
                }),
                "this kernel is older than 6.11 and cannot count mounts",
            ),
            Need::CoreFile => (
                std::fs::read_to_string("/proc/sys/kernel/core_pattern")
                    .is_ok_and(|pattern| !pattern.starts_with(['|', '/', '@']))
                    && getrlimit(Resource::RLIMIT_CORE)
                        .is_ok_and(|(_, hard)| hard == RLIM_INFINITY),
                "this host keeps cores elsewhere, or none",
            ),
            Need::Vsock => (
                socket(
                    AddressFamily::Vsock,
                    SockType::Stream,
                    SockFlag::SOCK_CLOEXEC,
                    None,
                )
                .is_ok(),
                "this kernel has no sockets to a hypervisor",
            ),
        };
        (!there).then_some(why)
    }
}

/// An image that comes with the submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Image {
    Traversal,
    Bomb,
}

/// What an attack comes to without the first mechanism that stops it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Without {
    pub attempts: Attempts,
    pub leaks: bool,
    pub harms: bool,
    pub says: Vec<String>,
    pub commands: bool,
    pub late: bool,
    pub lacks: Option<String>,
    pub status: Option<Status>,
    pub also: Vec<String>,
    pub needs: Vec<Need>,
}

/// Where the corpus lies.
pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/attacks")
}

impl Corpus {
    /// Reads it.
    pub fn load() -> Corpus {
        let text = std::fs::read_to_string(directory().join("attacks.yaml")).unwrap();
        serde_yaml::from_str(&text).unwrap()
    }

    /// The attack with this id.
    pub fn attack(&self, id: &str) -> &Attack {
        self.attacks
            .iter()
            .find(|attack| attack.id == id)
            .unwrap_or_else(|| panic!("no attack {id}"))
    }
}

impl Attack {
    /// The mechanism that is switched off to see it succeed.
    pub fn first_mechanism(&self) -> &str {
        &self.stopped_by[0]
    }

    /// All that are switched off for it.
    pub fn switched_off(&self) -> String {
        let also = self.without.iter().flat_map(|without| &without.also);
        let first = std::iter::once(&self.stopped_by[0]);
        first.chain(also).cloned().collect::<Vec<_>>().join(",")
    }

    /// Its program.
    pub fn program(&self) -> Option<PathBuf> {
        ["py", "sh"]
            .map(|ending| directory().join(format!("{}.{ending}", self.id)))
            .into_iter()
            .find(|path| path.is_file())
    }
}
