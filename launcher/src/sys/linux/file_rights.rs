//! Rights that the executable file gives: set-user-ID, set-group-ID, file capabilities.
//!
//! The kernel marks such a start in the auxiliary vector (getauxval(3), `AT_SECURE`). But it also marks a start in another SELinux
//! domain, as of each service on some distributions, which has no more rights than whoever started it. So for a marked start, the
//! process's rights are checked, too. Other starts make no system call for this.

/// Whether the ids and capabilities of a process come from its file.
fn given_by_the_file(ids: Ids, has_capabilities: impl FnOnce() -> bool) -> bool {
    ids.user != ids.real_user || ids.group != ids.real_group || ids.user != 0 && has_capabilities()
}

struct Ids {
    user: libc::c_ulong,
    real_user: libc::c_ulong,
    group: libc::c_ulong,
    real_group: libc::c_ulong,
}

/// Whether this process has rights that whoever started it does not have, because its file gives them: set-user-ID,
/// set-group-ID or capabilities. What such a process runs must not depend on the environment, and where an app is installed
/// does.
#[expect(unsafe_code, reason = "std does not offer the auxiliary vector")]
pub(crate) fn has_rights_of_its_file() -> bool {
    // SAFETY: takes a number, and returns one.
    let told = |kind| unsafe { libc::getauxval(kind) };
    if told(libc::AT_SECURE) == 0 {
        return false;
    }
    let ids = Ids {
        user: told(libc::AT_EUID),
        real_user: told(libc::AT_UID),
        group: told(libc::AT_EGID),
        real_group: told(libc::AT_GID),
    };
    given_by_the_file(ids, has_capabilities_of_a_file)
}

/// Whether there is a capability that is not ambient. Ambient ones come from whoever started this process, and are cleared when a
/// file gives capabilities (capabilities(7), "Ambient").
#[expect(unsafe_code, reason = "std knows no capabilities")]
fn has_capabilities_of_a_file() -> bool {
    /// `_LINUX_CAPABILITY_VERSION_3`, and the two structures of capget(2).
    const VERSION: u32 = 0x2008_0522;
    #[repr(C)]
    struct Header {
        version: u32,
        process: libc::c_int,
    }
    #[repr(C)]
    #[derive(Default)]
    struct Sets {
        effective: u32,
        permitted: u32,
        inheritable: u32,
    }
    let mut header = Header { version: VERSION, process: 0 };
    let mut sets = [Sets::default(), Sets::default()];
    // SAFETY: structures as the version in the header says. Should the call fail, there are none.
    unsafe { libc::syscall(libc::SYS_capget, &raw mut header, sets.as_mut_ptr()) };
    let [low, high] = sets;
    let permitted = u64::from(low.permitted) | u64::from(high.permitted) << 32;
    let is_ambient = |capability: u64| {
        // SAFETY: takes numbers.
        let set = unsafe { libc::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_IS_SET, capability, 0, 0) };
        set == 1
    };
    (0..u64::from(u64::BITS)).any(|capability| permitted >> capability & 1 == 1 && !is_ambient(capability))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_ids_or_capabilities_come_from_the_file_and_another_domain_alone_does_not() {
        let of = |user, real_user, group, real_group| Ids { user, real_user, group, real_group };
        for (ids, has_capabilities, is_expected) in [
            (of(1000, 1000, 1000, 1000), false, false),
            (of(1000, 1000, 1000, 1000), true, true),
            (of(0, 1000, 1000, 1000), true, true),
            (of(1000, 1000, 0, 1000), false, true),
            (of(0, 0, 0, 0), true, false),
        ] {
            assert_eq!(given_by_the_file(ids, || has_capabilities), is_expected);
        }
    }
}
