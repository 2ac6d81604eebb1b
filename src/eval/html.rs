//! Pieces of report pages: escaped text, and pictures as inline SVG. No scripts, nothing from elsewhere.

use std::fmt::Write as _;

/// What all report pages look like; a page adds its own rules after these.
const BASE_STYLE: &str = include_str!("base.css");

/// A page's beginning, up to and with `<main>`. `style`: the page's own rules.
pub(crate) fn page_start(title: &str, style: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Onset: {}</title><style>{BASE_STYLE}{style}</style></head><body><main>",
        escape(title)
    )
}

/// `text` for use in HTML, in attributes too.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            // Control characters are not allowed in HTML.
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Which end of a text lies at its place.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A picture that is being drawn. Looks come from the classes of the page's style sheet.
#[derive(Debug)]
pub(crate) struct Svg {
    width: f64,
    height: f64,
    body: String,
}

impl Svg {
    /// An empty picture of this size, in px.
    pub(crate) fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new() }
    }

    pub(crate) fn rect(&mut self, [x, y, w, h]: [f64; 4], class: &str) {
        self.titled_rect([x, y, w, h], class, "");
    }

    /// With a text that appears under the pointer.
    pub(crate) fn titled_rect(&mut self, [x, y, w, h]: [f64; 4], class: &str, title: &str) {
        let (x, y, w, h) = (short(x), short(y), short(w.max(0.0)), short(h.max(0.0)));
        let end = if title.is_empty() {
            "/>".to_owned()
        } else {
            format!("><title>{}</title></rect>", escape(title))
        };
        // Writing to a String cannot fail.
        let _ = write!(self.body, r#"<rect class="{class}" x="{x}" y="{y}" width="{w}" height="{h}"{end}"#);
    }

    pub(crate) fn line(&mut self, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2], class: &str) {
        let (x1, y1, x2, y2) = (short(x1), short(y1), short(x2), short(y2));
        let _ = write!(self.body, r#"<line class="{class}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>"#);
    }

    pub(crate) fn circle(&mut self, [x, y]: [f64; 2], radius: f64, class: &str) {
        let (x, y, r) = (short(x), short(y), short(radius));
        let _ = write!(self.body, r#"<circle class="{class}" cx="{x}" cy="{y}" r="{r}"/>"#);
    }

    pub(crate) fn text(&mut self, [x, y]: [f64; 2], anchor: Anchor, class: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let (x, y, text) = (short(x), short(y), escape(text));
        let _ = write!(
            self.body,
            r#"<text class="{class}" x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>"#
        );
    }

    /// A line through points; a point that is not finite breaks it. A lone point is left out.
    pub(crate) fn polyline(&mut self, points: impl IntoIterator<Item = [f64; 2]>, class: &str) {
        let mut path = String::new();
        // Relative steps are shorter; they start from rounded places, so that rounding does not add up.
        let mut last: Option<[f64; 2]> = None;
        for [x, y] in points {
            if !(x.is_finite() && y.is_finite()) {
                last = None;
                continue;
            }
            let at = [x, y].map(|v| (v * 10.0).round() / 10.0);
            let _ = match last {
                None => write!(path, "M{} {}", short(at[0]), short(at[1])),
                Some([x, y]) => write!(path, "l{} {}", short(at[0] - x), short(at[1] - y)),
            };
            last = Some(at);
        }
        if !path.is_empty() {
            let _ = write!(self.body, r#"<path class="{class}" d="{path}"/>"#);
        }
    }

    /// The finished element; `label` says what the picture shows.
    pub(crate) fn finish(self, class: &str, label: &str) -> String {
        let (w, h, label) = (short(self.width), short(self.height), escape(label));
        format!(
            r#"<svg class="{class}" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{label}">{}</svg>"#,
            self.body
        )
    }
}

/// At most one decimal: positions finer than a tenth of a pixel don't show.
fn short(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_texts_stays_text() {
        let mut svg = Svg::new(10.0, 10.0);
        svg.titled_rect([0.0; 4], "a", "<script>alert('x')</script>");
        svg.text([1.0, 2.0], Anchor::End, "b", "\"&\u{7}");
        let svg = svg.finish("c", "<b>");
        assert!(!svg.contains("<script") && !svg.contains("<b>") && svg.contains("&quot;&amp; <"), "{svg}");
    }

    #[test]
    fn lines_break_where_a_value_is_missing_and_end_where_they_should() {
        let mut svg = Svg::new(10.0, 10.0);
        svg.polyline([[0.0, 1.0], [1.04, 1.0], [2.08, f64::NAN], [3.0, 2.0], [4.26, -1.0]], "t");
        assert_eq!(svg.body, r#"<path class="t" d="M0 1l1 0M3 2l1.3 -3"/>"#);
        svg.body.clear();
        svg.polyline([[f64::INFINITY, 1.0]], "t");
        assert_eq!(svg.body, "");
    }
}
