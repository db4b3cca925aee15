//! Who a service runs as on Windows, and what that account may do with the directories of an install root, as texts.
//!
//! A virtual account (`NT SERVICE\<name>`) has a security identifier that follows from its name, so that rights can be given
//! to it before the service exists: `S-1-5-80-` and the SHA-1 of the name in upper case and UTF-16, as five numbers
//! (MS-DTYP 2.4.2.4, `NT_SERVICE`; "sc showsid" computes the same).

use super::settings::{Account, Settings};

/// Full control for SYSTEM and Administrators, read and execute for everybody who can log on; protected, so that nothing is
/// inherited from the directory above (Security Descriptor String Format; `P` protected, `OICI` inherited by what is below,
/// `FA` full access, `0x1200a9` read and execute).
pub const PROGRAM: &str = "O:BAG:SYD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)";

/// The rights on `data` and `logs`, which services of these names write and nobody else reads.
pub fn service_directory(services: &[&str]) -> String {
    let mut text = "O:BAG:SYD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)".to_owned();
    for name in services {
        text.extend(["(A;OICI;", MODIFY, ";;;", &virtual_account_sid(name), ")"]);
    }
    text
}

/// The rights on what is noted of services, which may hold a password (`--env`): services of these names read it.
pub fn definitions(services: &[&str]) -> String {
    service_directory(services).replace(MODIFY, READ)
}

const MODIFY: &str = "0x1301bf";
const READ: &str = "0x1200a9";

/// The account of a service, as the service control manager takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowsAccount {
    /// `NT SERVICE\web`, `LocalSystem`, `DOMAIN\user`, …
    pub name: String,
    /// Whether it logs on with a password. Accounts of the system and of services have none, and neither have those that end
    /// with `$`: a domain manages theirs (gMSA).
    pub has_password: bool,
}

impl WindowsAccount {
    /// The one that these settings name.
    pub fn new(settings: &Settings) -> Self {
        let of_system = |name: &str| Self { name: name.to_owned(), has_password: false };
        let named = match &settings.account {
            Account::Own | Account::Dynamic => return of_system(&["NT SERVICE\\", settings.name.as_str()].concat()),
            Account::Named(name) => name.as_str(),
        };
        match named.to_ascii_lowercase().trim_start_matches("nt authority\\") {
            "localservice" | "local service" => of_system("NT AUTHORITY\\LocalService"),
            "networkservice" | "network service" => of_system("NT AUTHORITY\\NetworkService"),
            "localsystem" | ".\\localsystem" | "system" => of_system("LocalSystem"),
            other if other.ends_with('$') || other.starts_with("nt service\\") => of_system(named),
            other if other.contains(['\\', '@']) => Self { name: named.to_owned(), has_password: true },
            _ => Self { name: [".\\", named].concat(), has_password: true },
        }
    }
}

/// The security identifier of `NT SERVICE\<name>`, whose name is of ASCII ([`super::name`]).
pub fn virtual_account_sid(name: &str) -> String {
    let bytes: Vec<u8> = name.to_ascii_uppercase().encode_utf16().flat_map(u16::to_le_bytes).collect();
    let digest = sha1(&bytes);
    let numbers = digest.map(u32::swap_bytes).map(|number| number.to_string());
    format!("S-1-5-80-{}", numbers.join("-"))
}

/// SHA-1 (FIPS 180-4, 6.1), as five numbers. Of no use against a forger: Windows makes names of it, and so do we.
fn sha1(bytes: &[u8]) -> [u32; 5] {
    let mut message = bytes.to_vec();
    message.push(0x80);
    while message.len() % 64 != 56 {
        message.push(0);
    }
    message.extend((bytes.len() as u64 * 8).to_be_bytes());
    let mut state: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    for block in message.as_chunks::<64>().0 {
        let mut words: Vec<u32> = block.as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word)).collect();
        for at in 16..80 {
            let word = words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16];
            words.push(word.rotate_left(1));
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (at, word) in words.iter().enumerate() {
            let (mixed, constant) = match at {
                0..20 => (b & c | !b & d, 0x5a82_7999),
                20..40 => (b ^ c ^ d, 0x6ed9_eba1),
                40..60 => (b & c | b & d | c & d, 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6_u32),
            };
            let next = a.rotate_left(5).wrapping_add(mixed).wrapping_add(e).wrapping_add(constant).wrapping_add(*word);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
        }
        for (sum, part) in state.iter_mut().zip([a, b, c, d, e]) {
            *sum = sum.wrapping_add(part);
        }
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha_1_of_the_standards_examples() {
        let hex = |text: &[u8]| sha1(text).map(|number| format!("{number:08x}")).concat();
        assert_eq!(hex(b"abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(hex(b""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
        let two_blocks = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        assert_eq!(hex(two_blocks), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    }

    /// Microsoft, "Well-known SIDs" and "Service accounts": the identifier of TrustedInstaller is the same on every machine.
    #[test]
    fn the_identifier_of_a_virtual_account_follows_from_its_name() {
        let trusted_installer = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";
        assert_eq!(virtual_account_sid("TrustedInstaller"), trusted_installer);
        assert_eq!(virtual_account_sid("trustedinstaller"), trusted_installer);
    }

    #[test]
    fn nobody_but_admins_may_write_a_program_and_nobody_but_them_and_the_services_their_data() {
        let [web, worker] = ["web", "worker"].map(virtual_account_sid);
        let text = service_directory(&["web", "worker"]);
        assert!(text.starts_with("O:BAG:SYD:P(") && !text.contains(";BU)"));
        assert!(text.ends_with(&format!("(A;OICI;0x1301bf;;;{web})(A;OICI;0x1301bf;;;{worker})")), "{text}");
        assert_eq!(
            definitions(&["web"]),
            format!("O:BAG:SYD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;{web})")
        );
        assert_eq!(service_directory(&[]), "O:BAG:SYD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)");
        assert!(!PROGRAM.contains("WD") && PROGRAM.contains("D:P("));
    }

    #[test]
    fn an_account_is_one_that_the_manager_takes() {
        for (option, name, has_password) in [
            ("virtual", r"NT SERVICE\web", false),
            ("LocalService", r"NT AUTHORITY\LocalService", false),
            (r"NT AUTHORITY\NetworkService", r"NT AUTHORITY\NetworkService", false),
            ("LocalSystem", "LocalSystem", false),
            (r"DOMAIN\web$", r"DOMAIN\web$", false),
            (r"DOMAIN\me", r"DOMAIN\me", true),
            ("me@example.com", "me@example.com", true),
            ("me", r".\me", true),
        ] {
            let words = [("--account".to_owned(), option.to_owned())];
            let settings = Settings::new(&words, "web", "Web").unwrap();
            assert_eq!(
                WindowsAccount::new(&settings),
                WindowsAccount { name: name.to_owned(), has_password },
                "{option}"
            );
        }
    }
}
