//! The processes that do the work, and how they end.
//!
//! The main process forks one *stage* for a submission; the stage prepares the ground and forks the *workers*, which inherit it.
//! All are single-threaded forks of rdgrade. Each is told what to do over a pipe of its own, and ends at that pipe's end. They
//! end when their parent does (PDEATHSIG), and when the lease, a pipe that only the main process holds open, is let go.

use super::Task;
use super::cores::{Cores, keep_on};
use super::crew::{Common, Crew};
use super::frame::{Frame, send};
use super::playing::{Beside, next, play_all};
use crate::jail::sys::{self, Fork};
use crate::jail::{Ground, JailError, While};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, getpid, getppid, pipe2};
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};

/// What the main process keeps of a stage.
pub struct StageProcess {
    /// The stage, for signals.
    pub pidfd: OwnedFd,
    /// Its id, for waiting.
    pub pid: Pid,
    /// The stage itself (first) and each worker.
    pub lines: Vec<Line>,
    /// Letting go of it ends all of them.
    pub lease: OwnedFd,
}

/// A process's two pipes, as the main process holds them.
pub struct Line {
    /// What it is told: units, each as four bytes, once to make it ready and once more to play it; the stage itself is told with
    /// any of them to build.
    pub orders: File,
    /// What it says.
    pub frames: OwnedFd,
}

/// The same two pipes, as the process itself holds them.
pub(super) struct Post {
    pub(super) orders: OwnedFd,
    pub(super) frames: File,
}

/// Starts a stage with its crew for a task, whose workers have `cores` in turn. `forget` is called in the stage: it lets go of what
/// the main process holds of other stages, or they would not notice when the main process does.
pub fn start(
    task: &Task,
    crew: Crew,
    cores: &Cores,
    common: &Common,
    forget: &mut dyn FnMut(),
) -> Result<StageProcess, JailError> {
    let pipe = || pipe2(nix::fcntl::OFlag::O_CLOEXEC).while_trying(|| "make a pipe");
    let (lease_reader, lease) = pipe()?;
    let mut lines = Vec::new();
    let mut posts = Vec::new();
    for _ in 0..=crew.size() {
        let (frames, says) = pipe()?;
        let (hears, orders) = pipe()?;
        lines.push(Line {
            orders: File::from(orders),
            frames,
        });
        posts.push(Post {
            orders: hears,
            frames: File::from(says),
        });
    }
    let parent = getpid();
    match sys::fork().while_trying(|| "fork")? {
        Fork::Child => {
            if crew != Crew::Alone {
                cores.step_aside();
            }
            drop((lease, lines));
            forget();
            let lost = die_with(parent).is_err();
            let status = if lost {
                1
            } else {
                run_stage(task, crew, cores, common, &lease_reader, posts)
            };
            sys::exit_now(status)
        }
        Fork::Parent(pid) => {
            let pidfd = sys::pidfd_open(pid).while_trying(|| "open a pidfd")?;
            Ok(StageProcess {
                pidfd,
                pid,
                lines,
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

fn run_stage(
    task: &Task,
    crew: Crew,
    cores: &Cores,
    common: &Common,
    lease: &OwnedFd,
    mut posts: Vec<Post>,
) -> i32 {
    let mut own = posts.remove(0);
    let ground = match prepare(task, common, lease, &mut own) {
        Ok(Some(ground)) => ground,
        Ok(None) => return 0,
        Err(failure) => {
            let _ = send(&mut own.frames, &failure);
            return 1;
        }
    };
    if send(&mut own.frames, &Frame::Built).is_err() {
        return 1;
    }
    if crew == Crew::Alone
        && let Some(post) = posts.pop()
    {
        drop(own);
        return play_all(task, &ground, lease, post, Beside::Nobody);
    }
    let stage = getpid();
    let mut children = Vec::new();
    let cores = cores.in_turn(crew.size());
    // The first worker is the first to be given something to do.
    posts.reverse();
    while let Some(post) = posts.pop() {
        match sys::fork() {
            Ok(Fork::Child) => {
                if let Some(core) = cores.get(children.len()) {
                    keep_on(*core, Pid::from_raw(0));
                }
                posts.clear();
                drop(own);
                let status = match die_with(stage) {
                    // Entering a user namespace or changing ids clears PDEATHSIG; neither happens after this.
                    Ok(()) => run_worker(task, &ground, lease, post),
                    Err(_) => 1,
                };
                sys::exit_now(status)
            }
            Ok(Fork::Parent(pid)) => children.push(pid),
            Err(errno) => {
                // Fewer workers take longer; none at all is no grading.
                if children.is_empty() {
                    let error = JailError::new("start a worker", errno);
                    let _ = send(&mut own.frames, &not_graded(error));
                }
                break;
            }
        }
    }
    drop((own, posts));
    for child in children {
        while let Err(Errno::EINTR) = waitpid(child, None) {}
    }
    0
}

fn not_graded(error: JailError) -> Frame {
    Frame::NotGraded {
        reason: error.to_string(),
        remedy: error.remedy,
    }
}

/// The ground, built and sealed; `None` if the main process has no more use for it.
fn prepare(
    task: &Task,
    common: &Common,
    lease: &OwnedFd,
    post: &mut Post,
) -> Result<Option<Ground>, Frame> {
    let groups = common.groups.clone();
    let ground = Ground::prepare_in(&task.plan, &task.image_directories, groups);
    let ground = ground.map_err(not_graded)?;
    if common.tested {
        ground.is_tested();
    }
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
    if send(&mut post.frames, &Frame::Prepared).is_err() {
        return Ok(None);
    }
    if task.submission.build.is_some() {
        // A build keeps a core busy as a check does, and waits for its turn as one.
        let Ok(Some(_)) = next(&post.orders) else {
            return Ok(None);
        };
        super::build::run(task, &ground, lease)?;
    }
    ground.seal_submission().map_err(not_graded)?;
    Ok(Some(ground))
}

fn run_worker(task: &Task, ground: &Ground, lease: &OwnedFd, post: Post) -> i32 {
    // Not before there is something to do: of many workers the last may never be needed.
    let mut ready = [PollFd::new(post.orders.as_fd(), PollFlags::POLLIN)];
    while let Err(Errno::EINTR) = poll(&mut ready, PollTimeout::NONE) {}
    match ground.for_worker() {
        Ok(ground) => play_all(task, &ground, lease, post, Beside::Others),
        Err(_) => 1,
    }
}
