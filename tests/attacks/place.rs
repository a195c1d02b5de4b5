//! The host that is attacked: namespaces of the test's own, laid out with what must not be reached.

use crate::host::{self, State};
use crate::traces::Traces;
use serde_json::{Value, json};
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// Another submission, readable and closed files of the host.
pub const OTHER: &str = "/tmp/other";

/// A program that only the host's root may read, in a directory of its own.
pub const CLOSED: &str = "/var/tmp/closed.py";

/// Empty directories of a Debian system that every jail is shown: a file system of ours is mounted on the first that is there.
const SHOWN: [&str; 4] = ["/usr/local/src", "/usr/local/games", "/usr/src", "/etc/opt"];

/// Of the host's own files, some that every jail is shown.
const REACHED: [&str; 4] = ["/etc", "/usr/bin", "/usr/sbin", "/usr/local"];

/// The canaries, and who tends them.
pub struct Place {
    /// What nobody may read.
    pub secret: String,
    directory: &'static str,
    tender: Child,
    told: BufReader<ChildStdout>,
    services: Value,
}

impl Place {
    /// Lays everything out. Only within namespaces of its own.
    pub fn lay_out() -> Place {
        let secret = format!("secret-{:x}", std::process::id() ^ 0x5eed) + &random();
        let directory = SHOWN
            .into_iter()
            .find(|path| Path::new(path).is_dir())
            .expect("a Debian system has one of them");
        let none: Option<&str> = None;
        let flags = nix::mount::MsFlags::empty();
        nix::mount::mount(Some("canary"), directory, Some("tmpfs"), flags, none).unwrap();
        fs::set_permissions(directory, Permissions::from_mode(0o755)).unwrap();
        let file = |path: &str, text: &str, mode: u32| {
            fs::write(path, text).unwrap();
            fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        };
        fs::create_dir(format!("{directory}/open")).unwrap();
        fs::set_permissions(format!("{directory}/open"), Permissions::from_mode(0o1777)).unwrap();
        file(&format!("{directory}/open/file"), "unchanged", 0o666);
        file(&format!("{directory}/closed"), &secret, 0o600);
        let zero = nix::sys::stat::makedev(1, 5);
        let device = format!("{directory}/device");
        let mode = nix::sys::stat::Mode::from_bits_truncate(0o666);
        nix::sys::stat::mknod(device.as_str(), nix::sys::stat::SFlag::S_IFCHR, mode, zero).unwrap();
        fs::set_permissions(&device, Permissions::from_mode(0o666)).unwrap();

        fs::create_dir(OTHER).unwrap();
        file(&format!("{OTHER}/readable"), &secret, 0o644);
        file(&format!("{OTHER}/secret"), &secret, 0o600);
        file(CLOSED, &format!("# {secret}\n"), 0o600);
        file(
            &format!("{OTHER}/program"),
            "#!/bin/sh\necho ran >/tmp/other/ran\n",
            0o755,
        );
        nix::unistd::sethostname(&secret).unwrap();

        let mut tender = Command::new("python3")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/attacks/canary.py"))
            .args(["canary-process", &secret])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = BufReader::new(tender.stdout.take().unwrap());
        let services = line(&mut told);
        Place {
            secret,
            directory,
            tender,
            told,
            services,
        }
    }

    /// What an attack may know: where everything is.
    pub fn known(&self) -> Value {
        let mut known = json!({
            "directory": self.directory,
            "readable": format!("{OTHER}/readable"),
            "secret": format!("{OTHER}/secret"),
        });
        for (name, value) in self.services.as_object().unwrap() {
            known[name] = value.clone();
        }
        known
    }

    /// Everything that has to be as it was.
    pub fn state(&self) -> State {
        let places = ["/tmp", "/var/tmp", "/dev/shm", "/run", self.directory];
        let contents = [
            format!("{}/open/file", self.directory),
            format!("{}/closed", self.directory),
            format!("{OTHER}/readable"),
            format!("{OTHER}/secret"),
        ];
        let links = fs::read_to_string("/proc/self/net/dev").unwrap();
        let links = links
            .lines()
            .filter_map(|line| Some(line.split_once(':')?.0.trim().to_owned()));
        State {
            traces: Traces::now(&places),
            links: links.collect(),
            hostname: nix::unistd::gethostname()
                .unwrap()
                .to_string_lossy()
                .into_owned(),
            settings: host::settings(),
            contents: contents.iter().map(host::text).collect(),
            files: host::files(&REACHED),
        }
    }

    /// Ends the services: what became of them.
    pub fn end(mut self) -> Value {
        drop(self.tender.stdin.take());
        let became = line(&mut self.told);
        self.tender.wait().unwrap();
        became
    }
}

fn line(from: &mut impl BufRead) -> Value {
    let mut text = String::new();
    from.read_line(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn random() -> String {
    fs::read_to_string("/proc/sys/kernel/random/uuid").unwrap()[..8].to_owned()
}
