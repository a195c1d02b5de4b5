//! The `linux` module offered to Python submissions does what its calls say, in throw-away namespaces.

use rstest::rstest;
use std::path::Path;
use std::process::{Command, Output};

/// Runs Python code with the module on its path, as root of new user, mount, pid and uts namespaces, or says why not.
fn python(code: &str) -> Option<Output> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let inside = |program: &[&str]| {
        Command::new("unshare")
            .args([
                "--user",
                "--map-root-user",
                "--mount",
                "--uts",
                "--propagation",
                "private",
            ])
            .args(program)
            .env("PYTHONPATH", &fixtures)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("LC_ALL", "C")
            .output()
    };
    if !Command::new("python3")
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
    {
        eprintln!("skipped: there is no working python3 on PATH");
        return None;
    }
    match inside(&["true"]) {
        Ok(output) if output.status.success() => {}
        Ok(output) => {
            eprintln!(
                "skipped: no user namespace here: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
            return None;
        }
        Err(error) => {
            eprintln!("skipped: unshare(1) cannot be run: {error}");
            return None;
        }
    }
    Some(
        inside(&[
            "python3",
            "-c",
            &format!("import errno, os, pathlib, sys\nimport linux\n{code}"),
        ])
        .expect("it ran"),
    )
}

/// Runs code that must end well, and gives back what it printed.
fn printed(code: &str) -> Option<String> {
    let output = python(code)?;
    assert!(
        output.status.success(),
        "{code}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(
        String::from_utf8(output.stdout)
            .expect("text")
            .trim_end()
            .to_owned(),
    )
}

#[rstest]
#[case::text("'/tmp'")]
#[case::bytes("b'/tmp'")]
#[case::path("pathlib.Path('/tmp')")]
fn mount_and_umount_accept_every_kind_of_path(#[case] target: &str) {
    let code = format!(
        "
def table(): return [line.split()[:3] for line in open('/proc/self/mounts')]
before = table()
linux.mount('ours', {target}, 'tmpfs', linux.MS_NOSUID, 'size=64k')
print(table()[len(before):], os.statvfs('/tmp').f_blocks * os.statvfs('/tmp').f_frsize)
linux.mount(None, {target}, None, linux.MS_REMOUNT | linux.MS_RDONLY, None)
print(os.access('/tmp', os.W_OK))
linux.umount({target})
linux.mount('ours', {target}, 'tmpfs', 0, None)
linux.umount2({target}, linux.MNT_DETACH)
print(table() == before)
"
    );
    let Some(printed) = printed(&code) else {
        return;
    };
    assert_eq!(
        printed.lines().collect::<Vec<_>>(),
        ["[['ours', '/tmp', 'tmpfs']] 65536", "False", "True"]
    );
}

#[test]
fn pivot_root_swaps_the_roots() {
    let code = "
linux.mount('new', '/tmp', 'tmpfs', 0, None)
os.mkdir('/tmp/old')
linux.pivot_root('/tmp', b'/tmp/old')
os.chdir('/')
print(os.listdir('/'), os.path.isdir('/old/usr'))
";
    let Some(printed) = printed(code) else { return };
    assert_eq!(printed, "['old'] True");
}

#[test]
fn a_new_uts_namespace_keeps_its_host_name_and_setns_returns() {
    let code = "
home = os.open('/proc/self/ns/uts', os.O_RDONLY)
before = os.uname().nodename
linux.unshare(linux.CLONE_NEWUTS)
linux.sethostname('a-container')
print(os.uname().nodename)
linux.setns(home, linux.CLONE_NEWUTS)
print(os.uname().nodename == before)
";
    let Some(printed) = printed(code) else { return };
    assert_eq!(printed, "a-container\nTrue");
}

#[rstest]
#[case::returns("lambda: None", 0)]
#[case::returns_something_else("lambda: 7", 0)]
#[case::raises("lambda: 1 / 0", 255)]
#[case::leaves("sys.exit", 255)]
#[case::executes("lambda: os.execvp('sh', ['sh', '-c', 'exit 3'])", 3)]
#[case::is_handed_its_arguments("os._exit", 9)]
fn the_clone_ends_as_its_function_does(#[case] function: &str, #[case] status: i32) {
    let arguments = if function == "os._exit" { "(9,)" } else { "()" };
    let code = format!("print(os.waitpid(linux.clone({function}, 0, {arguments}), 0)[1])");
    let Some(printed) = printed(&code) else {
        return;
    };
    assert_eq!(printed, (status << 8).to_string());
}

#[test]
fn an_exception_in_the_clone_is_shown_and_stays_there() {
    let code = "
try:
    pid = linux.clone(lambda: {}['the missing key'], 0, ())
    os.waitpid(pid, 0)
finally:
    print('once')
";
    let Some(output) = python(code) else { return };
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), "once");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        errors.contains("Traceback") && errors.contains("KeyError: 'the missing key'"),
        "{errors}"
    );
}

#[test]
fn a_clone_is_pid_1_of_a_new_pid_namespace_and_a_sound_interpreter() {
    let code = "
import threading
read, write = os.pipe()
calls = []
os.register_at_fork(before=lambda: calls.append('before'), after_in_parent=lambda: calls.append('parent'),
                    after_in_child=lambda: calls.append('child'))
def child(*words):
    thread = threading.Thread(target=lambda: os.write(write, f'{os.getpid()} {words} {calls}'.encode()))
    thread.start()
    thread.join()
pid = linux.clone(child, linux.CLONE_NEWPID, ('a', 'b'))
print(os.waitpid(pid, 0) == (pid, 0), os.read(read, 200).decode(), calls)
";
    let Some(printed) = printed(code) else { return };
    assert_eq!(
        printed,
        "True 1 ('a', 'b') ['before', 'child'] ['before', 'parent']"
    );
}

#[rstest]
#[case::mount(
    "linux.mount('x', '/no/such/directory', 'tmpfs', 0, None)",
    libc::ENOENT
)]
#[case::mount_type("linux.mount('x', '/tmp', 'nosuchfs', 0, None)", libc::ENODEV)]
#[case::umount("linux.umount('/usr/bin')", libc::EINVAL)]
#[case::umount2("linux.umount2('/tmp', 0x10000)", libc::EINVAL)]
#[case::pivot_root("linux.pivot_root('/usr', '/usr')", libc::EINVAL)]
#[case::unshare("linux.unshare(linux.CLONE_PARENT)", libc::EINVAL)]
#[case::setns("linux.setns(-1, 0)", libc::EBADF)]
#[case::sethostname("linux.sethostname('x' * 65)", libc::EINVAL)]
#[case::clone_as_a_thread("linux.clone(print, linux.CLONE_THREAD, ())", libc::EINVAL)]
#[case::clone_on_one_memory("linux.clone(print, linux.CLONE_VM, ())", libc::EINVAL)]
fn a_failing_call_raises_errno_and_its_words(#[case] call: &str, #[case] errno: i32) {
    let code = format!(
        "
try:
    {call}
except RuntimeError as error:
    print(error.args[0], error.args[1] == os.strerror({errno}), len(error.args))
"
    );
    let Some(printed) = printed(&code) else {
        return;
    };
    assert_eq!(printed, format!("{errno} True 2"), "{call}");
}

/// `[(name, value)]` of libc's constants, the value as the kernel takes it: 32 bits, or a mount's without sign.
macro_rules! libc_constants {
    ($($name:ident)*) => { [$((stringify!($name), i128::from(libc::$name) & 0xffff_ffff)),*] };
}

#[test]
fn the_constants_are_the_c_librarys() {
    let constants = libc_constants! {
        CLONE_VM CLONE_FS CLONE_FILES CLONE_SIGHAND CLONE_PIDFD CLONE_PTRACE CLONE_VFORK CLONE_PARENT CLONE_THREAD
        CLONE_NEWNS CLONE_SYSVSEM CLONE_SETTLS CLONE_PARENT_SETTID CLONE_CHILD_CLEARTID CLONE_DETACHED CLONE_UNTRACED
        CLONE_CHILD_SETTID CLONE_NEWCGROUP CLONE_NEWUTS CLONE_NEWIPC CLONE_NEWUSER CLONE_NEWPID CLONE_NEWNET CLONE_IO
        MS_RDONLY MS_NOSUID MS_NODEV MS_NOEXEC MS_SYNCHRONOUS MS_REMOUNT MS_MANDLOCK MS_DIRSYNC MS_NOATIME
        MS_NODIRATIME MS_BIND MS_MOVE MS_REC MS_SILENT MS_POSIXACL MS_UNBINDABLE MS_PRIVATE MS_SLAVE MS_SHARED
        MS_RELATIME MS_KERNMOUNT MS_I_VERSION MS_STRICTATIME MS_LAZYTIME MS_ACTIVE MS_NOUSER
        MNT_FORCE MNT_DETACH MNT_EXPIRE UMOUNT_NOFOLLOW
    };
    let code = "
for name in dir(linux):
    if name.startswith(('CLONE_', 'MS_', 'MNT_', 'UMOUNT_')):
        print(name, getattr(linux, name))
";
    let Some(printed) = printed(code) else { return };
    let ours: std::collections::BTreeMap<&str, i128> = printed
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, value)| (name, value.parse().expect("a number")))
        .collect();
    for (name, value) in constants {
        assert_eq!(ours.get(name), Some(&value), "{name}");
    }
}
