//! The processes that do the work, and how they end.
//!
//! The main process forks one *stage* for a submission; the stage prepares the ground and forks the *workers*, which inherit it.
//! All are single-threaded forks of rdgrade. They end when their parent does (PDEATHSIG), and when the lease, a pipe that only the
//! main process holds open, is let go.

use super::frame::{Frame, send};
use super::{Task, Unit};
use crate::jail::sys::{self, Fork};
use crate::jail::{Ground, JailError, While};
use crate::play::{self, SceneError, Stage};
use checks::limit::Limits;
use nix::errno::Errno;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, getpid, getppid, pipe2, read};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};

/// What the main process keeps of a stage.
pub struct StageProcess {
    /// The stage, for signals.
    pub pidfd: OwnedFd,
    /// Its id, for waiting.
    pub pid: Pid,
    /// One pipe of frames for the stage itself (first) and each worker.
    pub frames: Vec<OwnedFd>,
    /// Letting go of it ends all of them.
    pub lease: OwnedFd,
}

/// Starts a stage with `workers` workers for a task.
pub fn start(task: &Task, playable: &[usize], workers: usize) -> Result<StageProcess, JailError> {
    let pipe = || pipe2(nix::fcntl::OFlag::O_CLOEXEC).while_trying(|| "make a pipe");
    let (lease_reader, lease) = pipe()?;
    let (queue, mut filler) = pipe().map(|(reader, writer)| (reader, File::from(writer)))?;
    let mut frames = Vec::new();
    let mut writers = Vec::new();
    for _ in 0..=workers {
        let (reader, writer) = pipe()?;
        frames.push(reader);
        writers.push(File::from(writer));
    }
    // A pipe holds 64 KiB: 16,384 units, far more than all levels have.
    for unit in playable {
        filler
            .write_all(&(*unit as u32).to_ne_bytes())
            .while_trying(|| "fill the work queue")?;
    }
    drop(filler);
    let parent = getpid();
    match sys::fork().while_trying(|| "fork")? {
        Fork::Child => {
            drop((lease, frames));
            let lost = die_with(parent).is_err();
            let status = if lost {
                1
            } else {
                run_stage(task, &lease_reader, &queue, writers)
            };
            sys::exit_now(status)
        }
        Fork::Parent(pid) => {
            let pidfd = sys::pidfd_open(pid).while_trying(|| "open a pidfd")?;
            Ok(StageProcess {
                pidfd,
                pid,
                frames,
                lease,
            })
        }
    }
}

/// Ends with the parent, whatever happens to it, and leaves the terminal's signals to the main process.
fn die_with(parent: Pid) -> nix::Result<()> {
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?;
    if getppid() != parent {
        return Err(Errno::ESRCH);
    }
    let mut ignored = SigSet::empty();
    ignored.add(Signal::SIGINT);
    ignored.add(Signal::SIGTERM);
    ignored.add(Signal::SIGHUP);
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&ignored), None)
}

fn run_stage(task: &Task, lease: &OwnedFd, queue: &OwnedFd, mut writers: Vec<File>) -> i32 {
    let mut own = writers.remove(0);
    let ground = match prepare(task, lease) {
        Ok(ground) => ground,
        Err(failure) => {
            let _ = send(&mut own, &failure);
            return 1;
        }
    };
    if send(&mut own, &Frame::Prepared).is_err() {
        return 1;
    }
    let stage = getpid();
    let mut children = Vec::new();
    while let Some(writer) = writers.pop() {
        match sys::fork() {
            Ok(Fork::Child) => {
                writers.clear();
                drop(own);
                let status = match die_with(stage) {
                    // Entering a user namespace or changing ids clears PDEATHSIG; neither happens after this.
                    Ok(()) => run_worker(task, &ground, lease, queue, writer),
                    Err(_) => 1,
                };
                sys::exit_now(status)
            }
            Ok(Fork::Parent(pid)) => children.push(pid),
            Err(_) => break,
        }
    }
    drop((own, writers));
    for child in children {
        while let Err(Errno::EINTR) = waitpid(child, None) {}
    }
    0
}

fn prepare(task: &Task, lease: &OwnedFd) -> Result<Ground, Frame> {
    let not_graded = |error: JailError| Frame::NotGraded {
        reason: error.to_string(),
        remedy: error.remedy,
    };
    let ground = Ground::prepare(&task.plan, &task.image_directories).map_err(not_graded)?;
    // Becoming root of a user namespace clears it (prctl(2)).
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)
        .while_trying(|| "ask to die with rdgrade")
        .map_err(not_graded)?;
    let laid_down =
        super::lay_down::lay_down(&task.copied, &ground.submission_directory(), ground.owner());
    laid_down.map_err(|reason| Frame::NotGraded {
        reason,
        remedy: "make it readable, or leave it out of the submission's directory".to_owned(),
    })?;
    super::build::run(task, &ground, lease)?;
    ground.seal_submission().map_err(not_graded)?;
    Ok(ground)
}

fn run_worker(
    task: &Task,
    ground: &Ground,
    lease: &OwnedFd,
    queue: &OwnedFd,
    mut frames: File,
) -> i32 {
    let Ok(ground) = ground.for_worker() else {
        return 1;
    };
    let stage = Stage {
        ground: &ground,
        submission: &task.submission,
        images: &task.images,
        lease: lease.as_fd(),
        timeout: task.timeout,
    };
    while let Ok(Some(index)) = next(queue) {
        let Some(unit) = task.units.get(index) else {
            return 1;
        };
        if send(&mut frames, &Frame::Started(index)).is_err() {
            return 1;
        }
        let result = match play::play(&stage, &part(task, unit)) {
            Ok(result) => result,
            Err(SceneError::Interrupted) => return 0,
            Err(_) => return 1,
        };
        if send(&mut frames, &Frame::Finished(index, Box::new(result))).is_err() {
            return 1;
        }
    }
    0
}

/// How a unit of the task is played. The same seed gives the same nonces, whichever worker plays the check.
///
/// # Panics
/// On a unit that is none of the task's.
pub fn part<'a>(task: &'a Task, unit: &Unit) -> play::Part<'a> {
    let level = &task.levels[unit.level];
    let check = &level.level.checks[unit.check];
    let mut hasher = blake3::Hasher::new();
    hasher.update(&task.seed.to_le_bytes());
    for word in [task.submission.name.as_str(), &level.level.level, &check.id] {
        hasher.update(word.as_bytes());
        hasher.update(&[0]);
    }
    let nonce = hasher.finalize().to_hex()[..12].to_owned();
    let steps = check.scenario.iter().filter_map(|step| step.within_ms);
    let longest = steps.fold(task.timeout.as_millis() as u64, u64::max);
    let limits = Limits::of_check(&level.level.limits, &check.limits, &task.limits, longest);
    play::Part {
        limits,
        check,
        file: &level.file,
        nonce,
    }
}

/// The next unit nobody has taken; `None` when there is none left.
fn next(queue: &OwnedFd) -> io::Result<Option<usize>> {
    let mut bytes = [0; 4];
    loop {
        match read(queue, &mut bytes) {
            Ok(4) => return Ok(Some(u32::from_ne_bytes(bytes) as usize)),
            Ok(0) => return Ok(None),
            Ok(_) => return Err(io::Error::other("a torn unit in the work queue")),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}
