//! How init starts a program in the jail.

use super::mechanism::Mechanism;
use super::sys;
use super::wire::{Program, Streams};
use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};
use nix::sys::signal::SigSet;
use nix::sys::stat::{Mode, umask};
use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};
use nix::unistd::{Pid, chdir, pipe2, setsid};
use std::ffi::CString;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// The terminal's size: wide enough that nothing a level prints is wrapped, as on a usual screen.
const WINDOW: (u16, u16) = (120, 40);

/// A program that was started.
pub(super) struct Spawned {
    pub pid: Pid,
    pub pidfd: OwnedFd,
    /// The pty's master, or the pipe's reading end.
    pub stream: OwnedFd,
    /// The pty's other side, to be held while the program runs: a program may close its streams and open `/dev/tty` again,
    /// and meanwhile the pty must not look as if nobody would ever come back.
    pub terminal: Option<OwnedFd>,
}

type Outcome<T> = Result<T, (String, Errno)>;

fn during<T>(result: nix::Result<T>, doing: &str) -> Outcome<T> {
    result.map_err(|errno| (doing.to_owned(), errno))
}

/// Starts `program`. `terminals` is the root of the jail's own devpts, whatever the submission has mounted on /dev since.
pub(super) fn spawn(program: &Program, terminals: &OwnedFd) -> Outcome<Spawned> {
    let (stream, theirs) = match program.streams {
        Streams::Terminal | Streams::Screen => terminal(terminals)?,
        Streams::Pipe => during(pipe2(OFlag::O_CLOEXEC), "make a pipe")?,
    };
    let executable = Executable::of(program);
    let started = sys::start_beside(|| {
        let executed = executable.as_ref().map_err(|errno| *errno);
        let errno = match executed.and_then(|it| prepare(program, &theirs).map(|()| it)) {
            Ok(it) => sys::execute_unseen(&it.file, &it.argv, &it.environment),
            Err(errno) => errno,
        };
        // The parent learns it the way a shell tells it: 127 not found, 126 not executable.
        if errno == Errno::ENOENT { 127 } else { 126 }
    });
    let (pid, pidfd) = during(started, "start a process")?;
    let terminal = (program.streams != Streams::Pipe).then_some(theirs);
    Ok(Spawned {
        pid,
        pidfd,
        stream,
        terminal,
    })
}

/// A pty from the jail's devpts, so that the jail's root owns it and `/proc/self/fd/0` can be followed inside.
fn terminal(terminals: &OwnedFd) -> Outcome<(OwnedFd, OwnedFd)> {
    // A submission can stop its terminal (tcflow(3)); writing to it must not stop us.
    let flags = OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK;
    let master = during(
        openat(terminals, "ptmx", flags, Mode::empty()),
        "open a pty",
    )?;
    during(sys::unlock_terminal(master.as_fd()), "unlock the pty")?;
    let slave = during(
        sys::terminal_peer(master.as_fd()),
        "open the pty's other side",
    )?;
    during(
        sys::set_window(master.as_fd(), WINDOW.0, WINDOW.1),
        "set the pty's size",
    )?;
    let mut settings = during(tcgetattr(&slave), "read the pty's settings")?;
    // What is typed must not come back as output. A shell's own line editing honours this too.
    settings.local_flags.remove(LocalFlags::ECHO);
    during(
        tcsetattr(&slave, SetArg::TCSANOW, &settings),
        "switch the pty's echo off",
    )?;
    Ok((master, slave))
}

/// What execve(2) takes.
struct Executable {
    file: CString,
    argv: Vec<CString>,
    environment: Vec<CString>,
}

impl Executable {
    fn of(program: &Program) -> nix::Result<Executable> {
        let text = |text: &str| CString::new(text).map_err(|_| Errno::EINVAL);
        let rather = program.rather.as_ref();
        let rather = rather.and_then(|argv| Some((argv, file_of(program, argv).ok()?)));
        let (argv, file) = match rather {
            Some(found) => found,
            None => (&program.argv, file_of(program, &program.argv)?),
        };
        let variables = program.environment.iter();
        Ok(Executable {
            argv: argv
                .iter()
                .map(|word| text(word))
                .collect::<Result<_, _>>()?,
            environment: variables
                .map(|(key, value)| text(&format!("{key}={value}")))
                .collect::<Result<_, _>>()?,
            file: text(&file)?,
        })
    }
}

/// Gives the child all that a program finds at its start.
fn prepare(program: &Program, stream: &OwnedFd) -> nix::Result<()> {
    setsid()?;
    if program.streams != Streams::Pipe {
        sys::take_terminal(stream.as_fd())?;
    }
    // Otherwise standard input stays init's, which is empty.
    if program.streams == Streams::Terminal {
        sys::replace_stream(stream.as_fd(), 0)?;
    }
    sys::replace_stream(stream.as_fd(), 1)?;
    sys::replace_stream(stream.as_fd(), 2)?;
    if Mechanism::ClosedDescriptors.is_on() {
        sys::close_from(3)?;
    }
    umask(Mode::from_bits_truncate(0o022));
    SigSet::empty().thread_set_mask()?;
    chdir(program.directory.as_str())
}

/// The absolute path of the program: its first word is looked up in the PATH it will have, where execvpe(3) would use ours.
fn file_of(program: &Program, argv: &[String]) -> nix::Result<String> {
    let name = argv.first().ok_or(Errno::EINVAL)?;
    let path = program
        .environment
        .iter()
        .find(|(key, _)| key == "PATH")
        .map_or("", |(_, value)| value);
    let candidates = path.split(':').map(|dir| format!("{dir}/{name}"));
    if name.contains('/') {
        let path = Path::new(&program.directory).join(name);
        return Ok(path.to_string_lossy().into_owned());
    }
    let found = candidates
        .into_iter()
        .find(|file| file.starts_with('/') && Path::new(file).is_file());
    found.ok_or(Errno::ENOENT)
}
