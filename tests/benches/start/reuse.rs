//! A first start of a new version beside the old one, from which it takes what has not changed, against a full first start.

use std::fs;
use std::process::Command;

use ekiben_tests::{Os, TestContext};

use crate::timing::{Contestant, Cost, cost, interleaved};

const ROUNDS: usize = 7;

/// The sample projects, what to type, and the source file that the new version changes.
const APPS: &[(&str, &[&str], &str)] =
    &[("hello", &[], "hello.py"), ("terminal", &["Sendai"], "src/terminal/meals.py"), ("data", &[], "data.py")];

pub(crate) fn run() {
    println!("{:20}{:>10}{:>12}{:>10}{:>12}", "new version", "full ms", "beside ms", "ratio", "ratio, cpu");
    for (app, arguments, changed) in APPS {
        let context = TestContext::new();
        let old = context.bundle(app, Os::Linux);
        let project = context.project(app);
        let source = fs::read_to_string(project.join(changed)).unwrap();
        fs::write(project.join(changed), source + "\n# changed\n").unwrap();
        let new = context.path("new");
        context.ekiben().arg("build").arg(&project).arg("--output").arg(&new).run().success();

        let start = |bundle: &std::path::Path, root: String| {
            cost(Command::new(bundle).args(*arguments).env("EKIBEN_ROOT", context.path(root)))
        };
        start(&new, "installs".to_owned());
        for round in 0..ROUNDS {
            start(&old, format!("beside-{round}"));
        }
        let contestants = vec![
            Contestant::new("later", |_| start(&new, "installs".to_owned())),
            Contestant::new("full", |round| start(&new, format!("full-{round}"))),
            Contestant::new("beside", |round| start(&new, format!("beside-{round}"))),
        ];
        let times = interleaved(contestants, ROUNDS);
        let beyond = |name, of: fn(&Cost) -> f64| times.beyond(name, "later", of);
        let (full, beside) = (beyond("full", |c| c.wall), beyond("beside", |c| c.wall));
        let cpu = beyond("beside", |c| c.cpu) / beyond("full", |c| c.cpu);
        println!("{app:20}{full:>10.0}{beside:>12.0}{:>10.2}{cpu:>12.2}", beside / full);
    }
}
