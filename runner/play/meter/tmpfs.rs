//! The tmpfs that a submission has mounted, by their devices: whether one of them is full is then one question each.

use crate::jail::sys;
use nix::errno::Errno;
use std::cell::{Cell, RefCell};

/// Most that are remembered.
const MOST: usize = 16;

/// Those of a jail.
#[derive(Debug, Default)]
pub struct Tmpfs {
    devices: RefCell<Vec<u64>>,
    /// There are others, or more than are remembered.
    others: Cell<bool>,
}

impl Tmpfs {
    /// One was made, on this device.
    pub fn made(&self, device: u64) {
        let mut devices = self.devices.borrow_mut();
        if devices.len() == MOST {
            self.others.set(true);
        } else {
            devices.push(device);
        }
    }

    /// One was made that nothing is known of.
    pub fn made_another(&self) {
        self.others.set(true);
    }

    /// Whether one of them may be full, and mount tables have to be searched for it. A device that is gone may be given to
    /// somebody else's file system, so this is a hint and no evidence.
    pub fn may_be_full(&self) -> bool {
        let full =
            |device: &u64| !matches!(sys::is_exhausted(*device), Ok(false) | Err(Errno::EINVAL));
        self.others.get() || self.devices.borrow().iter().any(full)
    }
}
