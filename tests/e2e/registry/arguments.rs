//! What the user types is what the app gets, byte for byte (on Unix; `windows.rs` has the same for Windows).

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use ekiben_tests::{Os, TestContext, hex};
use serde_json::json;

#[test]
fn every_argument_reaches_python_byte_for_byte() {
    let context = TestContext::new();
    let path = context.bundle("probe", Os::Linux);
    let long = "x".repeat(100_000);
    let table: Vec<Vec<OsString>> = vec![
        vec![],
        vec!["".into()],
        vec!["".into(), " ".into(), "".into()],
        vec!["a b".into(), "\t".into(), "new\nline".into()],
        vec!["'".into(), "\"".into(), "\\".into(), "\\\\\"".into(), "$HOME `id` *".into()],
        // Each of them means something to Python, or to a launcher, unless it comes after the script.
        vec!["-c".into(), "print(1)".into()],
        vec!["-m".into(), "http.server".into()],
        vec!["-V".into()],
        vec!["--".into(), "--help".into()],
        vec!["-".into()],
        vec!["-I".into(), "-S".into(), "-X".into(), "utf8".into()],
        vec!["self".into(), "info".into()],
        vec!["grüße".into(), "弁当".into(), "🍱".into(), "e\u{301}".into()],
        vec![OsString::from_vec(vec![0xff]), OsString::from_vec(b"caf\xe9 \xc3".to_vec())],
        vec![OsString::from_vec(vec![0xed, 0xa0, 0x80])],
        vec![OsString::from_vec((1..=255).collect())],
        vec![long.into()],
        (0..2_000).map(|n| n.to_string().into()).collect(),
    ];
    for arguments in table {
        let run = context.program(&path).arg("argv").args(&arguments).run();
        let expected: Vec<String> = [path.clone().into(), "argv".into()].iter().chain(&arguments).map(hex).collect();
        assert_eq!(run.json(), json!(expected), "{arguments:?}");
    }
}

#[test]
fn arguments_survive_an_ascii_locale() {
    let context = TestContext::new();
    let path = context.bundle("probe", Os::Linux);
    for locale in ["C", "POSIX", "no_SUCH.locale"] {
        let odd = OsString::from_vec(b"\xc3\xa4 \xff".to_vec());
        let run = context.program(&path).env("LANG", locale).env("LC_ALL", locale).arg("argv").arg(&odd).run();
        assert_eq!(run.json()[2], hex(&odd), "{locale}");
    }
}

#[test]
fn the_name_of_the_program_is_what_the_user_typed_or_its_path_if_path_was_searched() {
    let context = TestContext::new();
    let path = context.bundle("probe", Os::Linux);
    let directory = path.parent().unwrap();
    let typed = |script: &str| {
        let shell = context.program("bash").args(["-c", script]).directory(directory);
        shell.env("PATH", format!("{}:/usr/bin:/bin", directory.display())).run().json()[0].clone()
    };
    assert_eq!(typed("./probe argv"), hex("./probe"));
    assert_eq!(typed("probe argv"), hex(directory.join("probe")));
    assert_eq!(typed("exec -a -probe ./probe argv"), hex("-probe"));
    assert_eq!(typed("\"$PWD/./probe\" argv"), hex(directory.join("./probe")));
    assert_eq!(typed("exec -a 'another name' ./probe argv"), hex("another name"));
}
