//! Programs of the host that a submission needs: where they really are, and what must be visible for them.

use super::{FindError, Injected, ask, python};
use std::env;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What the jail shows anyway.
const SYSTEM: [&str; 9] = [
    "/usr", "/etc", "/bin", "/sbin", "/opt", "/lib", "/lib32", "/lib64", "/libx32",
];
/// The jail's PATH, after the directories of tools that live elsewhere.
const SYSTEM_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A program and what it takes to run it.
#[derive(Debug, Default)]
pub(super) struct Launch {
    /// The first words of a command line, literally.
    pub words: Vec<String>,
    pub visible: Vec<PathBuf>,
    pub environment: Vec<(String, String)>,
    pub inject: Vec<Injected>,
    /// Directories in front of the jail's PATH.
    pub search: Vec<PathBuf>,
}

impl Launch {
    /// Only these words, with nothing else needed.
    pub fn plain(words: impl IntoIterator<Item = String>) -> Launch {
        Launch {
            words: words.into_iter().collect(),
            ..Launch::default()
        }
    }

    /// Makes `prefix` visible unless the jail shows it anyway, or it is more than a tool's own.
    pub fn show(&mut self, prefix: &Path) {
        let whole = |above: &PathBuf| prefix.starts_with(above);
        if is_system(prefix) || too_much(prefix, &home()) || self.visible.iter().any(whole) {
            return;
        }
        self.visible.retain(|below| !below.starts_with(prefix));
        self.visible.push(prefix.into());
    }

    /// Puts `directory` in front of the jail's PATH.
    pub fn search(&mut self, directory: Option<&Path>) {
        let elsewhere = directory.filter(|directory| !is_system(directory));
        self.search.extend(elsewhere.map(PathBuf::from));
    }

    /// Variables to add to the jail's environment; PATH only where it differs.
    pub fn environment(&self) -> Vec<(String, String)> {
        let mut environment = self.environment.clone();
        if !self.search.is_empty() {
            let search = self
                .search
                .iter()
                .map(|directory| format!("{}:", directory.display()));
            environment.push(("PATH".into(), search.chain([SYSTEM_PATH.into()]).collect()));
        }
        environment
    }
}

/// Where `name` is, by the PATH of whoever runs rdgrade.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let absolute = env::split_paths(&path).filter(|directory| directory.is_absolute());
    absolute
        .map(|directory| directory.join(name))
        .find(|file| is_executable(file))
}

pub(super) fn is_executable(file: &Path) -> bool {
    file.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// The program `name` (a word, or an absolute path), with shims resolved: behind one name they execute hundreds of
/// helpers, which would all have to be visible.
///
/// # Errors
/// Not graded, if it is not there; `wanted_by` says who asked.
pub(super) fn find(name: &str, wanted_by: &str) -> Result<Launch, FindError> {
    let path = if name.starts_with('/') {
        Some(PathBuf::from(name))
    } else {
        on_path(name)
    };
    let Some(path) = path.filter(|path| is_executable(path)) else {
        let remedy = match name {
            "cargo" => "install Rust: https://rustup.rs".into(),
            _ if name.starts_with('/') => {
                format!("install what provides {name}, or name another program")
            }
            _ => format!("install it: apt-get install {name}, or what its package is called here"),
        };
        return Err(FindError::not_graded(
            format!("{wanted_by} needs {name}, which is not installed"),
            remedy,
        ));
    };
    let file = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    if file.starts_with("python") {
        return python::launch(&path);
    }
    if matches!(file.as_str(), "cargo" | "rustc") && !is_system(&path) {
        return rust(&path, &file, wanted_by);
    }
    let mut launch = Launch::plain([path.display().to_string()]);
    if !is_system(&path) {
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        launch.show(&path);
        launch.show(prefix_of(&real));
        launch.show(&real);
        launch.search(path.parent());
    }
    Ok(launch)
}

/// rustup's `cargo` is a proxy that reads rustup's own files; the toolchain it stands for needs none of them.
fn rust(proxy: &Path, file: &str, wanted_by: &str) -> Result<Launch, FindError> {
    let rustc = proxy.with_file_name("rustc");
    let sysroot = ask::ask(&rustc, &["--print", "sysroot"]).map(|text| PathBuf::from(text.trim()));
    let program = sysroot
        .as_ref()
        .map(|sysroot| sysroot.join("bin").join(file));
    match (sysroot, program) {
        (Some(sysroot), Some(program)) if is_executable(&program) => {
            let mut launch = Launch::plain([program.display().to_string()]);
            launch.show(&sysroot);
            launch.search(Some(&sysroot.join("bin")));
            Ok(launch)
        }
        _ => Err(FindError::not_graded(
            format!(
                "{wanted_by} needs {file}, and {} has no toolchain",
                proxy.display()
            ),
            "install one: rustup default stable",
        )),
    }
}

/// `/x/versions/3.11` of `/x/versions/3.11/bin/python3`, else the file's own directory.
fn prefix_of(file: &Path) -> &Path {
    let parent = file.parent().unwrap_or(file);
    match (parent.file_name(), parent.parent()) {
        (Some(name), Some(prefix)) if name == "bin" => prefix,
        _ => parent,
    }
}

pub(super) fn is_system(path: &Path) -> bool {
    SYSTEM.iter().any(|system| path.starts_with(system))
}

/// The home directory of whoever grades.
fn home() -> PathBuf {
    env::var_os("HOME").map(PathBuf::from).unwrap_or_default()
}

/// A home directory, or something above one, is nobody's prefix: it holds other people's files.
fn too_much(prefix: &Path, home: &Path) -> bool {
    let all = prefix.components().count() < 2 || prefix == Path::new("/home");
    all || home.starts_with(prefix)
        || prefix == Path::new("/root")
        || prefix.parent() == Some(Path::new("/home"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("/", true)]
    #[case("/home", true)]
    #[case("/home/other", true)]
    #[case("/root", true)]
    #[case("/srv/me", true)]
    #[case("/srv", true)]
    #[case("/srv/me/.pyenv/versions/3.13.1", false)]
    #[case("/home/other/venv", false)]
    #[case("/snap", false)]
    fn nobodys_home_is_a_prefix(#[case] prefix: &str, #[case] expected: bool) {
        assert_eq!(too_much(Path::new(prefix), Path::new("/srv/me")), expected);
    }

    #[rstest]
    #[case("/usr/bin/python3", true)]
    #[case("/lib64", true)]
    #[case("/library", false)]
    #[case("/root/.pyenv", false)]
    #[case("/users/me", false)]
    fn the_system_is_what_the_jail_shows_anyway(#[case] path: &str, #[case] expected: bool) {
        assert_eq!(is_system(Path::new(path)), expected);
    }
}
