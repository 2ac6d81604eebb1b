//! What a stretch of the run used: processor time, allocations, energy, memory.

use std::fs;

/// Ticks a second in `/proc`: `USER_HZ`, 100 on every Linux that Rust supports.
const TICKS_PER_S: f64 = 100.0;

/// The counters of this process at one moment. What the system does not tell is `None`.
#[derive(Clone, Copy, Debug, Default)]
pub struct UsageAt {
    /// Processor time of all threads so far, in seconds; of programs that it started only when they have ended.
    pub cpu_s: Option<f64>,
    /// Allocations so far.
    pub allocations: Option<u64>,
    /// Energy counter of the processor packages (RAPL), in joules. It runs over after some hours.
    pub energy_j: Option<f64>,
}

impl UsageAt {
    /// The counters now. `allocations` is the program's own count, where it keeps one.
    pub fn now(allocations: Option<u64>) -> Self {
        Self { cpu_s: cpu_s(), allocations, energy_j: energy_j() }
    }
}

/// The difference between two moments.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Processor time, in seconds.
    pub cpu_s: Option<f64>,
    /// Allocations.
    pub allocations: Option<u64>,
    /// Energy of the processor packages, everything that ran on them included, in joules.
    pub energy_j: Option<f64>,
}

impl Usage {
    /// From one moment to a later one.
    pub fn between(before: &UsageAt, after: &UsageAt) -> Self {
        let energy_j = after.energy_j.zip(before.energy_j).map(|(after, before)| after - before);
        Self {
            cpu_s: after.cpu_s.zip(before.cpu_s).map(|(after, before)| after - before),
            allocations: after.allocations.zip(before.allocations).map(|(after, before)| after - before),
            // A counter that ran over tells nothing.
            energy_j: energy_j.filter(|joules| *joules >= 0.0),
        }
    }
}

/// Most memory that this process has had at once, in MB.
pub fn peak_memory_mb() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}

fn cpu_s() -> Option<f64> {
    cpu_s_of(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// `utime` and `stime`: fields 14 and 15 (proc(5)); the second field, a name, may hold spaces.
fn cpu_s_of(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS_PER_S)
}

fn energy_j() -> Option<f64> {
    let zones = fs::read_dir("/sys/class/powercap").ok()?.flatten();
    let packages = zones.filter(|zone| {
        let name = zone.file_name().to_string_lossy().into_owned();
        name.starts_with("intel-rapl:") && name.matches(':').count() == 1
    });
    let joules: Vec<f64> = packages
        .filter_map(|zone| {
            let micro = fs::read_to_string(zone.path().join("energy_uj")).ok()?;
            Some(micro.trim().parse::<f64>().ok()? * 1e-6)
        })
        .collect();
    (!joules.is_empty()).then(|| joules.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_past_odd_names() {
        let stat = "42 (a) b (c) S 1 42 42 0 -1 4194304 100 0 0 0 250 50 7 8 20 0 4 0 1 2 3";
        assert_eq!(cpu_s_of(stat), Some(3.0));
        assert_eq!(cpu_s_of("42 (a) S 1"), None);
    }

    #[test]
    fn a_counter_that_ran_over_tells_nothing() {
        let at =
            |cpu_s, energy_j| UsageAt { cpu_s: Some(cpu_s), allocations: None, energy_j: Some(energy_j) };
        let usage = Usage::between(&at(1.0, 90.0), &at(3.5, 2.0));
        assert_eq!((usage.cpu_s, usage.energy_j, usage.allocations), (Some(2.5), None, None));
    }
}
