//! Rules about what is linked.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::sources::top;

/// Every crate that any launcher links, those of both systems together. Adding one needs a reason: see
/// `docs/ARCHITECTURE.md`, "What the launcher links".
const LAUNCHER_LINKS: &[&str] = &[
    "bitflags",
    "block-buffer",
    "cfg-if",
    "cpufeatures",
    "crypto-common",
    "digest",
    "dirs",
    "dirs-sys",
    "ekiben-bundle",
    "ekiben-launcher",
    "filetime",
    "hmac-sha256",
    "hybrid-array",
    "itoa",
    "jiff",
    "jiff-core",
    "lexopt",
    "libc",
    "linux-raw-sys",
    "memchr",
    "option-ext",
    "rustix",
    "serde",
    "serde_core",
    "serde_json",
    "sha2",
    "strsim",
    "tar",
    "thiserror",
    "typenum",
    "windows",
    "windows-collections",
    "windows-core",
    "windows-future",
    "windows-link",
    "windows-numerics",
    "windows-registry",
    "windows-result",
    "windows-strings",
    "windows-sys",
    "windows-threading",
    "zmij",
    "zstd",
    "zstd-safe",
    "zstd-sys",
];

#[test]
fn the_launcher_links_what_the_list_says() {
    let mut found = BTreeSet::new();
    for target in ["x86_64-unknown-linux-gnu", "x86_64-pc-windows-msvc"] {
        let tree = Command::new(env!("CARGO"))
            .args(["tree", "--locked", "--package", "ekiben-launcher", "--edges", "normal,no-proc-macro"])
            .args(["--prefix", "none", "--format", "{lib} {p}", "--target", target])
            .current_dir(top())
            .output()
            .unwrap();
        assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
        let names = String::from_utf8(tree.stdout).unwrap();
        found.extend(names.lines().filter_map(|line| Some(line.split(' ').nth(1)?.to_owned())));
    }
    let listed: BTreeSet<_> = LAUNCHER_LINKS.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(found, listed);
    for forbidden in ["clap", "indicatif", "ureq", "rustls", "hyper", "reqwest", "self_update"] {
        assert!(!found.contains(forbidden), "{forbidden}");
    }
}

/// The only shipped program with a network stack is the updater, and no other program links its packages.
#[test]
fn only_the_updater_links_a_network_stack() {
    let tree = |package: &str| {
        let tree = Command::new(env!("CARGO"))
            .args(["tree", "--locked", "--package", package, "--edges", "normal", "--prefix", "none"])
            .current_dir(top())
            .output()
            .unwrap();
        String::from_utf8(tree.stdout).unwrap()
    };
    assert!(tree("ekiben-updater").contains("\nureq ") && tree("ekiben-updater").contains("\nrustls "));
    for package in ["ekiben-bundle", "ekiben-launcher", "ekiben-release"] {
        let linked = tree(package);
        for forbidden in ["ureq ", "rustls ", "ekiben-updater "] {
            assert!(!linked.lines().any(|line| line.starts_with(forbidden)), "{package} links {forbidden}");
        }
    }
}

#[test]
fn the_package_bundle_depends_on_no_other_package_of_ours() {
    let manifest = fs::read_to_string(top().join("launcher/bundle/Cargo.toml")).unwrap();
    let ours = manifest.lines().filter(|line| line.starts_with("ekiben-")).collect::<Vec<_>>();
    assert_eq!(ours, [""; 0]);
}

#[test]
fn versions_of_dependencies_stand_in_one_place() {
    for member in
        ["launcher", "launcher/bundle", "launcher/release", "launcher/updater", "builder", "payload-fixtures", "tests"]
    {
        let manifest = fs::read_to_string(top().join(member).join("Cargo.toml")).unwrap();
        let own = manifest.lines().find(|line| {
            let line = line.trim();
            !line.starts_with("version.workspace")
                && (line.contains("version = \"")
                    || line.split_once(" = ").is_some_and(|(_, v)| v.starts_with("\"0.") || v.starts_with("\"1.")))
        });
        assert_eq!(own, None, "{member}/Cargo.toml");
    }
}

/// The fuzzers are a workspace of their own, so they can't inherit settings from the main workspace: settings that both
/// have must be the same.
#[test]
fn the_fuzzers_take_the_versions_of_the_workspace() {
    let ours = fs::read_to_string(top().join("Cargo.toml")).unwrap();
    let theirs = fs::read_to_string(top().join("launcher/fuzz/Cargo.toml")).unwrap();
    let dependencies = theirs.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let others: Vec<_> = dependencies
        .lines()
        .filter(|line| !line.is_empty() && !line.contains("path = ") && !ours.lines().any(|own| own == *line))
        .collect();
    assert_eq!(others, ["libfuzzer-sys = \"0.4\""]);
}
