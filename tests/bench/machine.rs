//! What the numbers were measured on.

use anyhow::Context;
use std::fs;
use std::process::Command;

/// The machine and the day, on one line.
///
/// # Errors
/// When the kernel does not say.
pub fn describe() -> anyhow::Result<String> {
    let cpus = fs::read_to_string("/proc/cpuinfo").context("failed to read /proc/cpuinfo")?;
    // Other architectures than x86 name no model.
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let model = model.unwrap_or(std::env::consts::ARCH);
    let cores = std::thread::available_parallelism().context("failed to count the cores")?;
    let kernel = nix::sys::utsname::uname().context("failed to ask for the kernel's version")?;
    let date = Command::new("date")
        .args(["-u", "+%F"])
        .output()
        .context("failed to run date")?;
    let version = kernel.release().to_string_lossy();
    let date = String::from_utf8_lossy(&date.stdout);
    Ok(format!(
        "{model}, {cores} cores, Linux {version}, {}",
        date.trim()
    ))
}
