//! An ELAN document as it stands in the file: slots, tiers, annotations; nothing is resolved yet.
//!
//! Entities that a document defines are never expanded, so none can blow up the memory; using one is an error.

use std::collections::HashMap;
use std::path::Path;

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::ImportError;

/// Where an annotation lies.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// Between two time slots.
    Slots(String, String),
    /// Where an annotation of the parent tier lies; after another one of the same tier.
    Of { parent: String, previous: Option<String> },
}

#[derive(Clone, Debug)]
pub(super) struct EafAnnotation {
    pub id: String,
    pub place: Place,
    pub value: String,
    /// Line in the file, from 1.
    pub line: u64,
}

#[derive(Clone, Debug)]
pub(super) struct EafTier {
    pub name: String,
    pub annotator: String,
    pub parent: Option<String>,
    pub linguistic_type: String,
    pub annotations: Vec<EafAnnotation>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct EafDocument {
    /// In the order of time.
    pub slots: Vec<(String, Option<u64>)>,
    pub tiers: Vec<EafTier>,
    /// The constraint of each linguistic type; empty without one.
    pub constraints: HashMap<String, String>,
}

/// Reads a document; `path` is for messages.
pub(super) fn document_from_bytes(bytes: &[u8], path: &Path) -> Result<EafDocument, ImportError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| ImportError::Document {
        path: path.to_owned(),
        line: line_at(bytes, error.valid_up_to()),
        problem: "not UTF-8, as ELAN writes it; is this the .eaf file?".to_owned(),
    })?;
    let mut reader = Reader::from_str(text);
    let mut builder = Builder::default();
    let mut open: Vec<String> = Vec::new();
    let mut lines = Lines { bytes, at: 0, line: 1 };
    loop {
        let line = lines.at(reader.buffer_position());
        let fail = |problem: String| ImportError::Document { path: path.to_owned(), line, problem };
        let event = reader.read_event().map_err(|error| ImportError::Document {
            path: path.to_owned(),
            line: line_at(bytes, usize::try_from(reader.error_position()).unwrap_or(usize::MAX)),
            problem: format!("this is no well-formed XML: {error}; save the file in ELAN again"),
        })?;
        match event {
            Event::Start(start) => {
                let name = start.name().into_inner().to_owned();
                if open.is_empty() && name != "ANNOTATION_DOCUMENT" {
                    return Err(fail(format!(
                        "<{name}> is not what an ELAN document begins with; give an .eaf file"
                    )));
                }
                builder.start(&name, &start, line).map_err(fail)?;
                open.push(name);
            }
            Event::Empty(start) => {
                let name = start.name().into_inner().to_owned();
                builder.start(&name, &start, line).map_err(fail)?;
                builder.end(&name);
            }
            Event::End(_) => {
                if let Some(name) = open.pop() {
                    builder.end(&name);
                }
            }
            Event::Text(text) => builder.text(&text.xml_content(XmlVersion::Implicit1_0)),
            Event::CData(text) => builder.text(&text.xml_content(XmlVersion::Implicit1_0)),
            Event::GeneralRef(reference) => builder.text(&referred(&reference).map_err(fail)?),
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    let problem = match open.last() {
        Some(name) => format!("the file ends within <{name}>: it is cut off; save it in ELAN again"),
        None if !builder.has_root => "it holds no ELAN document; give an .eaf file".to_owned(),
        None => return Ok(builder.document),
    };
    Err(ImportError::Document { path: path.to_owned(), line: line_at(bytes, bytes.len()), problem })
}

/// Counts lines once along the file.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    fn at(&mut self, position: u64) -> u64 {
        let to = usize::try_from(position).unwrap_or(usize::MAX).min(self.bytes.len());
        if to > self.at {
            self.line += newlines(&self.bytes[self.at..to]);
            self.at = to;
        }
        self.line
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

fn line_at(bytes: &[u8], position: usize) -> u64 {
    newlines(&bytes[..position.min(bytes.len())]) + 1
}

/// The text of `&#10;` or `&amp;`.
fn referred(reference: &BytesRef<'_>) -> Result<String, String> {
    let name = reference.clone().into_inner();
    match reference.resolve_char_ref() {
        Ok(Some(c)) => Ok(c.to_string()),
        Ok(None) => resolve_xml_entity(&name).map(str::to_owned).ok_or_else(|| {
            format!("the entity &{name}; is not known; ELAN uses none of its own, and they are not expanded")
        }),
        Err(error) => Err(format!("&{name}; is no character: {error}")),
    }
}

/// Takes the elements that matter, wherever they stand; the others are left aside.
#[derive(Default)]
struct Builder {
    document: EafDocument,
    has_root: bool,
    /// The annotation that is open.
    annotation: Option<EafAnnotation>,
    is_in_value: bool,
}

impl Builder {
    fn start(&mut self, name: &str, start: &BytesStart<'_>, line: u64) -> Result<(), String> {
        match name {
            "ANNOTATION_DOCUMENT" => self.has_root = true,
            "HEADER" => {
                let units = Attributes::of(start)?.get("TIME_UNITS").unwrap_or_default();
                if !units.is_empty() && units != "milliseconds" {
                    return Err(format!(
                        "its times are in {units}; only milliseconds are read (ELAN's usual unit)"
                    ));
                }
            }
            "TIME_SLOT" => {
                let attributes = Attributes::of(start)?;
                let value = attributes.get("TIME_VALUE").filter(|value| !value.is_empty());
                let value = value.map(|value| {
                    value
                        .trim()
                        .parse::<u64>()
                        .map_err(|_| format!("TIME_VALUE {value:?} is no number of milliseconds"))
                });
                self.document.slots.push((attributes.required("TIME_SLOT_ID")?, value.transpose()?));
            }
            "TIER" => {
                let attributes = Attributes::of(start)?;
                self.document.tiers.push(EafTier {
                    name: attributes.required("TIER_ID")?,
                    annotator: attributes.get("ANNOTATOR").unwrap_or_default(),
                    parent: attributes.get("PARENT_REF"),
                    linguistic_type: attributes.get("LINGUISTIC_TYPE_REF").unwrap_or_default(),
                    annotations: Vec::new(),
                });
            }
            "ALIGNABLE_ANNOTATION" | "REF_ANNOTATION" => {
                let attributes = Attributes::of(start)?;
                let place = if name == "REF_ANNOTATION" {
                    let previous = attributes.get("PREVIOUS_ANNOTATION").filter(|id| !id.is_empty());
                    Place::Of { parent: attributes.required("ANNOTATION_REF")?, previous }
                } else {
                    Place::Slots(
                        attributes.required("TIME_SLOT_REF1")?,
                        attributes.required("TIME_SLOT_REF2")?,
                    )
                };
                let id = attributes.required("ANNOTATION_ID")?;
                self.annotation = Some(EafAnnotation { id, place, value: String::new(), line });
            }
            "ANNOTATION_VALUE" => self.is_in_value = true,
            "LINGUISTIC_TYPE" => {
                let attributes = Attributes::of(start)?;
                let constraint = attributes.get("CONSTRAINTS").unwrap_or_default();
                self.document.constraints.insert(attributes.required("LINGUISTIC_TYPE_ID")?, constraint);
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some(annotation) = self.annotation.as_mut().filter(|_| self.is_in_value) {
            annotation.value += text;
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "ANNOTATION_VALUE" => self.is_in_value = false,
            "ALIGNABLE_ANNOTATION" | "REF_ANNOTATION" => {
                if let (Some(annotation), Some(tier)) =
                    (self.annotation.take(), self.document.tiers.last_mut())
                {
                    tier.annotations.push(annotation);
                }
            }
            _ => {}
        }
    }
}

/// The attributes of one element, with references resolved.
struct Attributes {
    element: String,
    pairs: Vec<(String, String)>,
}

impl Attributes {
    fn of(start: &BytesStart<'_>) -> Result<Self, String> {
        let element = start.name().into_inner().to_owned();
        let mut pairs = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| format!("<{element}>: {error}"))?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|error| format!("<{element}>: {error}; entities are not expanded"))?;
            pairs.push((attribute.key.into_inner().to_owned(), value.into_owned()));
        }
        Ok(Self { element, pairs })
    }

    fn get(&self, name: &str) -> Option<String> {
        self.pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    }

    fn required(&self, name: &str) -> Result<String, String> {
        self.get(name).ok_or_else(|| format!("<{}> has no {name}; save the file in ELAN again", self.element))
    }
}
