//! The processes that do the work, and how they end.
//!
//! The main process forks one *stage* for a submission; the stage prepares the ground and forks the *workers*, which inherit it.
//! In a class the stage plays the checks itself, and goes on with another submission. All are single-threaded forks of rdgrade.
//! Each is told what to do over a pipe of its own, and ends at that pipe's end. They end when their parent does (PDEATHSIG), and
//! when the lease, a pipe that only the main process holds open, is let go.

use super::Task;
use super::cores::Cores;
use super::crew::{Common, Crew};
use super::frame::{Frame, send};
use super::order::next;
use super::playing::{Beside, Ended, play_all};
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

impl StageProcess {
    /// Lets go of the lease and of all pipes.
    pub fn let_go(self) -> (OwnedFd, Pid) {
        drop((self.lines, self.lease));
        (self.pidfd, self.pid)
    }
}

/// A process's two pipes, as the main process holds them.
pub struct Line {
    /// What it is told; see [`super::order`].
    pub orders: File,
    /// What it says.
    pub frames: OwnedFd,
}

/// The same two pipes, as the process itself holds them.
pub(super) struct Post {
    pub(super) orders: OwnedFd,
    pub(super) frames: File,
}

/// Starts a stage with its crew for a task, beside this process if there are `cores` for both. `forget` is called in the stage: it
/// lets go of what the main process holds of other stages, or they would not notice when the main process does.
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
                run_stage(task, crew, common, &lease_reader, posts)
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
    common: &Common,
    lease: &OwnedFd,
    mut posts: Vec<Post>,
) -> i32 {
    let mut own = posts.remove(0);
    let ground = match prepare(task, common) {
        Ok(ground) => ground,
        Err(end) => return end.say(&mut own),
    };
    if let Err(end) = furnish(task, &ground, lease, &mut own) {
        ground.end();
        return end.say(&mut own);
    }
    if crew == Crew::Alone
        && let Some(post) = posts.pop()
    {
        return play_alone(task, ground, lease, own, &post);
    }
    let stage = getpid();
    let mut children = Vec::new();
    // The first worker is the first to be given something to do.
    posts.reverse();
    while let Some(post) = posts.pop() {
        match sys::fork() {
            Ok(Fork::Child) => {
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

/// Plays a task, and those that follow it on the same ground.
fn play_alone(task: &Task, mut ground: Ground, lease: &OwnedFd, mut own: Post, post: &Post) -> i32 {
    let mut followed = None;
    let status = loop {
        let task = followed.as_ref().unwrap_or(task);
        let newcomer = match play_all(task, &ground, lease, post, Beside::Nobody) {
            Ended::Another(newcomer) => newcomer,
            Ended::For(status) => break status,
        };
        let next = task.of_newcomer(*newcomer);
        let cleared = ground.clear(&next.plan);
        let furnished = cleared
            .map_err(|error| End::Because(not_graded(error)))
            .and_then(|()| furnish(&next, &ground, lease, &mut own));
        if let Err(end) = furnished {
            break end.say(&mut own);
        }
        followed = Some(next);
    };
    ground.end();
    status
}

/// Why a task is not played.
enum End {
    /// The main process has no more use for it.
    Unwanted,
    /// This.
    Because(Frame),
}

impl End {
    /// Says it; the exit status.
    fn say(self, own: &mut Post) -> i32 {
        match self {
            End::Unwanted => 0,
            End::Because(failure) => {
                // Whoever does not hear it is gone.
                let _ = send(&mut own.frames, &failure);
                1
            }
        }
    }
}

fn not_graded(error: JailError) -> Frame {
    Frame::NotGraded {
        reason: error.to_string(),
        remedy: error.remedy,
    }
}

/// The ground for a task.
fn prepare(task: &Task, common: &Common) -> Result<Ground, End> {
    let groups = common.groups.clone();
    let ground = Ground::prepare_in(&task.plan, &task.image_directories, groups);
    let ground = ground.map_err(|error| End::Because(not_graded(error)))?;
    if common.tested {
        ground.is_tested();
    }
    // Becoming root of a user namespace clears it (prctl(2)).
    nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)
        .while_trying(|| "ask to die with rdgrade")
        .map_err(|error| End::Because(not_graded(error)))?;
    Ok(ground)
}

/// The submission on its ground, built and sealed.
fn furnish(task: &Task, ground: &Ground, lease: &OwnedFd, own: &mut Post) -> Result<(), End> {
    let laid_down =
        super::lay_down::lay_down(&task.copied, &ground.submission_directory(), ground.owner());
    laid_down.map_err(|reason| {
        End::Because(Frame::NotGraded {
            reason,
            remedy: "make it readable, or leave it out of the submission's directory".to_owned(),
        })
    })?;
    let mut say = |frame| send(&mut own.frames, &frame).map_err(|_| End::Unwanted);
    say(Frame::Prepared)?;
    if task.submission.build.is_some() {
        // A build keeps a core busy as a check does, and waits for its turn as one.
        let Ok(Some(_)) = next(&own.orders) else {
            return Err(End::Unwanted);
        };
        super::build::run(task, ground, lease).map_err(End::Because)?;
    }
    let sealed = ground.seal_submission();
    sealed.map_err(|error| End::Because(not_graded(error)))?;
    say(Frame::Built)
}

fn run_worker(task: &Task, ground: &Ground, lease: &OwnedFd, post: Post) -> i32 {
    // Not before there is something to do: of many workers the last may never be needed.
    let mut ready = [PollFd::new(post.orders.as_fd(), PollFlags::POLLIN)];
    while let Err(Errno::EINTR) = poll(&mut ready, PollTimeout::NONE) {}
    match ground.for_worker() {
        Ok(ground) => {
            let ended = play_all(task, &ground, lease, &post, Beside::Others);
            ground.end();
            match ended {
                Ended::For(status) => status,
                Ended::Another(_) => 1,
            }
        }
        Err(_) => 1,
    }
}
