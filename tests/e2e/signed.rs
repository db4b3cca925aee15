//! A bundle for Windows can be signed: the signature covers the payload, and the payload is found behind it.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use ekiben_tests::{Os, TestContext, Wine, windows_builds_or_skip};
use launcher::bundle::Bundle;

/// The bundle of `hello`, and a signed copy of it.
pub(crate) fn unsigned_and_signed(context: &TestContext) -> (PathBuf, PathBuf) {
    let unsigned = context.bundle("hello", Os::Windows);
    let request = "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -subj /CN=tests -days 2 \
                   -addext extendedKeyUsage=codeSigning";
    context.program("openssl").args(request.split_whitespace()).run().success();
    let sign = "sign -certs certificate.pem -key key.pem -h sha256 -in hello.exe -out signed.exe";
    context.program("osslsigncode").args(sign.split_whitespace()).run().success();
    (unsigned, context.path("signed.exe"))
}

/// The digest of the file that its signature speaks of, and the digest that it has. Nobody trusts a certificate that
/// the test has made, so the exit code says nothing.
fn digests(context: &TestContext, signed: &Path) -> [String; 2] {
    let said = context.program("osslsigncode").args(["verify", "-in"]).arg(signed).run().stdout;
    ["Current message digest", "Calculated message digest"].map(|name| {
        let line = said.lines().find(|line| line.starts_with(name)).unwrap();
        line.split(':').nth(1).unwrap().split_whitespace().next().unwrap().to_owned()
    })
}

/// Some bytes at its end, as a download service adds them.
fn append(path: &Path) {
    OpenOptions::new().append(true).open(path).unwrap().write_all(b"campaign=12&").unwrap();
}

#[test]
fn a_signed_bundle_is_verified_by_ekiben_and_by_its_signature() {
    if !windows_builds_or_skip() {
        return;
    }
    let context = TestContext::new();
    let (unsigned, signed) = unsigned_and_signed(&context);
    let [spoken_of, found] = digests(&context, &signed);
    assert_eq!((spoken_of.as_str(), spoken_of.len()), (found.as_str(), 64));
    let says = |path: &Path| {
        let said = context.ekiben().arg("verify").arg(path).run().quiet_stdout().to_owned();
        said.split_once(": ok, ").unwrap().1.to_owned()
    };
    let before = says(&unsigned);
    assert_eq!(says(&signed), before);
    append(&signed);
    assert_eq!(says(&signed), before);
}

#[test]
fn a_signature_covers_the_payload() {
    if !windows_builds_or_skip() {
        return;
    }
    let context = TestContext::new();
    let (_, signed) = unsigned_and_signed(&context);
    let [spoken_of, _] = digests(&context, &signed);
    let bundle = Bundle::open(&signed).unwrap();
    let footer = bundle.footer();
    for within in [0, footer.index_offset, footer.record_offset, footer.payload_len - 1] {
        let offset = bundle.payload_start() + within;
        let file = OpenOptions::new().read(true).write(true).open(&signed).unwrap();
        let mut byte = [0];
        file.read_exact_at(&mut byte, offset).unwrap();
        file.write_all_at(&[byte[0] ^ 1], offset).unwrap();
        let [now_spoken_of, found] = digests(&context, &signed);
        assert_eq!(now_spoken_of, spoken_of);
        assert_ne!(found, spoken_of, "a change at {offset} went unnoticed");
        file.write_all_at(&byte, offset).unwrap();
    }
}

#[test]
fn a_signed_bundle_runs_in_the_version_dir_of_the_unsigned_one() {
    let Some(wine) = Wine::or_skip() else { return };
    let context = TestContext::new();
    let (unsigned, signed) = unsigned_and_signed(&context);
    let runs = |path: &Path| {
        assert_eq!(wine.program(&context, path).run().quiet_stdout(), "Hello, world!\n");
        // Fails unless there is exactly one.
        context.version_dir("hello")
    };
    let version_dir = runs(&signed);
    assert_eq!(runs(&unsigned), version_dir);
    append(&signed);
    assert_eq!(runs(&signed), version_dir);
}
