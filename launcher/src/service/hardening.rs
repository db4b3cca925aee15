//! What a service under systemd may not do, unless its publisher or an admin says that it has to (systemd.exec(5)).
//!
//! Each relaxation takes away what it names and nothing else. What is not here was left out because real Python apps need
//! it: `MemoryDenyWriteExecute=` breaks callbacks of ctypes, numba and PyTorch, `ProcSubset=pid` hides the memory and the
//! processors from psutil.

/// A part of the hardening that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relaxation(&'static str);

/// What one user's manager can do without rights of root's, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Everybody,
    System,
}

struct Part {
    relaxation: &'static str,
    who: Who,
    lines: &'static str,
}

const PARTS: &[Part] = &[
    Part { relaxation: "privileges", who: Who::Everybody, lines: "NoNewPrivileges=yes\nRestrictSUIDSGID=yes\n" },
    Part { relaxation: "files", who: Who::System, lines: "ProtectSystem=strict\n" },
    Part { relaxation: "home", who: Who::System, lines: "ProtectHome=yes\n" },
    Part { relaxation: "tmp", who: Who::System, lines: "PrivateTmp=yes\n" },
    Part { relaxation: "devices", who: Who::System, lines: "PrivateDevices=yes\n" },
    Part { relaxation: "users", who: Who::System, lines: "PrivateUsers=yes\n" },
    Part {
        relaxation: "kernel",
        who: Who::System,
        lines: "ProtectKernelTunables=yes\nProtectKernelModules=yes\nProtectKernelLogs=yes\nProtectControlGroups=yes\n\
                ProtectClock=yes\nProtectHostname=yes\n",
    },
    Part { relaxation: "processes", who: Who::System, lines: "ProtectProc=invisible\n" },
    Part {
        relaxation: "network",
        who: Who::Everybody,
        // AF_NETLINK: by which glibc and psutil ask for the machine's addresses.
        lines: "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK\n",
    },
    Part { relaxation: "namespaces", who: Who::Everybody, lines: "RestrictNamespaces=yes\n" },
    Part { relaxation: "realtime", who: Who::Everybody, lines: "RestrictRealtime=yes\n" },
    Part {
        relaxation: "syscalls",
        who: Who::Everybody,
        // An error, which programs are prepared for, and not the end of the process.
        lines: "SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources\nSystemCallErrorNumber=EPERM\n",
    },
    Part { relaxation: "architectures", who: Who::Everybody, lines: "SystemCallArchitectures=native\n" },
    Part { relaxation: "personality", who: Who::Everybody, lines: "LockPersonality=yes\n" },
    Part { relaxation: "ipc", who: Who::System, lines: "RemoveIPC=yes\nKeyringMode=private\n" },
    Part { relaxation: "umask", who: Who::Everybody, lines: "UMask=0077\n" },
];

impl Relaxation {
    /// What can be relaxed, for an error.
    pub const NAMES: &'static str = "privileges, files, home, tmp, devices, users, kernel, processes, network, namespaces, \
                                     realtime, syscalls, architectures, personality, ipc or umask";

    /// The one of this name.
    pub fn new(name: &str) -> Option<Self> {
        PARTS.iter().find(|part| part.relaxation == name).map(|part| Self(part.relaxation))
    }
}

/// The lines of a unit of the system's manager, or of one user's, less those that are relaxed. Where a service has
/// capabilities, it keeps the machine's own table of accounts: in another one they would be worth nothing.
pub fn lines(is_users: bool, relaxed: &[Relaxation], has_capabilities: bool) -> String {
    let is_kept = |part: &&Part| {
        let is_relaxed = relaxed.contains(&Relaxation(part.relaxation));
        let is_for_this_manager = part.who == Who::Everybody || !is_users;
        let is_needed = part.relaxation != "users" || !has_capabilities;
        is_for_this_manager && is_needed && !is_relaxed
    };
    PARTS.iter().filter(is_kept).map(|part| part.lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relaxation_takes_away_what_it_names_and_nothing_else() {
        let whole = lines(false, &[], false);
        for part in PARTS {
            let relaxed = lines(false, &[Relaxation::new(part.relaxation).unwrap()], false);
            assert_eq!(relaxed, whole.replace(part.lines, ""), "{}", part.relaxation);
            assert_ne!(relaxed, whole);
            assert!(Relaxation::NAMES.contains(part.relaxation));
        }
        assert_eq!(Relaxation::new("all"), None);
    }

    #[test]
    fn a_users_unit_asks_for_nothing_that_needs_root() {
        let lines = lines(true, &[], false);
        assert!(lines.contains("NoNewPrivileges=yes") && !lines.contains("Private") && !lines.contains("Protect"));
    }
}
