//! The host's own interpreter as a runtime, copied from wherever its parts are.
//!
//! Most builds keep everything below one prefix. Debian's keep the standard library in `/usr/lib/python3.11`
//! and the program in `/usr/bin`, among everything else: only what belongs to CPython is taken.

use std::path::Path;

use super::copy::CopyPlan;
use super::detect::Installation;
use super::interpreters::Interpreter;
use super::version::Wanted;
use crate::host::cache::Cache;
use crate::platform::Platform;

/// The newest interpreter of this machine that fits, and can be copied.
pub(super) fn find(wanted: &Wanted, cache: &Cache) -> Option<Interpreter> {
    let mut fitting: Vec<_> =
        Interpreter::all(cache).into_iter().filter(|found| wanted.allows(&found.version)).collect();
    // The distribution's own CPython looks for packages in places of its own. One that was built from source is better, if
    // it has the same minor version.
    let newest = fitting.first()?.version;
    fitting.retain(|found| found.version.same_minor(&newest));
    fitting.sort_by_key(|found| found.prefix == Path::new("/usr"));
    fitting.into_iter().next()
}

/// What to copy, and to where.
///
/// # Errors
/// When the interpreter's files can't be read.
pub(super) fn plan(interpreter: &Interpreter, platform: &'static dyn Platform) -> anyhow::Result<CopyPlan> {
    // uv's builds are whole in themselves, Tcl included.
    let by_uv = interpreter.prefix.file_name().is_some_and(|name| name.to_string_lossy().starts_with("cpython-"));
    if by_uv || !platform.is_spread_over_prefixes() {
        let (root, program) = (interpreter.prefix.clone(), interpreter.program.clone());
        return CopyPlan::from_installation(&Installation {
            root,
            platform,
            interpreter: program,
            version: interpreter.version,
        });
    }
    let minor = interpreter.version.minor();
    let stdlib = platform.stdlib(&interpreter.version);
    let mut plan = CopyPlan::new(platform);
    plan.file(interpreter.program.clone(), format!("bin/python{minor}"));
    plan.directory(&interpreter.stdlib, &stdlib)?;
    if let Some(extensions) = interpreter.extensions.as_ref().filter(|path| !path.starts_with(&interpreter.stdlib)) {
        plan.directory(extensions, &format!("{stdlib}/lib-dynload"))?;
    }
    add_tcl(&mut plan, interpreter)?;
    Ok(plan)
}

/// Adds the scripts of Tcl and Tk, which each system has in a place of its own. The libraries come along as any others.
///
/// # Errors
/// When they can't be read.
pub(super) fn add_tcl(plan: &mut CopyPlan, interpreter: &Interpreter) -> anyhow::Result<()> {
    let Some(tcl) = interpreter.tcl.as_deref().filter(|tcl| !tcl.starts_with(&interpreter.prefix)) else {
        return Ok(());
    };
    let (Some(above), Some(name)) = (tcl.parent(), tcl.file_name().and_then(|name| name.to_str())) else {
        return Ok(());
    };
    // `tcl8` holds Tcl's own modules, where they are not inside.
    let names = [name.to_owned(), name.replacen("tcl", "tk", 1), "tcl8".to_owned()];
    for name in names.iter().filter(|name| above.join(name).is_dir()) {
        plan.directory(&above.join(name), &format!("lib/{name}"))?;
    }
    Ok(())
}
