//! What this host can do: every probe tries the thing itself, in a child that is thrown away, instead of guessing from versions.
//!
//! What a gap costs is decided by [`checks::doctor`]; how it is told by [`show`].

mod ability;
mod cache;
mod cgroups;
mod host;
mod ids;
mod isolation;
mod jail;
mod programs;
mod show;

pub use ability::missing;
pub use show::{Machine, show};

use crate::image::ImageOption;
use crate::jail::Power;
use checks::doctor::{Finding, Gap, State};

/// Tries everything. `images` are those of `--image`, `workers` as many as would grade side by side.
pub fn examine(images: &[ImageOption], workers: usize) -> Vec<Finding> {
    let power = Power::of_this_process();
    let built = jail::build();
    let mut found = vec![host::kernel(), isolation::user_namespace()];
    found.push(jail::whole(&built));
    found.push(ids::range(power));
    found.push(isolation::fresh(crate::jail::Window::Proc, power));
    found.push(isolation::fresh(crate::jail::Window::Sysfs, power));
    found.push(isolation::notification());
    found.push(isolation::landlock());
    found.push(isolation::overlay());
    found.push(ids::device_nodes(power));
    found.extend(cgroups::controllers(power, &built));
    found.push(host::terminal());
    found.push(host::room(workers));
    found.push(cache::images(images));
    found.extend(programs::all());
    found
}

/// A finding that works.
fn works(id: &'static str, title: &'static str, detail: impl Into<String>) -> Finding {
    Finding {
        id,
        title,
        state: State::Works,
        detail: detail.into(),
        remedy: None,
        gap: Gap::Nothing,
    }
}

/// Something grading does without.
fn absent(id: &'static str, title: &'static str, detail: impl Into<String>) -> Finding {
    Finding {
        state: State::Absent,
        ..works(id, title, detail)
    }
}

/// A gap. `why` is told as all reasons here are: what is wrong, and after a semicolon what to do.
fn lacks(id: &'static str, title: &'static str, why: &str, gap: Gap) -> Finding {
    let (detail, remedy) = match why.rsplit_once("; ") {
        Some((detail, remedy)) => (detail, Some(remedy.to_owned())),
        None => (why, None),
    };
    Finding {
        state: State::Lacking,
        remedy,
        gap,
        ..works(id, title, detail)
    }
}
