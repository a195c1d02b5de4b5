//! In a class one process grades many submissions, on ground it prepared once. None of them finds anything of those before it. When
//! no more come, those that are done share what is left of the last.

mod support;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

const CHECK: &str = "level00/reports-once";
const SUBMISSIONS: usize = 8;

/// Tells what it sees, and fails: only what failed has its transcript in the report.
const PROGRAM: &str = r#"import os, socket
network = socket.socket().getsockopt(socket.SOL_SOCKET, 71, 8)  # SO_NETNS_COOKIE, of which no two are the same
print("[network", int.from_bytes(network, "little"), "]")
print("[ids", open("/proc/self/uid_map").read().split()[1], "]")
print("[files", *sorted(os.listdir("/submission")), "]")
"#;

/// A folder with so many programs.
fn class(program: impl Fn(usize) -> (String, String)) -> (TempDir, Vec<String>) {
    let folder = TempDir::new().unwrap();
    let programs = (0..SUBMISSIONS).map(|number| {
        let (name, text) = program(number);
        let path = folder.path().join(&name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        name
    });
    let programs = programs.collect();
    (folder, programs)
}

/// Has them graded; the reports.
fn grade(folder: &Path, checks: &str, jobs: usize, programs: &[String]) -> Vec<Value> {
    let status = Command::new(env!("CARGO_BIN_EXE_rdgrade"))
        .args(["grade", checks, "-q", "--report", "json=all.json"])
        .args(["--jobs", &jobs.to_string()])
        .args(programs)
        .current_dir(folder)
        .stdout(Stdio::null())
        .status();
    assert_eq!(status.unwrap().code(), Some(1), "none passes");
    reports(folder)
}

/// Grades them, one at a time, in a mount namespace of its own; stops when the first has its report.
fn start(folder: &Path, programs: &[String]) -> Child {
    Command::new("unshare")
        .args(["--mount", "--propagation", "private"])
        .arg(env!("CARGO_BIN_EXE_rdgrade"))
        .args(["grade", CHECK, "-q", "--jobs", "1"])
        .args(["--report", "json=all.json"])
        .args(programs)
        .current_dir(folder)
        .env("RDGRADE_STOP_AT", "report")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Has `meanwhile` done, then lets it go on; the reports.
fn finish(mut run: Child, folder: &Path, meanwhile: impl FnOnce(Pid)) -> Vec<Value> {
    let process = Pid::from_raw(run.id() as i32);
    let mut lines = BufReader::new(run.stderr.take().unwrap()).lines();
    let stopped = lines.any(|line| line.unwrap() == "rdgrade: stopped at report");
    assert!(stopped, "it has graded one");
    meanwhile(process);
    kill(process, Signal::SIGCONT).unwrap();
    let said: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(run.wait().unwrap().code(), Some(1), "none passes: {said:?}");
    reports(folder)
}

fn reports(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("all.json")).unwrap();
    // A document for each submission.
    let reports = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    reports.map(Result::unwrap).collect()
}

/// What each of them told, with this word before it.
fn told(word: &str, reports: &[Value]) -> Vec<String> {
    let told = reports.iter().map(|report| {
        let text = report.to_string();
        let (_, after) = text
            .split_once(&format!("[{word} "))
            .unwrap_or_else(|| panic!("{word} in {report}"));
        after.split_once(" ]").unwrap().0.to_owned()
    });
    told.collect()
}

#[test]
fn submissions_follow_one_another_and_find_nothing_of_each_other() {
    if support::skip_unless_root() {
        return;
    }
    let (folder, programs) = class(|number| (format!("{number}.py"), PROGRAM.to_owned()));
    let reports = finish(start(folder.path(), &programs), folder.path(), |_| {});
    assert_eq!(told("files", &reports), programs);
    let networks: BTreeSet<String> = told("network", &reports).into_iter().collect();
    assert_eq!(networks.len(), SUBMISSIONS, "each has a network of its own");
    // A process gives all its jails the same ids.
    let processes: BTreeSet<String> = told("ids", &reports).into_iter().collect();
    assert!(
        processes.len() <= SUBMISSIONS / 2,
        "one process grades many: {processes:?}"
    );
}

/// A file system may be mounted while a class is graded, on what nobody has looked at yet: a home directory, by an automounter.
#[test]
fn what_is_mounted_meanwhile_is_there_for_the_submissions_that_follow() {
    if support::skip_unless_root() {
        return;
    }
    let (folder, programs) = class(|number| {
        let text = "print('[saw what was there before ]')\n".to_owned();
        (format!("{number}/rd.py"), text)
    });
    let late = SUBMISSIONS - 3;
    let mounted = TempDir::new().unwrap();
    let text = "print('[saw what was mounted ]')\n";
    fs::write(mounted.path().join("rd.py"), text).unwrap();
    let run = start(folder.path(), &programs);
    let reports = finish(run, folder.path(), |process| {
        let on = folder.path().join(late.to_string());
        let mounted = Command::new("nsenter")
            .args(["--target", &process.to_string(), "--mount"])
            .args(["mount", "--bind"])
            .args([mounted.path(), &on])
            .status();
        assert!(mounted.unwrap().success());
    });
    for (number, saw) in told("saw", &reports).iter().enumerate() {
        let expected = match number == late {
            true => "what was mounted",
            false => "what was there before",
        };
        assert_eq!(saw, expected, "submission {number}");
    }
}

/// Six checks; a program that does nothing of what they ask for fails them, and its transcripts are in the report.
const CHECKS: &str = "level00";

/// With the last submission one process would be busy for long after the other is done.
#[test]
fn processes_that_are_done_share_the_checks_of_the_last_submission() {
    if support::skip_unless_root() {
        return;
    }
    let (folder, programs) = class(|number| {
        let busy = match number == SUBMISSIONS - 1 {
            true => "import time\nwhile time.process_time() < 0.5: pass\n",
            false => "",
        };
        (format!("{number}.py"), format!("{busy}{PROGRAM}"))
    });
    let reports = grade(folder.path(), CHECKS, 2, &programs);
    for (number, report) in reports.iter().enumerate() {
        let checks = report["levels"][0]["checks"].as_array().unwrap();
        assert_eq!(checks.len(), 6, "each has a result");
        let ids: BTreeSet<String> = told("ids", checks).into_iter().collect();
        match number {
            last if last == SUBMISSIONS - 1 => assert_eq!(ids.len(), 2, "{ids:?}"),
            shared if shared == SUBMISSIONS - 2 => {}
            _ => assert_eq!(
                ids.len(),
                1,
                "submission {number} is one process's: {ids:?}"
            ),
        }
        assert_eq!(told("files", checks), vec![programs[number].as_str(); 6]);
    }
}
