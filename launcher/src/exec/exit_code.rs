//! What an exit code of a program for Windows means.
//!
//! From `0xC0000000` on, the codes are those of the system, for a program that it has ended or could not start:
//! <https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-erref/596a1078-e883-4972-9bbc-49e60bebca55>.

/// Whether an app that ended with this code has failed. Ctrl-C and the end of a session are not failures.
pub fn is_failure(code: u32) -> bool {
    const CONTROL_C_EXIT: u32 = 0xC000_013A;
    const TERMINATED_AT_LOGOFF: u32 = 0x4001_0004;
    !matches!(code, 0 | CONTROL_C_EXIT | TERMINATED_AT_LOGOFF)
}

/// The code as people look it up, with its meaning if it is one of the system's.
pub fn text(code: u32) -> String {
    match meaning(code) {
        Some(meaning) => format!("0x{code:08X}: {meaning}"),
        None if code > 0xFFFF => format!("0x{code:08X}"),
        None => code.to_string(),
    }
}

/// What the reader can do about it.
pub fn help(code: u32) -> &'static str {
    match code {
        0xC000_0135 | 0xC000_0139 | 0xC000_0142 | 0xC000_007B | 0xC000_012F => {
            "a part of it is missing or damaged, or this version of Windows is too old: delete its version dir and start it again"
        }
        0xC000_0428 | 0xC000_0364 => "blocked by policy; ask your administrator",
        _ => "send these lines to the developer of the app",
    }
}

fn meaning(code: u32) -> Option<&'static str> {
    Some(match code {
        0xC000_0005 => "access violation",
        0xC000_007B | 0xC000_012F => "one of its files is not a program for this version of Windows",
        0xC000_0135 => "a DLL is missing",
        0xC000_0139 => "a DLL lacks a function",
        0xC000_0142 => "a DLL could not be initialised",
        0xC000_0364 | 0xC000_0428 => "blocked by policy",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_written_as_people_look_it_up() {
        for (code, expected) in [
            (1, "1"),
            (0xFFFF, "65535"),
            (0xFFFF_FFFF, "0xFFFFFFFF"),
            (0xC000_0135, "0xC0000135: a DLL is missing"),
            (0xC000_0005, "0xC0000005: access violation"),
        ] {
            assert_eq!(text(code), expected);
        }
        assert!(help(0xC000_0135).contains("version dir") && help(1).contains("developer"));
    }

    #[test]
    fn what_the_user_did_is_not_a_failure() {
        let failures = [0, 1, 2, 0xC000_0005, 0xC000_013A, 0x4001_0004].map(is_failure);
        assert_eq!(failures, [false, true, true, true, false, false]);
    }
}
