//! What images promise: the same bytes every time, everything a program needs, and a cache that can be trusted.

use rdgrade::image::{ImageDirectory, ImageError, ImageOption, ImageStore, Limits, Mapping, TOP};
use rstest::rstest;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

fn store(cache: &TempDir, options: &[ImageOption]) -> ImageStore {
    ImageStore::open_at(&cache.path().join("rdgrade"), options, Limits::default())
        .expect("a cache in a temporary directory")
}

fn mapping(name: &str, layers: &[&str]) -> Mapping {
    Mapping::from([(
        name.to_owned(),
        layers.iter().map(ToString::to_string).collect(),
    )])
}

fn ubuntu(cache: &TempDir) -> ImageDirectory {
    store(cache, &[])
        .directory(&Mapping::new())
        .expect("the host's own image")
}

/// Path → (type, mode, content or target), read with the tar crate.
fn members(tar: &Path) -> BTreeMap<String, (tar::EntryType, u32, Vec<u8>)> {
    let mut archive = tar::Archive::new(File::open(tar).unwrap());
    let read = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let path = entry
            .path()
            .unwrap()
            .to_string_lossy()
            .trim_end_matches('/')
            .to_owned();
        let header = entry.header();
        assert_eq!(
            (header.uid().unwrap(), header.gid().unwrap()),
            (0, 0),
            "{path} belongs to root"
        );
        let (kind, mode) = (header.entry_type(), header.mode().unwrap());
        let mut content = entry
            .link_name_bytes()
            .map(|target| target.into_owned())
            .unwrap_or_default();
        if kind == tar::EntryType::Regular {
            entry.read_to_end(&mut content).unwrap();
        }
        (path, (kind, mode, content))
    });
    read.collect()
}

#[test]
fn an_image_made_twice_has_the_same_bytes() {
    let (one, two) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (first, second) = (ubuntu(&one), ubuntu(&two));
    assert_ne!(first.path, second.path);
    assert_eq!(first.images, second.images);
    for name in ["ubuntu.tar", "ubuntu.tar.gz"] {
        assert!(
            fs::read(first.path.join(name)).unwrap() == fs::read(second.path.join(name)).unwrap(),
            "{name} differs"
        );
    }
    let tar = fs::read(first.path.join("ubuntu.tar")).unwrap();
    assert_eq!(
        first.images["ubuntu"].digest,
        blake3::hash(&tar).to_hex().to_string()
    );
    let mut unpacked = Vec::new();
    let gz = File::open(first.path.join("ubuntu.tar.gz")).unwrap();
    flate2::read::GzDecoder::new(gz)
        .read_to_end(&mut unpacked)
        .unwrap();
    assert!(unpacked == tar, "the .tar.gz holds the .tar");
}

#[rstest]
#[case("ubuntu")]
#[case("skeleton")]
fn nineteen_names_lie_at_the_top(#[case] layer: &str) {
    let cache = TempDir::new().unwrap();
    let directory = store(&cache, &[])
        .directory(&mapping("ubuntu", &[layer]))
        .unwrap();
    let workshop =
        "bin boot dev etc home lib lib64 media mnt opt proc root run sbin srv sys tmp usr var";
    assert_eq!(directory.images["ubuntu"].top.join(" "), workshop);
    assert_eq!(TOP.len(), 19);
    let members = members(&directory.path.join("ubuntu.tar"));
    assert_eq!(members["lib64"].2, b"usr/lib64");
    assert_eq!(members["tmp"].1, 0o1777);
    assert_eq!(members["root"].1, 0o700);
    assert_eq!(members.contains_key("usr/bin/bash"), layer == "ubuntu");
}

#[test]
fn archives_are_real_files_nobody_can_write_to() {
    let cache = TempDir::new().unwrap();
    let directory = ubuntu(&cache);
    let names: BTreeSet<_> = fs::read_dir(&directory.path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(
        names,
        BTreeSet::from(["ubuntu.tar".into(), "ubuntu.tar.gz".into()])
    );
    for name in names {
        let metadata = fs::symlink_metadata(directory.path.join(name)).unwrap();
        assert!(metadata.is_file());
        assert_eq!(metadata.permissions().mode() & 0o7777, 0o444);
    }
}

/// An independent walk: names only, no search rules (that the loader finds them is shown by running it, below).
#[test]
fn every_library_a_program_names_is_in_the_image() {
    let cache = TempDir::new().unwrap();
    let members = members(&ubuntu(&cache).path.join("ubuntu.tar"));
    let names: BTreeSet<&str> = members
        .keys()
        .map(|path| path.rsplit('/').next().unwrap())
        .collect();
    let mut elves = 0;
    for (path, (_, mode, content)) in members
        .iter()
        .filter(|(_, (_, _, content))| content.starts_with(b"\x7fELF"))
    {
        elves += 1;
        assert_eq!(*mode, 0o755, "{path}");
        let Ok(file) = elf::ElfBytes::<elf::endian::AnyEndian>::minimal_parse(content) else {
            panic!("{path} is damaged")
        };
        // By section, where the code under test goes by segment.
        let common = file.find_common_data().unwrap();
        let (Some(dynamic), Some(strings)) = (common.dynamic, common.dynsyms_strs) else {
            continue;
        };
        for needed in dynamic
            .iter()
            .filter(|entry| entry.d_tag == elf::abi::DT_NEEDED)
        {
            let library = strings
                .get(usize::try_from(needed.d_val()).unwrap())
                .unwrap();
            assert!(names.contains(library), "{path} needs {library}");
        }
    }
    assert!(elves > 20, "only {elves} programs and libraries");
    for (path, (kind, _, target)) in &members {
        if *kind == tar::EntryType::Symlink {
            assert!(!target.starts_with(b"/"), "{path} is an absolute link");
        }
    }
}

#[test]
fn every_program_runs_in_a_chroot() {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("skipped: chroot needs root");
        return;
    }
    let (cache, root) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let directory = ubuntu(&cache);
    let mut archive = tar::Archive::new(File::open(directory.path.join("ubuntu.tar")).unwrap());
    archive.set_preserve_permissions(true);
    archive.unpack(root.path()).unwrap();
    // `--version` loads every library; the dynamic loader's 127 would be the failure. There is no /dev/null yet.
    let script = r#"PATH=/usr/bin:/usr/sbin
        for program in /usr/bin/* /usr/sbin/*; do
            [ -f "$program" ] || continue
            said=$("$program" --version 2>&1 </etc/group)
            [ $? -lt 126 ] || echo "$program does not start: $said"
        done
        id -un; ls / | wc -l"#;
    let output = Command::new("unshare")
        .args(["--mount", "--propagation", "private", "chroot"])
        .arg(root.path())
        .args(["/bin/sh", "-c", script])
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "root\n19\n");
}

#[test]
fn a_warm_start_reads_and_writes_nothing() {
    let cache = TempDir::new().unwrap();
    let cold = ubuntu(&cache);
    let snapshot = || -> BTreeMap<PathBuf, (u64, i64, i64)> {
        let entries = fs::read_dir(cache.path().join("rdgrade"))
            .unwrap()
            .map(|entry| entry.unwrap());
        let stamp = |entry: &fs::DirEntry| {
            entry
                .metadata()
                .map(|m| (m.ino(), m.mtime_nsec(), m.ctime_nsec()))
                .unwrap()
        };
        entries.map(|entry| (entry.path(), stamp(&entry))).collect()
    };
    let before = snapshot();
    assert_eq!(ubuntu(&cache), cold);
    assert_eq!(snapshot(), before);
}

#[test]
fn what_a_killed_run_left_is_swept_and_a_damaged_entry_made_again() {
    let cache = TempDir::new().unwrap();
    let cold = ubuntu(&cache);
    let root = cache.path().join("rdgrade");
    fs::create_dir(root.join("tmp.1.0")).unwrap();
    fs::write(root.join("tmp.1.0/image.tar"), "half").unwrap();
    let entries = fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let stack = entries
        .into_iter()
        .find(|path| path.to_string_lossy().contains("/stack-"))
        .unwrap();
    fs::write(stack.join("about.json"), "{")
        .or_else(|_| fs::remove_file(stack.join("about.json")))
        .unwrap();

    let again = ubuntu(&cache);
    assert!(!root.join("tmp.1.0").exists());
    assert_eq!(again.images, cold.images);
}

#[test]
fn a_run_in_progress_keeps_its_drafts() {
    let cache = TempDir::new().unwrap();
    let _running = store(&cache, &[]);
    let draft = cache.path().join("rdgrade/tmp.1.0");
    fs::create_dir(&draft).unwrap();
    let _second = store(&cache, &[]);
    assert!(draft.exists(), "another rdgrade's draft was swept");
}

#[test]
fn two_runs_side_by_side_agree() {
    let cache = TempDir::new().unwrap();
    let (one, two) = std::thread::scope(|scope| {
        let runs = [
            scope.spawn(|| ubuntu(&cache)),
            scope.spawn(|| ubuntu(&cache)),
        ];
        let [one, two] = runs.map(|run| run.join().unwrap());
        (one, two)
    });
    assert_eq!(one, two);
}

#[test]
fn an_upper_layer_lies_over_the_lower_one() {
    let (cache, files) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let upper = files.path().join("marker.tar");
    let mut tar = tar::Builder::new(File::create(&upper).unwrap());
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(6);
    tar.append_data(&mut header, "etc/passwd", &b"marker"[..])
        .unwrap();
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o700);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(0);
    header.set_entry_type(tar::EntryType::Directory);
    tar.append_data(&mut header, "bin/", std::io::empty())
        .unwrap();
    tar.into_inner().unwrap();

    let store = store(
        &cache,
        &[ImageOption {
            name: "marker".parse().unwrap(),
            file: upper,
        }],
    );
    let directory = store
        .directory(&mapping("ubuntu", &["ubuntu", "marker"]))
        .unwrap();
    let merged = members(&directory.path.join("ubuntu.tar"));
    assert_eq!(merged["etc/passwd"].2, b"marker");
    assert_eq!(
        merged["bin"].0,
        tar::EntryType::Symlink,
        "a directory does not replace a link to one"
    );
    assert_eq!(merged["etc/group"].1, 0o644);
    let plain = store.directory(&Mapping::new()).unwrap();
    assert_ne!(
        directory.images["ubuntu"].digest,
        plain.images["ubuntu"].digest
    );
    assert_eq!(
        directory.images["ubuntu"].members,
        plain.images["ubuntu"].members
    );
}

#[rstest]
#[case("ubuntu", "NAME=FILE")]
#[case("../up=x.tar", "cannot name an image")]
#[case("ubuntu=", "NAME=FILE")]
fn bad_options_are_explained(#[case] option: &str, #[case] expected: &str) {
    let error = option.parse::<ImageOption>().unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn an_unknown_image_is_named_with_the_known_ones() {
    let cache = TempDir::new().unwrap();
    let error = store(&cache, &[])
        .directory(&mapping("ubuntu", &["busybox"]))
        .unwrap_err();
    assert!(matches!(&error, ImageError::UnknownLayer { layer, .. } if layer == "busybox"));
    assert!(error.to_string().contains("skeleton, ubuntu"), "{error}");
}

#[test]
fn a_cache_that_cannot_be_written_says_what_to_set() {
    let files = TempDir::new().unwrap();
    let in_the_way = files.path().join("file");
    fs::write(&in_the_way, "").unwrap();
    let error = ImageStore::open_at(&in_the_way.join("rdgrade"), &[], Limits::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("XDG_CACHE_HOME") && error.contains("file"),
        "{error}"
    );
}
