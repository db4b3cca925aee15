//! `lazy-imports = "auto"`: which packages work when their import statements are lazy, found out by starting the app.
//!
//! 1. Each command line of `lazy-imports-trial` is run without lazy imports, twice: how it ends and what it prints is what
//!    the lazy app has to do, too, except for what differs between these two.
//! 2. All is made lazy. If a command then ends differently, packages are excepted, one after another: a binary search finds
//!    the shortest beginning of the sorted names that has to be excepted, and the last name of it is at fault.
//! 3. Lazy are the packages whose statements ran in the last trial, less those that are excepted: others were not tried.
//!
//! The same app and the same commands have the same result, which the cache keeps.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::config::{LazyImports, LazyPackages};
use crate::context::BuildContext;
use crate::host::digest;
use crate::packing::stage::{Parts, StagedLayer};
use crate::packing::start_script::{Laziness, Recorded, StartScript};
use crate::platform::PythonVersion;
use crate::report::failure::Failure;

mod trial;
pub mod write;

use trial::{Ended, Trial};

/// The first minor version of CPython 3 with lazy imports (<https://peps.python.org/pep-0810/>).
const FIRST_MINOR: u8 = 15;

/// Changes with how it is found out.
const RECIPE: &str = "1";

/// What a build has decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The packages whose import statements are lazy.
    pub packages: Vec<String>,
    /// Packages with which nothing is lazy.
    pub except: Vec<String>,
    /// The command lines that were run.
    pub trials: Vec<String>,
}

impl Choice {
    /// The same for the start script.
    pub fn laziness(&self) -> Laziness {
        listed(&self.packages, &self.except)
    }
}

/// What runs as a program belongs to the app, whatever its package is.
fn listed(packages: &[String], except: &[String]) -> Laziness {
    Laziness { packages: Some([&["__main__".to_owned()], packages].concat()), except: except.to_vec() }
}

/// Makes sure that the runtime knows lazy imports, if the project wants them.
///
/// # Errors
/// When it does not.
pub fn check_version(lazy: &LazyImports, version: &PythonVersion) -> Result<(), Failure> {
    if lazy.packages == LazyPackages::None || version.minor >= FIRST_MINOR {
        return Ok(());
    }
    Err(Failure::new(format!("`lazy-imports` needs CPython 3.{FIRST_MINOR} or newer, and the runtime is {version}"))
        .help(format!("choose one with `python = \"3.{FIRST_MINOR}\"`, or leave `lazy-imports` out")))
}

/// What a project asks for, if that can be said without a trial; `None` if nothing is lazy.
pub fn configured(context: BuildContext<'_>) -> Option<Laziness> {
    let lazy = &context.project.lazy_imports;
    match &lazy.packages {
        LazyPackages::None | LazyPackages::Auto => None,
        LazyPackages::All => Some(Laziness { packages: None, except: lazy.except.clone() }),
        LazyPackages::Named(names) => Some(listed(names, &lazy.except)),
    }
}

/// Finds out by trial, in a version dir made of these layers.
///
/// # Errors
/// When the app does not run here, or ends differently with lazy imports whatever is excepted.
pub fn determine(layers: &[StagedLayer], context: BuildContext<'_>, parts: &Parts) -> anyhow::Result<Choice> {
    let lazy = &context.project.lazy_imports;
    if !parts.runtime.runs_here {
        return Err(Failure::new(format!("`lazy-imports = \"auto\"` runs the app, which is for {}", context.target))
            .help("build it for this machine once with `--write`: the list that this writes is for every target")
            .into());
    }
    let keys = layers.iter().map(|layer| layer.key.clone());
    let words = lazy.trial.iter().map(|words| words.join("\0"));
    // With it a change of what a trial runs is another trial.
    let script = listed(&[], &[String::new()]).begin_recording(Recorded::Lazy, Path::new(""));
    let facts: Vec<_> = keys.chain(words).chain([script]).chain(lazy.except.iter().cloned()).collect();
    let key = digest::of_facts(std::iter::once(RECIPE).chain(facts.iter().map(String::as_str)));
    let known = std::fs::read(context.cache.entry("lazy-imports", &key)).ok();
    if let Some(choice) = known.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
        return Ok(choice);
    }
    let _step = context.report.step("trying lazy imports");
    let choice = try_out(layers, context, parts)?;
    context.cache.write("lazy-imports", &key, &serde_json::to_vec(&choice)?)?;
    Ok(choice)
}

fn try_out(layers: &[StagedLayer], context: BuildContext<'_>, parts: &Parts) -> anyhow::Result<Choice> {
    let lazy = &context.project.lazy_imports;
    let platform = context.target.platform();
    let script = StartScript::new(context.project, &parts.application, &parts.runtime.site_packages, platform);
    let mut trial = Trial::new(layers, context, parts, script)?;
    let mut expected = Vec::new();
    let mut candidates = BTreeSet::new();
    for words in &lazy.trial {
        let mut eager = || trial.run(words, &Laziness::default(), Recorded::Eager);
        let (Some(first), Some(second)) = (eager()?, eager()?) else {
            context.report.notice(format!(
                "`{}` had not ended after {} s: it says nothing about lazy imports",
                shown(words),
                trial::PATIENCE.as_secs()
            ));
            continue;
        };
        if first.code != Some(0) {
            context
                .report
                .notice(format!("`{}` fails without lazy imports, too: it says little about them", shown(words)));
        }
        candidates.extend(first.importing.iter().chain(&first.imported).cloned());
        expected.push(Expected {
            words: words.clone(),
            code: first.code,
            output: (first.output == second.output).then_some(first.output),
        });
    }
    if expected.is_empty() {
        return Err(Failure::new("no command of `lazy-imports-trial` ends by itself")
            .help("name some that do: `lazy-imports-trial = [\"--version\", \"list --limit 1\"]`")
            .into());
    }
    let mut works = |except: &[String]| -> anyhow::Result<Option<BTreeSet<String>>> {
        let laziness = Laziness { packages: None, except: except.to_vec() };
        let mut importing = BTreeSet::new();
        for expected in &expected {
            match trial.run(&expected.words, &laziness, Recorded::Lazy)? {
                Some(ended) if expected.is_met_by(&ended) => importing.extend(ended.importing),
                _ => return Ok(None),
            }
        }
        Ok(Some(importing))
    };
    let candidates: Vec<String> = candidates.into_iter().filter(|name| !lazy.except.contains(name)).collect();
    let (except, importing) = exceptions(lazy.except.clone(), &candidates, &mut works)?;
    // `__main__` is the app, and is lazy anyway where there is a list.
    let packages = importing.into_iter().filter(|name| !except.contains(name) && name != "__main__").collect();
    Ok(Choice { packages, except, trials: expected.iter().map(|expected| shown(&expected.words)).collect() })
}

/// The packages to except, sorted, and what `works` says then.
fn exceptions<T>(
    mut except: Vec<String>,
    candidates: &[String],
    works: &mut dyn FnMut(&[String]) -> anyhow::Result<Option<T>>,
) -> anyhow::Result<(Vec<String>, T)> {
    loop {
        if let Some(result) = works(&except)? {
            except.sort();
            return Ok((except, result));
        }
        let left: Vec<_> = candidates.iter().filter(|name| !except.contains(name)).cloned().collect();
        let mut works_without = |count: usize| anyhow::Ok(works(&[&except[..], &left[..count]].concat())?.is_some());
        if left.is_empty() || !works_without(left.len())? {
            return Err(Failure::new("the app ends differently with lazy imports, whichever packages are excepted")
                .help("build it without `lazy-imports`, or name other commands in `lazy-imports-trial`")
                .into());
        }
        let (mut fails, mut enough) = (0, left.len());
        while fails + 1 < enough {
            let middle = usize::midpoint(fails, enough);
            if works_without(middle)? { enough = middle } else { fails = middle }
        }
        except.push(left[enough - 1].clone());
    }
}

/// How a command ends without lazy imports.
struct Expected {
    words: Vec<String>,
    code: Option<i32>,
    /// What it prints, if that is the same each time.
    output: Option<Vec<u8>>,
}

impl Expected {
    fn is_met_by(&self, ended: &Ended) -> bool {
        self.code == ended.code && self.output.as_ref().is_none_or(|output| *output == ended.output)
    }
}

fn shown(words: &[String]) -> String {
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_packages_at_fault_are_found_and_no_others() {
        let candidates = names("a b c d e f g h i j k l m n o p");
        for (begin, faulty) in [("", ""), ("", "a"), ("", "p"), ("", "c m"), ("c", "c m"), ("", "a b o p")] {
            let mut runs = 0;
            let mut works = |except: &[String]| {
                runs += 1;
                Ok(names(faulty).iter().all(|name| except.contains(name)).then_some(()))
            };
            let (except, ()) = exceptions(names(begin), &candidates, &mut works).unwrap();
            assert_eq!(except, names(faulty));
            assert!(runs <= 1 + 6 * names(faulty).len(), "{runs} runs for {faulty}");
        }
        let mut never = |_: &[String]| Ok(None::<()>);
        let error = exceptions(Vec::new(), &candidates, &mut never).unwrap_err();
        assert!(error.to_string().contains("whichever packages are excepted"));
    }
}
