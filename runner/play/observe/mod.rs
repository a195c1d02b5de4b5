//! Facts: what the kernel says about a subject, read from outside. Nothing here knows what is good.

pub mod breakout;
mod containers;
pub mod elsewhere;
pub mod files;
pub mod groups;
pub mod image;
pub mod mounts;
pub mod place;
pub mod process;
pub mod processes;
pub mod shares;
pub mod tree;
pub mod visit;

pub use containers::containers;
pub(in crate::play) use mounts::few_enough;

use super::running::Running;
use super::scene::Scene;
use checks::fact::{FactName, Request, Subject, Value};
use checks::observed::Observed;
use nix::fcntl::{OFlag, open};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::Mode;
use nix::unistd::Pid;
use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::{AsFd, OwnedFd};

/// What a check's facts are read from.
pub struct View<'a> {
    /// The jail and what goes on in it.
    pub scene: &'a Scene<'a>,
    /// Sessions by the name `as` gave them.
    pub sessions: &'a BTreeMap<String, usize>,
    /// The session spoken to, or run last.
    pub current: Option<usize>,
    /// Directories that appeared below CONTAINERS with each program, by its index.
    pub born: &'a BTreeMap<usize, BTreeSet<String>>,
    /// The image `ubuntu`.
    pub image: &'a ImageView,
    /// The name that `{canary}` stands for.
    pub canary: &'a str,
}

/// What is known of the image from its cache.
#[derive(Debug, Clone)]
pub struct ImageView {
    /// Its name in the jail.
    pub name: String,
    /// Digest of its tar.
    pub digest: String,
    /// The names at its top.
    pub top: Vec<String>,
    /// Its seal when the jail was new.
    pub seal: Option<image::Seal>,
}

impl View<'_> {
    /// Reads what the judge asked for.
    pub fn take(&self, requests: Vec<Request>) -> Vec<(Request, Observed<Value>)> {
        requests
            .into_iter()
            .map(|request| (request.clone(), self.fact(&request)))
            .collect()
    }

    fn fact(&self, request: &Request) -> Observed<Value> {
        match &request.subject {
            Subject::Container => match self.current {
                Some(index) => self.of_container(index, request),
                None => Observed::ContainerGone("nothing was started".to_owned()),
            },
            Subject::Session(name) => match self.sessions.get(name) {
                Some(index) => self.of_container(*index, request),
                None => Observed::ContainerGone(format!("no session named {name} was started")),
            },
            Subject::Submission => self.of_submission(request),
            Subject::Host => self.of_host(request),
            Subject::Image => self.of_image(request.fact),
        }
    }

    fn of_container(&self, index: usize, request: &Request) -> Observed<Value> {
        if let FactName::Id | FactName::Born = request.fact {
            return self.of_born(index, request.fact);
        }
        let program = &self.scene.programs[index];
        let Some(container) = &program.container else {
            let asked = program.asked.join(" ");
            return Observed::ContainerGone(format!("the kernel saw no process execute {asked}"));
        };
        let alive = container.pidfd.as_ref().is_some_and(is_alive);
        let ids = self.scene.jail.ids;
        match request.fact {
            FactName::Files if alive => {
                let root = format!("/proc/{}/root", container.pid);
                let root = open(
                    root.as_str(),
                    OFlag::O_PATH | OFlag::O_CLOEXEC,
                    Mode::empty(),
                );
                let rows = root.and_then(|root| files::table(&root, &request.paths, ids));
                process::known(rows.map(Value::Table).map_err(Into::into), container.pid)
            }
            FactName::Files => Observed::ContainerGone("the container has ended".to_owned()),
            FactName::Processes if alive => processes::seen_at_proc(container.pid),
            FactName::Hostname | FactName::Links | FactName::NamespaceMounts if alive => {
                within(container.pid, request.fact)
            }
            FactName::Hostname
            | FactName::Links
            | FactName::NamespaceMounts
            | FactName::Processes => Observed::ContainerGone("the container has ended".to_owned()),
            name @ (FactName::CpuGroup | FactName::MemoryGroup) => {
                let groups = &self.scene.jail.groups;
                match container.facts.get(&name) {
                    Some(_) if alive && container.found.is_ok() => {
                        groups::of(groups, container.pid, name)
                    }
                    Some(recorded) => groups::after_the_end(groups, recorded, name),
                    None => not_yet(name),
                }
            }
            FactName::Overlay => {
                let request = Request {
                    fact: FactName::Mounts,
                    ..request.clone()
                };
                overlay_of(self.of_container(index, &request))
            }
            FactName::Tree => {
                let request = Request {
                    fact: FactName::Overlay,
                    ..request.clone()
                };
                self.lower_layer(self.of_container(index, &request))
            }
            FactName::Breakout if alive => {
                let attempt = breakout::attempt(container.pid, &self.scene.jail, self.canary);
                process::known(attempt.map(Value::Row).map_err(Into::into), container.pid)
            }
            FactName::Breakout => Observed::ContainerGone("the container has ended".to_owned()),
            name => match container.facts.get(&name) {
                Some(_) if alive && container.found.is_ok() => {
                    process::fact(container.pid, name, ids)
                }
                Some(recorded) => recorded.clone(),
                None => not_yet(name),
            },
        }
    }

    /// The digest of the lower layer that an overlay was mounted with, as the jail's host shows it.
    fn lower_layer(&self, overlay: Observed<Value>) -> Observed<Value> {
        let lower = match &overlay {
            Observed::Known(Value::Row(row)) => row.get("lower"),
            _ => return overlay,
        };
        match lower {
            Some(Value::Text(path)) => self.tree(path),
            _ => Observed::ContainerGone("the overlay names no lower layer".to_owned()),
        }
    }

    fn tree(&self, path: &str) -> Observed<Value> {
        let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY;
        match files::open_in(self.scene.jail.root.as_fd(), path, flags) {
            Ok(directory) => match tree::digest(directory) {
                Ok(digest) => Observed::Known(Value::Text(digest)),
                Err(errno) => {
                    Observed::ContainerGone(format!("{path} could not be read: {}", errno.desc()))
                }
            },
            Err(errno) => {
                Observed::ContainerGone(format!("there is no {path} on the host: {}", errno.desc()))
            }
        }
    }

    fn of_born(&self, index: usize, name: FactName) -> Observed<Value> {
        let born: Vec<String> = self
            .born
            .get(&index)
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        let containers = crate::jail::CONTAINERS;
        let above = |path: &&String| !path.contains('/');
        let ids: Vec<&String> = born.iter().filter(above).collect();
        match (name, ids.as_slice()) {
            (FactName::Born, _) => Observed::Known(Value::Words(
                born.iter()
                    .map(|path| format!("{containers}/{path}"))
                    .collect(),
            )),
            (_, [one]) => Observed::Known(Value::Text((*one).clone())),
            (_, []) => Observed::ContainerGone(
                "no directory appeared below the containers directory".to_owned(),
            ),
            _ => Observed::ContainerGone(
                "several directories appeared below the containers directory".to_owned(),
            ),
        }
    }

    fn of_submission(&self, request: &Request) -> Observed<Value> {
        match request.fact {
            FactName::Execs => Observed::Known(Value::Table(self.scene.execs.clone())),
            FactName::Orphans => {
                let started: BTreeSet<Pid> = self
                    .scene
                    .programs
                    .iter()
                    .filter(|program| program.exit.is_none())
                    .map(|program| program.pid)
                    .collect();
                let left = processes::left_with(self.scene.jail.init, |pid| started.contains(&pid));
                Observed::Known(Value::Table(left))
            }
            name => match self.current.map(|index| &self.scene.programs[index]) {
                Some(Running {
                    pid, exit: None, ..
                }) if matches!(name, FactName::CpuGroup | FactName::MemoryGroup) => {
                    groups::of(&self.scene.jail.groups, *pid, name)
                }
                Some(Running {
                    pid, exit: None, ..
                }) => process::fact(*pid, name, self.scene.jail.ids),
                _ => Observed::ContainerGone("the submission has ended".to_owned()),
            },
        }
    }

    fn of_host(&self, request: &Request) -> Observed<Value> {
        let jail = &self.scene.jail;
        match request.fact {
            FactName::Files => match files::table(&jail.root, &request.paths, jail.ids) {
                Ok(rows) => Observed::Known(Value::Table(rows)),
                Err(errno) => Observed::OurBug(format!(
                    "failed to look up files on the jail's host: {errno}"
                )),
            },
            FactName::Root => place(&jail.root),
            FactName::RootDevice => match place(&jail.root) {
                Observed::Known(Value::Place(root)) => Observed::Known(Value::Text(format!(
                    "{}:{}",
                    root.file.major, root.file.minor
                ))),
                other => other,
            },
            FactName::Namespaces => Observed::Known(Value::Row(jail.namespaces.row())),
            FactName::Mounts | FactName::NamespaceMounts => {
                process::fact(jail.init, FactName::Mounts, jail.ids)
            }
            FactName::Processes => Observed::Known(Value::Table(processes::descendants(jail.init))),
            FactName::Hostname => own_bug(
                elsewhere::hostname(jail.namespaces.uts.as_fd()).map(Value::Text),
                "read the jail's host name",
            ),
            FactName::Links => own_bug(
                elsewhere::links(jail.namespaces.net.as_fd()).map(Value::Table),
                "list the jail's links",
            ),
            name @ (FactName::CpuGroup | FactName::MemoryGroup) => {
                groups::of(&jail.groups, jail.init, name)
            }
            name => not_yet(name),
        }
    }

    fn of_image(&self, name: FactName) -> Observed<Value> {
        match name {
            FactName::Top => Observed::Known(Value::Words(self.image.top.clone())),
            FactName::Digest => {
                let jail = &self.scene.jail;
                match image::digest(
                    &jail.root,
                    &self.image.name,
                    self.image.seal,
                    &self.image.digest,
                ) {
                    Ok(digest) => Observed::Known(Value::Text(digest)),
                    Err(error) => Observed::Known(Value::Text(format!("unreadable: {error}"))),
                }
            }
            FactName::Tree => self.tree(&format!(
                "{}/{}/rootfs",
                crate::jail::IMAGES,
                self.image.name
            )),
            name => not_yet(name),
        }
    }
}

/// A fact that has to be read from within a namespace of the process.
fn within(pid: Pid, name: FactName) -> Observed<Value> {
    let read = match name {
        FactName::Hostname => elsewhere::namespace_of(pid, "uts")
            .and_then(|namespace| elsewhere::hostname(namespace.as_fd()))
            .map(Value::Text),
        FactName::Links => elsewhere::namespace_of(pid, "net")
            .and_then(|namespace| elsewhere::links(namespace.as_fd()))
            .map(Value::Table),
        _ => elsewhere::namespace_of(pid, "mnt")
            .and_then(|namespace| elsewhere::namespace_mounts(namespace.as_fd()))
            .map(Value::Table),
    };
    process::known(read.map_err(Into::into), pid)
}

fn overlay_of(mounts: Observed<Value>) -> Observed<Value> {
    match mounts {
        Observed::Known(Value::Table(table)) => match elsewhere::overlay(&table) {
            Some(row) => Observed::Known(Value::Row(row)),
            None => {
                Observed::ContainerGone("the container's root is not an overlay mount".to_owned())
            }
        },
        other => other,
    }
}

fn own_bug(read: nix::Result<Value>, doing: &str) -> Observed<Value> {
    match read {
        Ok(value) => Observed::Known(value),
        Err(errno) => Observed::OurBug(format!("failed to {doing}: {}", errno.desc())),
    }
}

fn place(root: &OwnedFd) -> Observed<Value> {
    match place::place(root, "/".to_owned()) {
        Ok(place) => Observed::Known(Value::Place(place)),
        Err(errno) => Observed::OurBug(format!("failed to look at the jail's root: {errno}")),
    }
}

fn is_alive(pidfd: &OwnedFd) -> bool {
    let mut ended = [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)];
    !matches!(poll(&mut ended, PollTimeout::ZERO), Ok(1..))
}

fn not_yet(name: FactName) -> Observed<Value> {
    Observed::HostCannot(format!(
        "this version of rdgrade does not read the fact {name:?} yet"
    ))
}
