//! What rdgrade and the jail's init tell each other: one message a packet, descriptors beside it.

use super::sys;
use super::window::Window;
use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

/// Longest message in bytes: argument vectors are capped by level files far below it.
const LONGEST: usize = 256 * 1024;

/// To init.
#[derive(Debug, Serialize, Deserialize)]
pub enum ToInit {
    /// Go on. At first: the id maps are written, build the world and answer [`FromInit::Ready`].
    Go,
    /// Start a program.
    Spawn(Program),
}

/// A program to start in the jail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Argument vector; the first word is looked up in PATH.
    pub argv: Vec<String>,
    /// The one that is used instead, if its first word is found.
    pub rather: Option<Vec<String>>,
    /// The whole environment.
    pub environment: Vec<(String, String)>,
    /// Working directory, in the jail.
    pub directory: String,
    /// What its standard streams are.
    pub streams: Streams,
}

/// The standard streams of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Streams {
    /// A new pty of the jail's own, as controlling terminal of a new session.
    Terminal,
    /// Output and error are such a pty, standard input is empty: nobody is there to type.
    Screen,
    /// Standard input is empty, output and error share one pipe.
    Pipe,
}

/// From init.
#[derive(Debug, Serialize, Deserialize)]
pub enum FromInit {
    /// The world stands. Beside it: the seccomp listener, the root directory, and the mount, uts and net namespaces.
    Ready {
        /// What of the promise does not hold, if it was tested.
        unmet: Vec<String>,
    },
    /// The kernel refuses a file system of this type, `proc` or `sysfs`, to init. Beside it: the pid, net and mount namespaces.
    /// [`ToInit::Go`] tells that it has been mounted.
    Masked {
        /// The type.
        kind: Window,
    },
    /// The program runs. Beside it: a pidfd, and the pty's master or the pipe's reading end.
    Spawned {
        /// Its process id as the jail counts.
        pid: i32,
    },
    /// A program that was spawned ended.
    Exited {
        /// Its process id as the jail counts.
        pid: i32,
        /// Raw wait status (wait(2)).
        status: i32,
    },
    /// Something did not work.
    Failed {
        /// What, as it fits after "failed to".
        doing: String,
        /// The errno.
        errno: i32,
    },
}

/// One end of the socket (AF_UNIX, SOCK_SEQPACKET).
#[derive(Debug)]
pub struct Wire {
    socket: OwnedFd,
}

impl Wire {
    /// Two connected ends.
    pub fn pair() -> nix::Result<(Wire, Wire)> {
        use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
        let (a, b) = socketpair(
            AddressFamily::Unix,
            SockType::SeqPacket,
            None,
            SockFlag::SOCK_CLOEXEC,
        )?;
        Ok((Wire { socket: a }, Wire { socket: b }))
    }

    /// The end that has this descriptor.
    pub fn from_descriptor(socket: OwnedFd) -> Wire {
        Wire { socket }
    }

    /// Gives up the type, keeps the end open.
    pub fn into_descriptor(self) -> OwnedFd {
        self.socket
    }

    /// Sends a message with descriptors.
    pub fn send(&self, message: &impl Serialize, descriptors: &[BorrowedFd]) -> io::Result<()> {
        let bytes = serde_json::to_vec(message)?;
        if bytes.len() > LONGEST {
            return Err(io::Error::other("message to the jail's init is too long"));
        }
        let numbers: Vec<RawFd> = descriptors.iter().map(AsRawFd::as_raw_fd).collect();
        let rights = [ControlMessage::ScmRights(&numbers)];
        let control: &[ControlMessage] = if numbers.is_empty() { &[] } else { &rights };
        let slices = [IoSlice::new(&bytes)];
        sendmsg::<()>(
            self.socket.as_raw_fd(),
            &slices,
            control,
            MsgFlags::MSG_NOSIGNAL,
            None,
        )?;
        Ok(())
    }

    /// Receives a message, or `None` when the other end is gone.
    pub fn receive<T: DeserializeOwned>(&self) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
        // Room for this message and no more: the longest there may be would be cleared for each.
        let length = sys::length_of_next(self.socket.as_fd())?;
        let mut buffer = vec![0; length.clamp(1, LONGEST)];
        let (length, descriptors) =
            sys::receive_with_descriptors(self.socket.as_fd(), &mut buffer)?;
        if length == 0 {
            return Ok(None);
        }
        Ok(Some((
            serde_json::from_slice(&buffer[..length])?,
            descriptors,
        )))
    }
}

impl AsFd for Wire {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
