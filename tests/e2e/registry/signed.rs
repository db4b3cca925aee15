//! A bundle for Windows can be signed: the signature covers the payload, and the payload is found behind it.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::{fs, thread};

use bundle::Bundle;
use ekiben_tests::{Os, TestContext, windows_builds_or_skip};

/// A pair of key and certificate that nobody trusts, for one purpose.
pub(crate) fn certify(context: &TestContext, name: &str, purpose: &str) {
    let request = format!(
        "req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.pem -subj /CN=tests -days 2 \
         -addext extendedKeyUsage={purpose}"
    );
    context.program("openssl").args(request.split_whitespace()).run().success();
}

/// Runs `osslsigncode` in the test's directory, and returns the file it made.
pub(crate) fn osslsigncode(context: &TestContext, arguments: &str, output: &str) -> PathBuf {
    context.program("osslsigncode").args(arguments.split_whitespace()).args(["-out", output]).run().success();
    context.path(output)
}

pub(crate) const SIGN: &str = "sign -certs signer.pem -key signer.key -h sha256";

/// The bundle of `hello`, and a signed copy of it.
pub(crate) fn unsigned_and_signed(context: &TestContext) -> (PathBuf, PathBuf) {
    let unsigned = context.bundle("hello", Os::Windows);
    certify(context, "signer", "codeSigning");
    (unsigned, osslsigncode(context, &format!("{SIGN} -in hello.exe"), "signed.exe"))
}

/// Copies of `hello.exe` that a publisher's tools may have made: with a timestamp (RFC 3161), with a blob that no signature
/// covers, with a signature made elsewhere, and with one that was taken away again.
pub(crate) fn signed_in_other_ways(context: &TestContext) -> Vec<PathBuf> {
    let url = timestamps(context);
    let stamped = osslsigncode(context, &format!("{SIGN} -ts {url} -in hello.exe"), "stamped.exe");
    let said = context.program("osslsigncode").args(["verify", "-in"]).arg(&stamped).run().stdout;
    assert!(said.contains("Timestamp time"), "{said}");
    let blob = osslsigncode(context, &format!("{SIGN} -addUnauthenticatedBlob -in hello.exe"), "blob.exe");
    osslsigncode(context, "extract-signature -in signed.exe", "signature");
    let attach = "attach-signature -CAfile signer.pem -sigin signature -in hello.exe";
    let attached = osslsigncode(context, attach, "attached.exe");
    let stripped = osslsigncode(context, "remove-signature -in stamped.exe", "stripped.exe");
    vec![stamped, blob, attached, stripped]
}

/// A timestamp authority of our own: its address. It lives as long as the tests.
pub(crate) fn timestamps(context: &TestContext) -> String {
    certify(context, "authority", "critical,timeStamping");
    let directory = context.root().to_str().unwrap();
    let settings = format!(
        "[tsa]\ndefault_tsa = ours\n[ours]\nserial = {directory}/serial\nsigner_digest = sha256\n\
         default_policy = 1.2.3.4.1\ndigests = sha256\n"
    );
    context.write("authority.conf", settings);
    let reply =
        "ts -reply -config authority.conf -queryfile query -inkey authority.key -signer authority.pem -out reply";
    let authority = context.program("openssl").args(reply.split_whitespace());
    let (query, answer) = (context.path("query"), context.path("reply"));
    let server = tiny_http::Server::http("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", server.server_addr());
    thread::spawn(move || {
        for mut request in server.incoming_requests() {
            let mut asked = Vec::new();
            request.as_reader().read_to_end(&mut asked).unwrap();
            fs::write(&query, asked).unwrap();
            authority.run().success();
            let kind = tiny_http::Header::from_bytes("Content-Type", "application/timestamp-reply").unwrap();
            drop(request.respond(tiny_http::Response::from_data(fs::read(&answer).unwrap()).with_header(kind)));
        }
    });
    url
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
pub(crate) fn append(path: &Path) {
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
    let others = signed_in_other_ways(&context);
    append(&signed);
    assert_eq!(says(&signed), before);
    for other in others {
        assert_eq!(says(&other), before, "{}", other.display());
        append(&other);
        assert_eq!(says(&other), before, "{}", other.display());
    }
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
