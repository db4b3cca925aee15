//! `[tool.ekiben.sign]`: a build that signs, and what it makes of signers that fail.

use std::fs;
use std::path::{Path, PathBuf};

use ekiben_tests::{Os, Outcome, Recipe, TestContext, sha256, windows_builds_or_skip};

pub(crate) const OSSLSIGNCODE: &str = r#"["osslsigncode", "sign", "-certs", "certificate.pem", "-key", "key.pem", "-h", "sha256",
    "-in", "{input}", "-out", "{output}"]"#;

/// A copy of `hello` that is signed by this command, in a directory with a certificate.
pub(crate) struct Signing {
    pub(crate) context: TestContext,
    pub(crate) project: PathBuf,
    pub(crate) output: PathBuf,
}

impl Signing {
    pub(crate) fn by(command: &str) -> Self {
        let context = TestContext::new();
        let project = context.project("hello");
        let file = project.join("pyproject.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{text}\n[tool.ekiben.sign]\ncommand = {command}\n")).unwrap();
        let request = "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -days 2 \
                       -subj /C=JP/O=Ekiben/CN=tests -addext extendedKeyUsage=codeSigning";
        context.program("openssl").args(request.split_whitespace()).directory(&project).run().success();
        let output = context.path("hello.exe");
        Self { context, project, output }
    }

    pub(crate) fn build(&self, os: Os, more: &[&str]) -> Outcome {
        let recipe = more.iter().fold(Recipe::new("hello", os), |recipe, argument| recipe.arg(*argument));
        let build = self.context.ekiben().args(recipe.arguments(&self.project, &self.output));
        build.env("SIGNING_PASSWORD", "s3cret").run()
    }

    /// What `osslsigncode`, which trusts the certificate, says of a file.
    pub(crate) fn verified(&self, file: &Path) -> Outcome {
        let authority = self.project.join("certificate.pem");
        self.context.program("osslsigncode").arg("verify").arg("-CAfile").arg(authority).arg("-in").arg(file).run()
    }

    /// What is beside the output: nothing, if nobody leaves anything.
    pub(crate) fn beside(&self) -> Vec<String> {
        let ours = ["home", "installs", "projects", "tmp"];
        let names = fs::read_dir(self.context.root()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        names.filter(|name| !ours.contains(&name.as_str())).collect()
    }
}

#[test]
fn a_build_signs_and_the_signature_is_valid() {
    if !windows_builds_or_skip() {
        return;
    }
    let signing = Signing::by(OSSLSIGNCODE);
    let built = signing.build(Os::Windows, &["--json", "--quiet"]).json();
    assert_eq!(signing.verified(&signing.output).code, Some(0), "{:#?}", signing.verified(&signing.output));
    assert_eq!(built["size"], fs::metadata(&signing.output).unwrap().len());
    assert_eq!(signing.beside(), ["hello.exe"]);

    let ekiben = |arguments: &[&str]| signing.context.ekiben().args(arguments).arg(&signing.output).run();
    let signature = ekiben(&["inspect", "--json"]).json()["windows"]["signature"].clone();
    assert_eq!(signature, serde_json::json!({"signer": "CN=tests,O=Ekiben,C=JP", "intact": true}));
    let said = ekiben(&["inspect"]);
    assert!(said.quiet_stdout().contains("signed by    CN=tests,O=Ekiben,C=JP, and not changed since\n"), "{said:#?}");
    ekiben(&["verify"]).success();

    let mut bytes = fs::read(&signing.output).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&signing.output, bytes).unwrap();
    assert_eq!(ekiben(&["inspect", "--json"]).json()["windows"]["signature"]["intact"], false);
}

#[test]
fn a_signer_that_works_in_place_or_in_a_shell_is_as_good() {
    if !windows_builds_or_skip() {
        return;
    }
    let signing = Signing::by(
        r#"["sh", "-c", "test \"$1\" = \"$SIGNING_PASSWORD\" && osslsigncode sign -certs certificate.pem -key key.pem -in \"$0\" -out new && mv new \"$0\"", "{file}", "{env:SIGNING_PASSWORD}"]"#,
    );
    let outcome = signing.build(Os::Windows, &["--verbose"]);
    outcome.success();
    assert!(outcome.stderr.contains("{env:SIGNING_PASSWORD}") && !outcome.stderr.contains("s3cret"), "{outcome:#?}");
    assert_eq!(signing.verified(&signing.output).code, Some(0));
}

#[test]
fn a_signer_that_fails_or_does_damage_leaves_the_earlier_file() {
    if !windows_builds_or_skip() {
        return;
    }
    let sh =
        |script: &str| format!(r#"["sh", "-c", "{script}", "{{input}}", "{{output}}", "{{env:SIGNING_PASSWORD}}"]"#);
    let really = "osslsigncode sign -certs certificate.pem -key key.pem -in $0 -out $1 >&2";
    let failing = [
        (
            sh("echo no token for $2; exit 3"),
            "failed with exit status: 3:\nno token for …\nhelp: no bundle was written",
        ),
        (sh("kill $$"), "the signer of [tool.ekiben.sign], failed with signal: 15"),
        (sh("exit 0"), "is not the signed bundle: it wrote no file: "),
        (sh("cp $0 $1"), "is not the signed bundle: it carries no signature"),
        (sh("head -c 100000 $0 > $1"), "is not the signed bundle: no payload found"),
        (sh(&format!("{really}; truncate -s -200 $1")), "its signature can't be read: the file ends before it"),
        (sh(&format!("{really}; printf x | dd of=$1 bs=1 seek=64 conv=notrunc")), "its signature is for other bytes"),
        (
            sh(&format!("{really}; printf x | dd of=$1 bs=1 seek=3000000 conv=notrunc")),
            "its signature is for other bytes",
        ),
        (r#"["no-such-signer", "{file}"]"#.to_owned(), "could not run `no-such-signer`"),
        (
            r#"["sign", "{env:NOT_SET_ANYWHERE}", "{file}"]"#.to_owned(),
            "needs the variable `NOT_SET_ANYWHERE`, which is not set",
        ),
        (r#"["sign"]"#.to_owned(), "pyproject.toml:11: `command` does not say which file to sign"),
    ];
    for (command, complaint) in failing {
        let signing = Signing::by(&command);
        fs::write(&signing.output, "the earlier file").unwrap();
        let outcome = signing.build(Os::Windows, &["--quiet", "--force"]);
        let said = signing.context.complaint(&outcome, 1);
        assert!(said.contains(complaint) && said.contains("\nhelp: "), "{command}: {said}");
        assert!(!said.contains("s3cret"), "{said}");
        assert_eq!(
            (signing.beside(), fs::read_to_string(&signing.output).unwrap().as_str()),
            (vec!["hello.exe".to_owned()], "the earlier file")
        );
    }
}

#[test]
fn without_a_signature_the_file_is_the_same_as_ever() {
    if !windows_builds_or_skip() {
        return;
    }
    let signing = Signing::by(r#"["false", "{file}"]"#);
    signing.build(Os::Windows, &["--quiet", "--no-sign"]).success();
    let plain = signing.context.bundle("hello", Os::Windows);
    assert_eq!(sha256(&signing.output), sha256(&plain));
}

#[test]
fn a_bundle_for_linux_stays_unsigned_and_that_is_said() {
    let signing = Signing::by(r#"["false", "{file}"]"#);
    let outcome = signing.build(Os::Linux, &[]);
    outcome.success();
    let note = "note: [tool.ekiben.sign] is for Windows; a bundle for x86_64-unknown-linux-gnu has no signature\n";
    assert!(outcome.stderr.contains(note), "{outcome:#?}");
}

#[test]
fn a_password_that_is_wrong_or_that_nobody_reads_is_not_shown() {
    if !windows_builds_or_skip() {
        return;
    }
    let wrong = Signing::by(
        "[\"sh\", \"-c\", \"read -r p; echo bad password $p $P; exit 1\", \"{file}\"]\n\
         stdin = \"{env:SIGNING_PASSWORD}\"\nenv = { P = \"<{env:SIGNING_PASSWORD}>\" }",
    );
    let said = wrong.context.complaint(&wrong.build(Os::Windows, &["--quiet"]), 1);
    assert!(said.contains("bad password … <…>") && !said.contains("s3cret"), "{said}");
    let unread = Signing::by(&format!("{OSSLSIGNCODE}\nstdin = \"{}\"", "x".repeat(200_000)));
    unread.build(Os::Windows, &["--quiet"]).success();
    assert_eq!(unread.verified(&unread.output).code, Some(0));
    for more in ["env = { \"A=B\" = \"x\" }", "env = { A = 1 }", "stdin = [\"x\"]"] {
        let signing = Signing::by(&format!("{OSSLSIGNCODE}\n{more}"));
        let said = signing.context.complaint(&signing.build(Os::Windows, &["--quiet"]), 1);
        assert!(said.contains("pyproject.toml:") && said.contains("\nhelp: "), "{said}");
    }
}
