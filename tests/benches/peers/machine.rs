//! What machine this is: figures mean little without it.

use std::fs;
use std::process::Command;
use std::thread;

/// `2 × Some Processor, Linux 6.1, ext4`
pub(crate) fn machine() -> String {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let processor = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let processor = processor.map_or("processor", |(_, name)| name);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let cache = crate::kept::path("x");
    let system = Command::new("stat").args(["-f", "-c", "%T"]).arg(cache.parent().unwrap()).output();
    let system = system.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} × {processor}, Linux {}, {system}", kernel.trim())
}

/// How busy it is: processes that wanted a core, on average of the last minute.
pub(crate) fn load() -> f64 {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0)
}

/// The day, as other programs write it.
pub(crate) fn day() -> String {
    let date = Command::new("date").args(["-u", "+%Y-%m-%d"]).output();
    date.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}
