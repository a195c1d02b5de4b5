//! Jails for tests: each in a process of its own, since preparing the ground leaves the host's mount namespace for good.

use checks::fact::{FactName, Request, Row, Subject, Value};
use checks::observed::Observed;
use rdgrade::jail::cgroup::Offer;
use rdgrade::jail::sys::{Fork, exit_now, fork};
use rdgrade::jail::{Ground, GroundPlan, Images, Jail, Power, Program, Streams};
use rdgrade::play::Scene;
use rdgrade::play::observe::{ImageView, View};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Tests look at the host's groups, so they go one after another.
pub static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Whether this host hands groups to jails; says why not.
pub fn host_can() -> bool {
    let offer = Offer::probe(Power::of_this_process());
    if let Some(why) = offer.missing().values().next() {
        eprintln!("skipped: {why}");
    }
    offer.missing().is_empty()
}

/// Runs `act` in a child and fails as it fails.
pub fn in_a_process(act: impl FnOnce()) {
    let (reader, writer) = nix::unistd::pipe().unwrap();
    match fork().unwrap() {
        Fork::Child => {
            drop(reader);
            let outcome = catch_unwind(AssertUnwindSafe(act));
            let why = outcome.err().map(|panic| match panic.downcast::<String>() {
                Ok(text) => *text,
                Err(panic) => panic
                    .downcast_ref::<&str>()
                    .unwrap_or(&"it panicked")
                    .to_string(),
            });
            let _ =
                File::from(writer).write_all(why.unwrap_or_else(|| "passed".to_owned()).as_bytes());
            exit_now(0)
        }
        Fork::Parent(child) => {
            drop(writer);
            let mut said = String::new();
            File::from(reader).read_to_string(&mut said).unwrap();
            nix::sys::wait::waitpid(child, None).unwrap();
            assert_eq!(said, "passed");
        }
    }
}

pub fn prepare(images: &std::path::Path) -> Ground {
    let plan = GroundPlan {
        submission_bytes: 1 << 20,
        ..GroundPlan::default()
    };
    Ground::prepare(&plan, &[images.to_owned()]).unwrap()
}

pub fn create(ground: &Ground) -> Jail {
    Jail::create(
        ground,
        &Images {
            index: 0,
            files: &[],
        },
        &checks::limit::Limits::default(),
    )
    .unwrap()
}

/// A jail in which a script plays the submission.
pub fn with_jail(act: impl FnOnce(&Ground, Jail)) {
    let _turn = ONE_AT_A_TIME
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    in_a_process(|| {
        let images = tempfile::tempdir().unwrap();
        let ground = prepare(images.path());
        let jail = create(&ground);
        act(&ground, jail);
    });
}

/// Starts `script`; `asked` is the command line that marks the container.
pub fn start(scene: &mut Scene, script: &str, asked: &[&str]) -> usize {
    let program = Program {
        rather: None,
        argv: ["/bin/sh", "-c", script].map(str::to_owned).to_vec(),
        environment: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())],
        directory: "/".to_owned(),
        streams: Streams::Pipe,
    };
    let asked: Vec<String> = asked.iter().map(|word| (*word).to_owned()).collect();
    scene.spawn(program, &asked).unwrap()
}

/// Waits for `done`.
pub fn until(scene: &mut Scene, done: impl FnMut(&Scene) -> bool) {
    let waited = scene.wait(Instant::now() + PATIENCE, done).unwrap();
    assert_eq!(waited, rdgrade::play::Waited::Done);
}

/// Runs `script` to its end; returns what it printed.
pub fn run(scene: &mut Scene, script: &str) -> String {
    let index = start(scene, script, &[]);
    until(scene, |scene| {
        scene.programs[index].exit.is_some() && scene.programs[index].stream.is_none()
    });
    scene.programs[index].output.take_output().text
}

/// Calls `act` with a scene for the jail.
pub fn play(jail: Jail, act: impl FnOnce(&mut Scene)) {
    let (lease, _held) = nix::unistd::pipe().unwrap();
    act(&mut Scene::new(jail, lease.as_fd()));
}

/// A fact with named fields, of the program `index`.
pub fn fact(scene: &Scene, index: usize, subject: Subject, fact: FactName) -> Row {
    let image = ImageView {
        name: "ubuntu".to_owned(),
        digest: String::new(),
        top: Vec::new(),
        seal: None,
    };
    let (sessions, born) = (BTreeMap::new(), BTreeMap::new());
    let view = View {
        scene,
        sessions: &sessions,
        current: Some(index),
        born: &born,
        image: &image,
        canary: "canary",
    };
    let answers = view.take(vec![Request {
        subject,
        fact,
        paths: Vec::new(),
    }]);
    match answers.into_iter().next().unwrap().1 {
        Observed::Known(Value::Row(row)) => row,
        other => panic!("{fact:?} is {other:?}"),
    }
}
