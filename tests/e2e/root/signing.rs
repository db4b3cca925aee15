//! As `registry::signing`: the tests that need root.

use std::fs;

use ekiben_tests::{Os, Root, windows_builds_or_skip};

use crate::registry::signing::Signing;

/// Signs with the real signer, which waits for its password until another account has listed all programs of the machine.
const WATCHED: &str = r#"#!/bin/sh
exec 3<&0
{
    until grep -qa -e -readpass "$3"; do
        setpriv --reuid=64361 --regid=64361 --clear-groups env -i PATH="$PATH" sh -c 'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ' >"$3" 2>/dev/null
    done
    if [ -n "$OSSL_PASSWORD" ]; then printf %s "$OSSL_PASSWORD"; else cat <&3; fi
} | osslsigncode sign -certs certificate.pem -key locked.pem -readpass - -h sha256 -in "$1" -out "$2" >&2
"#;

#[test]
fn a_password_in_a_variable_or_on_standard_input_is_no_other_accounts_to_see() {
    let Some(_) = Root::or_skip().filter(|_| windows_builds_or_skip()) else { return };
    for (more, argument, is_seen) in [
        ("stdin = \"{env:SIGNING_PASSWORD}\"", "", false),
        ("env = { OSSL_PASSWORD = \"{env:SIGNING_PASSWORD}\" }", "", false),
        ("stdin = \"{env:SIGNING_PASSWORD}\\n\"", ", \"{env:SIGNING_PASSWORD}\"", true),
    ] {
        let command = format!("[\"sh\", \"sign.sh\", \"{{input}}\", \"{{output}}\", \"seen\"{argument}]\n{more}");
        let signing = Signing::by(&command);
        fs::write(signing.project.join("sign.sh"), WATCHED).unwrap();
        fs::write(signing.project.join("seen"), "").unwrap();
        let lock = "rsa -aes256 -in key.pem -out locked.pem -passout pass:s3cret";
        signing.context.program("openssl").args(lock.split_whitespace()).directory(&signing.project).run().success();
        let built = signing.build(Os::Windows, &["--verbose"]);
        built.success();
        assert_eq!(signing.verified(&signing.output).code, Some(0));
        let seen = String::from_utf8_lossy(&fs::read(signing.project.join("seen")).unwrap()).into_owned();
        assert!(seen.contains("osslsigncode"), "{seen}");
        assert_eq!(seen.contains("s3cret"), is_seen, "{more}: {seen}");
        assert!(!built.stderr.contains("s3cret"), "{built:#?}");
        let note = "note: the arguments of a program can be listed by every account of this machine, and one of the \
                    signer's is made of `SIGNING_PASSWORD`: give it in `env` or `stdin`";
        assert_eq!(built.stderr.contains(note), is_seen, "{built:#?}");
    }
}
