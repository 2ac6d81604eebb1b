//! Tiers as tab-separated text, as ELAN itself exports them: tier, begin, end, duration, annotation.

use super::Tracks;
use super::tiers::tiers_from_tracks;

/// Titles of the columns as ELAN writes them for times in seconds.
const TITLES: &str = "Tier\tBegin Time - ss.msec\tEnd Time - ss.msec\tDuration - ss.msec\tAnnotation\n";

/// One line an annotation, tier by tier, times in seconds with three decimals; `has_header` adds the titles. Tabs and
/// ends of lines within an annotation become spaces.
pub fn tsv_from_tracks(tracks: &Tracks<'_>, has_header: bool) -> String {
    let mut text = if has_header { TITLES.to_owned() } else { String::new() };
    for tier in tiers_from_tracks(tracks) {
        let name = on_one_line(&tier.name);
        for annotation in &tier.annotations {
            let (begin, end) = (annotation.begin_ms, annotation.end_ms);
            let times = [begin, end, end - begin].map(seconds).join("\t");
            text += &format!("{name}\t{times}\t{}\n", on_one_line(&annotation.value));
        }
    }
    text
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

/// Control characters become spaces.
pub(super) fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
