//! What the figures were measured on.

use std::fs;

use serde::{Deserialize, Serialize};

/// The machine card. What the system does not tell is `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Processor, as it names itself.
    pub cpu: Option<String>,
    /// Threads that may run at once.
    pub cores: usize,
    /// Vector instruction sets that the program can use here.
    pub features: Vec<String>,
    /// Memory, in MB.
    pub memory_mb: Option<u64>,
    /// Operating system and processor family, as Rust names them.
    pub system: String,
    /// Distribution, and version of the kernel.
    pub release: Option<String>,
    /// How the system sets the clock of the first core (`performance`, `powersave`, ...).
    pub governor: Option<String>,
    /// Hottest sensor when the run began, in degrees Celsius.
    pub temperature_c: Option<f64>,
    /// Load over the last minute when the run began: what else ran.
    pub load: Option<f64>,
    /// Version of this program.
    pub onset: String,
}

impl Machine {
    /// This machine, now.
    pub fn here() -> Self {
        let first_of = |path: &str, key: &str| {
            let text = fs::read_to_string(path).ok()?;
            let line = text.lines().find(|line| line.starts_with(key))?;
            Some(line.split_once([':', '='])?.1.trim().trim_matches('"').to_owned())
        };
        let word = |path: &str| Some(fs::read_to_string(path).ok()?.trim().to_owned());
        let distribution = first_of("/etc/os-release", "PRETTY_NAME");
        let kernel = word("/proc/sys/kernel/osrelease").map(|version| format!("kernel {version}"));
        let release: Vec<String> = distribution.into_iter().chain(kernel).collect();
        Self {
            cpu: first_of("/proc/cpuinfo", "model name"),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            features: features(),
            memory_mb: first_of("/proc/meminfo", "MemTotal")
                .and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok())
                .map(|kilobytes| kilobytes / 1024),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            release: (!release.is_empty()).then(|| release.join(", ")),
            governor: word("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
            temperature_c: temperature_c(),
            load: word("/proc/loadavg").and_then(|text| text.split(' ').next()?.parse().ok()),
            onset: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// One line for people.
    pub fn line(&self) -> String {
        let mut parts = vec![format!("{} cores", self.cores)];
        parts.extend(self.cpu.clone());
        parts.push(self.system.clone());
        parts.extend(self.release.clone());
        parts.push(if self.features.is_empty() {
            "no vector sets known".into()
        } else {
            self.features.join(" ")
        });
        let or_unknown = |what: &str, value: Option<String>| {
            value.map_or_else(|| format!("{what} not told"), |value| format!("{what} {value}"))
        };
        parts.push(or_unknown("governor", self.governor.clone()));
        parts.push(or_unknown("temperature", self.temperature_c.map(|celsius| format!("{celsius:.0} C"))));
        parts.extend(self.load.map(|load| format!("load {load}")));
        parts.join(", ")
    }
}

#[cfg(target_arch = "x86_64")]
fn features() -> Vec<String> {
    let known = [
        ("sse4.2", is_x86_feature_detected!("sse4.2")),
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
    ];
    known.into_iter().filter(|known| known.1).map(|known| known.0.to_owned()).collect()
}

#[cfg(target_arch = "aarch64")]
fn features() -> Vec<String> {
    vec!["neon".to_owned()]
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn features() -> Vec<String> {
    Vec::new()
}

fn temperature_c() -> Option<f64> {
    let zones = fs::read_dir("/sys/class/thermal").ok()?.flatten();
    let celsius = zones.filter_map(|zone| {
        let milli = fs::read_to_string(zone.path().join("temp")).ok()?;
        Some(milli.trim().parse::<f64>().ok()? / 1000.0)
    });
    celsius.reduce(f64::max)
}
