//! What became of an attempt to learn something: the one place where fail, ungradable and error part ways.

use alloc::string::String;

/// A value the runner tried to read from the kernel, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed<T> {
    /// It was read.
    Known(T),
    /// The container (or the session, or the submission) was not there to be looked at: the submission's doing,
    /// hence `fail`. The text says what was missing, e.g. "no process ever executed /bin/bash".
    ContainerGone(String),
    /// This host cannot show it: `ungradable`, with the reason.
    HostCannot(String),
    /// rdgrade failed: `error`, which costs nobody a point.
    OurBug(String),
}

impl<T> Observed<T> {
    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Observed::Known(value) => Some(value),
            _ => None,
        }
    }

    /// Applies `f` to a known value and leaves the reasons as they are.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Observed<U> {
        match self {
            Observed::Known(value) => Observed::Known(f(value)),
            Observed::ContainerGone(why) => Observed::ContainerGone(why),
            Observed::HostCannot(why) => Observed::HostCannot(why),
            Observed::OurBug(why) => Observed::OurBug(why),
        }
    }
}
