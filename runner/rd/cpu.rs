//! The container's share of the processors.

use super::cgroup::{Group, Version};
use anyhow::ensure;

/// What a group has of its own: cpu.shares (kernel doc `scheduler/sched-design-CFS`) and cpu.weight (`admin-guide/cgroup-v2`).
const DEFAULT_SHARES: u64 = 1024;
const DEFAULT_WEIGHT: u64 = 100;

/// Enters a cpu group of the container's own. `shares` is what it gets while others compete; 0 leaves it at the kernel's
/// default (written, it would become 2, the least there is). A machine without such groups runs containers all the same, and
/// refuses only what it was asked for and cannot do.
pub fn enter_cpu_group(id: &str, shares: u64) -> anyhow::Result<()> {
    let Some(group) = Group::make("cpu", id)? else {
        ensure!(
            shares == 0,
            "failed to share out the processors: no cpu cgroup hierarchy is mounted"
        );
        return Ok(());
    };
    match (shares, group.version) {
        (0, _) => {}
        (_, Version::One) => group.write("cpu.shares", &shares.to_string())?,
        (_, Version::Two) => group.write("cpu.weight", &weight(shares).to_string())?,
    }
    group.enter()
}

/// Shares on the scale of version 2, so that the defaults and all ratios stay what they are. The kernel converts back in the same
/// way (`sched_weight_from_cgroup` in kernel/sched/sched.h).
fn weight(shares: u64) -> u64 {
    (shares.saturating_mul(DEFAULT_WEIGHT) / DEFAULT_SHARES).clamp(1, 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(1024, 100)]
    #[case(512, 50)]
    #[case(2, 1)]
    #[case(262_144, 10_000)]
    #[case(u64::MAX, 10_000)]
    fn weights_keep_the_ratio_of_shares(#[case] shares: u64, #[case] expected: u64) {
        assert_eq!(weight(shares), expected);
    }
}
