//! A container's name and its place.

use super::options::Run;
use anyhow::Context;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

/// CONTAINERS/UUID: a fresh one for every container, so that none finds what another left.
pub struct Container {
    /// A UUID4.
    pub id: String,
    directory: PathBuf,
}

impl Container {
    /// Gives a new container its name and its directory.
    pub fn new(options: &Run) -> anyhow::Result<Self> {
        let id = uuid()?;
        let directory = options.container_dir.join(&id);
        fs::create_dir_all(&directory)
            .with_context(|| format!("failed to create {}", directory.display()))?;
        Ok(Self { id, directory })
    }

    /// A new directory of the container's, outside its root.
    pub fn make_directory(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.directory.join(name);
        fs::create_dir(&path).with_context(|| format!("failed to create {}", path.display()))?;
        Ok(path)
    }
}

/// Prints where the root is, for those who want to look at it from outside.
pub fn announce(rootfs: &std::path::Path) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    writeln!(
        out,
        "Created a new root fs for our container: {}",
        rootfs.display()
    )?;
    // Whatever waits in this buffer is lost when the process executes the command.
    out.flush()?;
    Ok(())
}

/// The kernel makes them (random(4)).
fn uuid() -> anyhow::Result<String> {
    let source = "/proc/sys/kernel/random/uuid";
    let id = fs::read_to_string(source).with_context(|| format!("failed to read {source}"))?;
    Ok(id.trim_end().to_owned())
}
