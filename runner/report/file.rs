//! A report file that appears whole or not at all.

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags};
use nix::unistd::{linkat, unlink};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Seek};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// A file to be. Until [`ReportFile::commit`] what is written has no name: a run that is killed leaves nothing
/// behind, and an older report stays as it was.
#[derive(Debug)]
pub struct ReportFile {
    target: Target,
    written: File,
}

#[derive(Debug)]
enum Target {
    /// A regular file in this directory, to be replaced.
    Replace { path: PathBuf, folder: PathBuf },
    /// A device or a pipe: renaming over `/dev/null` would break the machine.
    Stream,
}

impl ReportFile {
    /// Opens `path` for a report. Symbolic links are followed.
    ///
    /// # Errors
    /// When the directory does not exist or cannot be written to: better now than after the run.
    pub fn create(path: &Path) -> io::Result<Self> {
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if let Ok(there) = fs::metadata(&path) {
            if there.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            if !there.is_file() {
                let written = File::options().write(true).open(&path)?;
                return Ok(ReportFile {
                    target: Target::Stream,
                    written,
                });
            }
        }
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let written = nameless(&folder).or_else(|_| tempfile::tempfile_in(&folder))?;
        Ok(ReportFile {
            target: Target::Replace { path, folder },
            written,
        })
    }

    /// What the reporter writes to.
    ///
    /// # Errors
    /// Those of `dup(2)`.
    pub fn writer(&self) -> io::Result<File> {
        self.written.try_clone()
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// When the disk is full or the directory has gone.
    pub fn commit(self) -> io::Result<()> {
        self.name(|_, _| Ok(()))
    }

    /// The same, and a power cut cannot take it back.
    ///
    /// # Errors
    /// As [`ReportFile::commit`], and those of fsync(2).
    pub fn commit_durably(self) -> io::Result<()> {
        self.name(|file, folder| {
            file.sync_all()?;
            // The name is the directory's (fsync(2)).
            File::open(folder)?.sync_all()
        })
    }

    fn name(mut self, keep: impl Fn(&File, &Path) -> io::Result<()>) -> io::Result<()> {
        let Target::Replace { path, folder } = self.target else {
            return Ok(());
        };
        if give_name(&self.written, &path).is_ok() {
            return Ok(());
        }
        // A file system without O_TMPFILE: a copy gets the name.
        self.written.rewind()?;
        let mut named = tempfile::Builder::new()
            .prefix(".rdgrade-")
            .permissions(fs::Permissions::from_mode(0o666))
            .tempfile_in(&folder)?;
        io::copy(&mut self.written, named.as_file_mut())?;
        // Its content first: a name without it is what a power cut must not leave.
        keep(named.as_file(), &folder)?;
        let file = named.persist(&path).map_err(|failed| failed.error)?;
        keep(&file, &folder)
    }
}

/// A file without a name, which can be given one (open(2), O_TMPFILE). 0666 is what open(2) is asked for by everyone; the umask
/// takes its share.
fn nameless(folder: &Path) -> io::Result<File> {
    File::options()
        .read(true)
        .write(true)
        .mode(0o666)
        .custom_flags(libc::O_TMPFILE)
        .open(folder)
}

/// Gives a nameless file its name, in the place of an older one.
///
/// Whoever is killed between the two calls that replacing takes leaves a second, whole report, under a name that the next
/// report of the same name takes away.
fn give_name(file: &File, path: &Path) -> nix::Result<()> {
    let link = |to: &Path| {
        let from = format!("/proc/self/fd/{}", file.as_raw_fd());
        linkat(
            AT_FDCWD,
            from.as_str(),
            AT_FDCWD,
            to,
            AtFlags::AT_SYMLINK_FOLLOW,
        )
    };
    match link(path) {
        Err(Errno::EEXIST) => {}
        done => return done,
    }
    let mut name = OsString::from(".");
    name.push(path.file_name().ok_or(Errno::EISDIR)?);
    name.push(".rdgrade");
    let beside = path.with_file_name(name);
    if link(&beside) == Err(Errno::EEXIST) {
        unlink(&beside)?;
        link(&beside)?;
    }
    fs::rename(&beside, path)
        .map_err(|error| error.raw_os_error().map_or(Errno::EIO, Errno::from_raw))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn an_older_report_stays_until_the_new_one_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        fs::write(&path, "old").unwrap();
        let file = ReportFile::create(&path).unwrap();
        file.writer().unwrap().write_all(b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        file.commit().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_run_that_ends_early_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = ReportFile::create(&folder.path().join("report.json")).unwrap();
        file.writer().unwrap().write_all(b"half").unwrap();
        drop(file);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_a_killed_run_left_beside_it_is_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        fs::write(&path, "old").unwrap();
        fs::write(folder.path().join(".report.json.rdgrade"), "killed").unwrap();
        let file = ReportFile::create(&path).unwrap();
        file.writer().unwrap().write_all(b"new").unwrap();
        file.commit().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_device_is_written_to_and_not_replaced() {
        let file = ReportFile::create(Path::new("/dev/null")).unwrap();
        file.writer().unwrap().write_all(b"x").unwrap();
        file.commit().unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let report = ReportFile::create(&link).unwrap();
        report.writer().unwrap().write_all(b"new").unwrap();
        report.commit().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
    }

    #[test]
    fn a_missing_directory_is_known_before_the_run() {
        let error = ReportFile::create(Path::new("/no/such/report.json")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
