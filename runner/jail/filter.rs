//! The jail's seccomp filter: which system calls wait for the supervisor, and which no level needs.
//!
//! A classic BPF program (seccomp(2), kernel doc `userspace-api/seccomp_filter`). It runs on every system call
//! of the submission, so the common case — none of ours — is decided by one comparison per listed call.

use super::mechanism::Mechanism;
use super::sys::{Instruction, UNSEEN};

const LOAD_WORD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const JUMP_EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
const JUMP_AT_LEAST: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;

/// Offsets in `struct seccomp_data`.
const OFFSET_CALL: u32 = 0;
const OFFSET_ARCHITECTURE: u32 = 4;
const OFFSET_FIRST_ARGUMENT: u32 = 16;

#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xC000_003E; // AUDIT_ARCH_X86_64
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xC000_00B7; // AUDIT_ARCH_AARCH64

/// x86-64's second numbering of system calls starts here; it would go past the comparisons below.
const X32_BIT: u32 = 0x4000_0000;

/// System calls the supervisor is asked about. So it is about execveat(2), but for init's own.
pub const NOTIFIED: [i64; 4] = [
    libc::SYS_execve,
    libc::SYS_mount,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
];

/// Commands of fsconfig(2) that make the file system: FSCONFIG_CMD_CREATE and FSCONFIG_CMD_CREATE_EXCL.
const CREATING: [u32; 2] = [6, 8];

/// System calls that make nodes, and which argument is the mode.
#[cfg(target_arch = "x86_64")]
const MAKING_NODES: [(i64, u32); 2] = [(libc::SYS_mknod, 1), (libc::SYS_mknodat, 2)];
#[cfg(not(target_arch = "x86_64"))]
const MAKING_NODES: [(i64, u32); 1] = [(libc::SYS_mknodat, 2)];

/// System calls that no level needs and that widen what hostile code can reach: EPERM. What makes namespaces (clone3, unshare,
/// setns), mounts, roots and filters of one's own is what the levels are about, and stays.
const DENIED: &[i64] = &[
    // Keys are shared by all that have the same user id, whatever their namespaces.
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    // Interpreters and queues of the kernel's, each of which has been a way out of containers.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_userfaultfd,
    libc::SYS_fanotify_init,
    // The machine itself: its code, clock, log, memory and end. reboot(2) would kill the jail's init.
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_reboot,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_syslog,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_move_pages,
    libc::SYS_migrate_pages,
    libc::SYS_lookup_dcookie,
    libc::SYS_vhangup,
    // Files by number, past every root directory.
    libc::SYS_open_by_handle_at,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_modify_ldt,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_uselib,
];

/// Families of sockets a submission may make: those that a network namespace of its own confines. Others do not exist: a vsock
/// reaches the machine's hypervisor from any network namespace, most load a module when they are first asked for.
const FAMILIES: [i32; 6] = [
    libc::AF_UNSPEC,
    libc::AF_UNIX,
    libc::AF_INET,
    libc::AF_INET6,
    libc::AF_NETLINK,
    libc::AF_PACKET,
];

/// The program.
pub fn program() -> Vec<Instruction> {
    let refuse = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
    // A call through another architecture's table (a 32-bit program) would not be recognised: it does not exist here.
    let no_such_call = libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32;
    let mut program = Vec::new();
    if Mechanism::NativeCalls.is_on() {
        program.extend([
            statement(LOAD_WORD, OFFSET_ARCHITECTURE),
            jump(JUMP_EQUAL, ARCHITECTURE, 1, 0),
            statement(RETURN, no_such_call),
            statement(LOAD_WORD, OFFSET_CALL),
            jump(JUMP_AT_LEAST, X32_BIT, 0, 1),
            statement(RETURN, no_such_call),
        ]);
    }
    program.push(statement(LOAD_WORD, OFFSET_CALL));
    for call in NOTIFIED {
        program.extend(on_call(call, libc::SECCOMP_RET_USER_NOTIF));
    }
    program.extend([
        jump(JUMP_EQUAL, libc::SYS_execveat as u32, 0, 4),
        statement(LOAD_WORD, OFFSET_FIRST_ARGUMENT),
        jump(JUMP_EQUAL, UNSEEN as u32, 0, 1),
        statement(RETURN, libc::SECCOMP_RET_ALLOW),
        statement(RETURN, libc::SECCOMP_RET_USER_NOTIF),
    ]);
    // The other types of node need no help.
    for (call, argument) in MAKING_NODES {
        program.extend(on_value(
            call,
            argument,
            libc::S_IFMT,
            [libc::S_IFCHR, libc::S_IFBLK],
        ));
    }
    program.extend(on_value(libc::SYS_fsconfig, 1, u32::MAX, CREATING));
    if Mechanism::DeniedCalls.is_on() {
        for call in DENIED {
            program.extend(on_call(*call, refuse));
        }
        program.extend(on_family(libc::SYS_socket));
        program.extend(on_family(libc::SYS_socketpair));
    }
    program.push(statement(RETURN, libc::SECCOMP_RET_ALLOW));
    program
}

/// Notifies if an argument, masked, is one of two values; the call is allowed otherwise.
fn on_value(call: i64, argument: u32, mask: u32, values: [u32; 2]) -> [Instruction; 7] {
    // struct seccomp_data: the arguments follow the instruction pointer, eight bytes each; what is looked at is in the low word.
    let low_word = OFFSET_FIRST_ARGUMENT + 8 * argument;
    [
        jump(JUMP_EQUAL, call as u32, 0, 6),
        statement(LOAD_WORD, low_word),
        statement((libc::BPF_ALU | libc::BPF_AND | libc::BPF_K) as u16, mask),
        jump(JUMP_EQUAL, values[0], 2, 0),
        jump(JUMP_EQUAL, values[1], 1, 0),
        statement(RETURN, libc::SECCOMP_RET_ALLOW),
        statement(RETURN, libc::SECCOMP_RET_USER_NOTIF),
    ]
}

/// Refuses a socket of another family than [`FAMILIES`], as a kernel without it does; allows the others.
fn on_family(call: i64) -> Vec<Instruction> {
    let count = FAMILIES.len() as u8;
    let mut block = vec![
        jump(JUMP_EQUAL, call as u32, 0, count + 3),
        statement(LOAD_WORD, OFFSET_FIRST_ARGUMENT),
    ];
    for (index, family) in FAMILIES.into_iter().enumerate() {
        block.push(jump(JUMP_EQUAL, family as u32, count - index as u8, 0));
    }
    block.push(statement(
        RETURN,
        libc::SECCOMP_RET_ERRNO | libc::EAFNOSUPPORT as u32,
    ));
    block.push(statement(RETURN, libc::SECCOMP_RET_ALLOW));
    block
}

fn on_call(call: i64, verdict: u32) -> [Instruction; 2] {
    [
        jump(JUMP_EQUAL, call as u32, 0, 1),
        statement(RETURN, verdict),
    ]
}

fn statement(code: u16, k: u32) -> Instruction {
    Instruction {
        code,
        jt: 0,
        jf: 0,
        k,
    }
}

fn jump(code: u16, k: u32, jt: u8, jf: u8) -> Instruction {
    Instruction { code, jt, jf, k }
}
