//! What a process that plays checks is told by the main process: words of four bytes on a pipe of its own.

use super::cores::Place;
use super::frame::prefixed;
use super::task::Newcomer;
use nix::errno::Errno;
use nix::unistd::read;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};

/// The word before a newcomer; no task has so many units.
const NEWCOMER: u32 = u32::MAX;

/// To be on whichever core the scheduler likes.
const ANY_CORE: u32 = u32::MAX - 1;

/// This and a core: the highest bit.
const CORE: u32 = 1 << 31;

/// Longest newcomer in bytes: less than a pipe holds whose reader is still busy (pipe(7)).
const LONGEST: usize = 60 << 10;

/// An order.
#[derive(Debug)]
pub(super) enum Order {
    /// A unit: once to make it ready, and once more to play it. A stage that hears any of them builds.
    Unit(usize),
    /// To stay there, with whatever it makes and has made.
    Place(Place),
    /// No more units of this task: another submission is to be graded in the same way.
    Another(Box<Newcomer>),
}

/// Gives units, and where to be from now on.
pub(super) fn give(
    orders: &mut impl Write,
    units: &[usize],
    place: Option<Place>,
) -> io::Result<()> {
    let place = place.map(|place| match place {
        Place::Core(core) => CORE | core as u32,
        Place::Anywhere => ANY_CORE,
    });
    let units = units.iter().map(|unit| *unit as u32);
    let words = place.into_iter().chain(units).map(u32::to_ne_bytes);
    // One write: a reader is woken once.
    orders.write_all(&words.collect::<Vec<_>>().concat())
}

/// Gives another submission.
///
/// # Errors
/// When it cannot be said (a path that is no UTF-8, too many files), or nobody hears it.
pub(super) fn give_another(orders: &mut impl Write, newcomer: &Newcomer) -> io::Result<()> {
    let body = prefixed(newcomer)?;
    if body.len() > LONGEST {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    orders.write_all(&[&NEWCOMER.to_ne_bytes(), body.as_slice()].concat())
}

/// What to do next; `None` when there is nothing more.
pub(super) fn next(orders: &OwnedFd) -> io::Result<Option<Order>> {
    let mut pipe = Pipe(orders);
    let Some(word) = word(&mut pipe)? else {
        return Ok(None);
    };
    if word & CORE == 0 {
        return Ok(Some(Order::Unit(word as usize)));
    }
    if word == ANY_CORE {
        return Ok(Some(Order::Place(Place::Anywhere)));
    }
    if word != NEWCOMER {
        return Ok(Some(Order::Place(Place::Core((word ^ CORE) as usize))));
    }
    let length = self::word(&mut pipe)?.ok_or(io::ErrorKind::UnexpectedEof)?;
    let mut body = vec![0; (length as usize).min(LONGEST)];
    pipe.read_exact(&mut body)?;
    Ok(Some(Order::Another(serde_json::from_slice(&body)?)))
}

fn word(pipe: &mut Pipe) -> io::Result<Option<u32>> {
    let mut bytes = [0; 4];
    match pipe.read(&mut bytes)? {
        0 => Ok(None),
        read => {
            pipe.read_exact(&mut bytes[read..])?;
            Ok(Some(u32::from_ne_bytes(bytes)))
        }
    }
}

struct Pipe<'a>(&'a OwnedFd);

impl Read for Pipe<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match read(self.0.as_fd(), buffer) {
                Err(Errno::EINTR) => {}
                read => return Ok(read?),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::submission::{CopyEntry, CopyKind, Submission};
    use nix::fcntl::OFlag;
    use nix::unistd::pipe2;
    use std::ffi::OsStr;
    use std::fs::File;
    use std::os::unix::ffi::OsStrExt;
    use std::path::PathBuf;

    fn newcomer(files: usize) -> Newcomer {
        let entry = |number: usize| CopyEntry {
            from: format!("/home/student/{number}").into(),
            to: number.to_string().into(),
            kind: CopyKind::Text {
                text: "\0\n\"é".to_owned(),
                mode: 0o644,
            },
        };
        Newcomer {
            submission: Submission::reference("level01").unwrap(),
            copied: (0..files).map(entry).collect(),
        }
    }

    #[test]
    fn orders_are_heard_as_they_were_given() {
        let (hears, orders) = pipe2(OFlag::O_CLOEXEC).unwrap();
        let mut orders = File::from(orders);
        let given = newcomer(40);
        give(&mut orders, &[7], None).unwrap();
        give(&mut orders, &[6, 6], Some(Place::Core(1_023))).unwrap();
        give_another(&mut orders, &given).unwrap();
        give(&mut orders, &[0], Some(Place::Anywhere)).unwrap();
        drop(orders);
        assert!(matches!(next(&hears), Ok(Some(Order::Unit(7)))));
        let place = next(&hears);
        assert!(matches!(place, Ok(Some(Order::Place(Place::Core(1_023))))));
        assert!(matches!(next(&hears), Ok(Some(Order::Unit(6)))));
        assert!(matches!(next(&hears), Ok(Some(Order::Unit(6)))));
        let Ok(Some(Order::Another(heard))) = next(&hears) else {
            panic!("not heard");
        };
        assert_eq!(heard.copied, given.copied);
        assert_eq!(heard.submission.run, given.submission.run);
        let place = next(&hears);
        assert!(matches!(place, Ok(Some(Order::Place(Place::Anywhere)))));
        assert!(matches!(next(&hears), Ok(Some(Order::Unit(0)))));
        assert!(matches!(next(&hears), Ok(None)));
    }

    #[test]
    fn what_cannot_be_said_is_an_error_and_nothing_is_said() {
        let mut said = Vec::new();
        assert!(give_another(&mut said, &newcomer(2_000)).is_err());
        let mut odd = newcomer(1);
        odd.copied[0].from = PathBuf::from(OsStr::from_bytes(b"/home/\xff"));
        assert!(give_another(&mut said, &odd).is_err());
        assert!(said.is_empty());
    }

    #[test]
    fn an_order_that_is_torn_is_an_error() {
        for torn in [
            &b"\0\0"[..],
            &[255; 4],
            &[255, 255, 255, 255, 9, 0, 0, 0, b'{'],
        ] {
            let (hears, orders) = pipe2(OFlag::O_CLOEXEC).unwrap();
            File::from(orders).write_all(torn).unwrap();
            assert!(next(&hears).is_err(), "{torn:?}");
        }
    }
}
