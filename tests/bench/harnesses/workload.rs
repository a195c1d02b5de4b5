//! What is graded: a program, the same without chroot(2), and an image.

use anyhow::{Context, ensure};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/harnesses");

/// Directories of both images.
const DIRECTORIES: [&str; 10] = [
    "bin", "dev", "etc", "lib", "lib64", "proc", "sys", "tmp", "usr", "var",
];

/// All of it, below one directory.
pub struct Workload {
    /// The program.
    pub right: PathBuf,
    /// It forgets chroot(2).
    pub faulty: PathBuf,
    /// Copies of the program, one for each submission of a batch.
    pub batch: Vec<PathBuf>,
    /// The directory with an image of two megabytes, `ubuntu.tar`, in which one program has many names, as busybox has.
    pub images: PathBuf,
    /// The same with directories alone.
    pub skeleton: PathBuf,
}

impl Workload {
    /// Compiles and packs it; a batch has `batch` submissions, and a program of the image `names` symbolic links to it.
    pub fn make(below: &Path, batch: usize, names: usize) -> anyhow::Result<Workload> {
        let workload = Workload {
            right: below.join("rd"),
            faulty: below.join("faulty"),
            batch: (0..batch)
                .map(|number| below.join(format!("batch/{number}/rd")))
                .collect(),
            images: below.join("images"),
            skeleton: below.join("skeleton"),
        };
        for directory in [&workload.images, &workload.skeleton] {
            fs::create_dir(directory)?;
        }
        compile("rd.c", &["-static"], &workload.right)?;
        compile("rd.c", &["-static", "-DFAULTY"], &workload.faulty)?;
        let tools = below.join("box");
        compile("box.c", &[], &tools)?;
        for copy in &workload.batch {
            fs::create_dir_all(copy.parent().unwrap_or(below))?;
            fs::hard_link(&workload.right, copy)?;
        }
        pack(&workload.skeleton.join("ubuntu.tar"), &[], 0)?;
        let mut files = vec![("bin/bash".to_owned(), PathBuf::from("/bin/dash"))];
        files.extend(["ls", "cat", "touch"].map(|name| (format!("bin/{name}"), tools.clone())));
        files.extend(libraries(Path::new("/bin/dash"))?);
        pack(&workload.images.join("ubuntu.tar"), &files, names)?;
        Ok(workload)
    }
}

fn compile(source: &str, options: &[&str], to: &Path) -> anyhow::Result<()> {
    let mut command = Command::new("cc");
    command
        .args(["-O2", "-Wall", "-Werror"])
        .args(options)
        .arg("-o")
        .arg(to)
        .arg(Path::new(HERE).join(source));
    let compiled = command.status().context("failed to run cc")?;
    ensure!(compiled.success(), "cc failed on {source}");
    Ok(())
}

/// What ldd(1) says a program needs, with the path in the image.
fn libraries(program: &Path) -> anyhow::Result<Vec<(String, PathBuf)>> {
    let said = Command::new("ldd")
        .arg(program)
        .output()
        .context("failed to run ldd")?;
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    let paths = text.split_whitespace().filter(|word| word.starts_with('/'));
    Ok(paths
        .map(|path| (path.trim_start_matches('/').to_owned(), PathBuf::from(path)))
        .collect())
}

fn pack(archive: &Path, files: &[(String, PathBuf)], names: usize) -> anyhow::Result<()> {
    let mut builder = tar::Builder::new(File::create(archive)?);
    let mut directories: Vec<String> = DIRECTORIES.map(str::to_owned).to_vec();
    for (path, _) in files {
        let parents = Path::new(path)
            .ancestors()
            .skip(1)
            .filter(|path| !path.as_os_str().is_empty());
        directories.extend(parents.map(|path| path.display().to_string()));
    }
    if !files.is_empty() {
        directories.push("image-mark".to_owned());
    }
    directories.sort();
    directories.dedup();
    for directory in directories {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Directory);
        header.set_mode(0o755);
        header.set_size(0);
        builder.append_data(&mut header, format!("{directory}/"), std::io::empty())?;
    }
    for (path, source) in files {
        let bytes =
            fs::read(source).with_context(|| format!("failed to read {}", source.display()))?;
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_mode(0o755);
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, path, bytes.as_slice())?;
    }
    for number in 0..names {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_mode(0o777);
        header.set_size(0);
        builder.append_link(&mut header, format!("bin/applet{number}"), "ls")?;
    }
    builder.finish().context("failed to pack an image")
}
