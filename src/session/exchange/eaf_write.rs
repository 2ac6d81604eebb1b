//! Tiers as an ELAN document: EAF 3.0 (the schema of the Max Planck Institute for Psycholinguistics, EAFv3.0.xsd).

use quick_xml::escape::escape;

use super::Tracks;
use super::tiers::{Tier, tiers_from_tracks};

/// The linguistic type of tiers that stand alone.
const INTERVALS: &str = "interval";
/// The linguistic type of apexes: within the annotations of their parent.
const WITHIN: &str = "apex";

/// The four constraints that every EAF document lists.
const CONSTRAINTS: &str = r#"    <CONSTRAINT DESCRIPTION="Time subdivision of parent annotation's time interval, no time gaps allowed within this interval" STEREOTYPE="Time_Subdivision"/>
    <CONSTRAINT DESCRIPTION="Symbolic subdivision of a parent annotation. Annotations refering to the same parent are ordered" STEREOTYPE="Symbolic_Subdivision"/>
    <CONSTRAINT DESCRIPTION="1-1 association with a parent annotation" STEREOTYPE="Symbolic_Association"/>
    <CONSTRAINT DESCRIPTION="Time alignable annotations within the parent annotation's time interval, gaps are allowed" STEREOTYPE="Included_In"/>
"#;

/// The document. A tier each for steps, events by kind, markers and coders; what overlaps goes to `NAME 2`; apexes are
/// on `NAME apex`, within their events. Characters that XML cannot hold become `U+FFFD`.
pub fn eaf_from_tracks(tracks: &Tracks<'_>) -> String {
    let tiers = tiers_from_tracks(tracks);
    let date = if tracks.started_utc.is_empty() { "1970-01-01T00:00:00Z" } else { tracks.started_utc };
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ANNOTATION_DOCUMENT AUTHOR=\"\" DATE=\"{}\" FORMAT=\"3.0\" \
         VERSION=\"3.0\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xsi:noNamespaceSchemaLocation=\"http://www.mpi.nl/tools/elan/EAFv3.0.xsd\">\n",
        xml(date)
    );
    text += &header(tracks.media, tiers.iter().map(|tier| tier.annotations.len()).sum());
    // Slots are numbered in order of time, two for each annotation.
    let mut slots: Vec<(u64, usize, usize)> = Vec::new();
    for (index, (begin_ms, end_ms)) in
        tiers.iter().flat_map(|tier| &tier.annotations).map(|a| (a.begin_ms, a.end_ms)).enumerate()
    {
        slots.push((begin_ms, index, 0));
        slots.push((end_ms, index, 1));
    }
    slots.sort_unstable();
    let mut slot_of = vec![[0usize; 2]; slots.len() / 2];
    text += "    <TIME_ORDER>\n";
    for (number, (ms, annotation, side)) in slots.into_iter().enumerate() {
        text += &format!("        <TIME_SLOT TIME_SLOT_ID=\"ts{}\" TIME_VALUE=\"{ms}\"/>\n", number + 1);
        slot_of[annotation][side] = number + 1;
    }
    text += "    </TIME_ORDER>\n";
    let mut number = 0;
    for tier in &tiers {
        text += &tier_start(tier);
        for annotation in &tier.annotations {
            let [begin, end] = slot_of[number];
            number += 1;
            text += &format!(
                "        <ANNOTATION>\n            <ALIGNABLE_ANNOTATION ANNOTATION_ID=\"a{number}\" \
                 TIME_SLOT_REF1=\"ts{begin}\" TIME_SLOT_REF2=\"ts{end}\">\n                \
                 <ANNOTATION_VALUE>{}</ANNOTATION_VALUE>\n            </ALIGNABLE_ANNOTATION>\n        \
                 </ANNOTATION>\n",
                xml(&annotation.value)
            );
        }
        text += "    </TIER>\n";
    }
    text += &format!(
        "    <LINGUISTIC_TYPE GRAPHIC_REFERENCES=\"false\" LINGUISTIC_TYPE_ID=\"{INTERVALS}\" \
         TIME_ALIGNABLE=\"true\"/>\n    <LINGUISTIC_TYPE CONSTRAINTS=\"Included_In\" GRAPHIC_REFERENCES=\"false\" \
         LINGUISTIC_TYPE_ID=\"{WITHIN}\" TIME_ALIGNABLE=\"true\"/>\n"
    );
    text + CONSTRAINTS + "</ANNOTATION_DOCUMENT>\n"
}

fn header(media: Option<&str>, annotations: usize) -> String {
    let mut text = "    <HEADER MEDIA_FILE=\"\" TIME_UNITS=\"milliseconds\">\n".to_owned();
    if let Some(media) = media {
        // ELAN looks for the file beside the document by the relative URL where the other leads nowhere.
        let is_url = media.contains("://") || media.starts_with("file:");
        let url = if is_url { media.to_owned() } else { format!("file:{}", path_url(media)) };
        let relative =
            if is_url { String::new() } else { format!(" RELATIVE_MEDIA_URL=\"{}\"", xml(&path_url(media))) };
        text += &format!(
            "        <MEDIA_DESCRIPTOR MEDIA_URL=\"{}\" MIME_TYPE=\"{}\"{relative}/>\n",
            xml(&url),
            mime_type(media)
        );
    }
    text + &format!(
        "        <PROPERTY NAME=\"lastUsedAnnotationId\">{annotations}</PROPERTY>\n    </HEADER>\n"
    )
}

/// A path as ELAN writes it: `./video.mkv` or `///home/lab/video.mkv`.
fn path_url(path: &str) -> String {
    let path = path.replace('\\', "/");
    let is_absolute = path.starts_with('/') || path.get(1..2) == Some(":");
    match (is_absolute, path.starts_with('/')) {
        (true, true) => format!("//{path}"),
        (true, false) => format!("///{path}"),
        _ if path.starts_with("./") || path.starts_with("../") => path,
        _ => format!("./{path}"),
    }
}

fn mime_type(media: &str) -> &'static str {
    match media.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "mp4" | "m4v" => "video/mp4",
        "mov" => "video/quicktime",
        "mpg" | "mpeg" => "video/mpeg",
        "wav" => "audio/x-wav",
        "mkv" => "video/x-matroska",
        // ELAN's word for it.
        _ => "unknown",
    }
}

fn tier_start(tier: &Tier) -> String {
    let mut attributes = String::new();
    if !tier.annotator.is_empty() {
        attributes += &format!(" ANNOTATOR=\"{}\"", xml(&tier.annotator));
    }
    let kind = if tier.parent.is_some() { WITHIN } else { INTERVALS };
    attributes += &format!(" LINGUISTIC_TYPE_REF=\"{kind}\"");
    if let Some(parent) = &tier.parent {
        attributes += &format!(" PARENT_REF=\"{}\"", xml(parent));
    }
    format!("    <TIER{attributes} TIER_ID=\"{}\">\n", xml(&tier.name))
}

/// Escaped for text and attributes. Carriage returns are written as references, which parsers keep; what XML 1.0 cannot
/// hold at all becomes `U+FFFD`.
fn xml(text: &str) -> String {
    let is_char =
        |c: char| matches!(c, '\t' | '\n' | '\r') || (c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'));
    let clean: String = text.chars().map(|c| if is_char(c) { c } else { '\u{fffd}' }).collect();
    escape(clean.as_str()).replace('\r', "&#xD;")
}
