//! The streams of `session.mcap`: their names, their forms, and the schemas that viewers read them by.

/// How the bytes of a topic's messages are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A JSON object.
    Json,
    /// OMG CDR, little endian, as ROS 2 writes it.
    Cdr,
}

/// A stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Every frame: the camera's own JPEG, or our lossless codec.
    Camera,
    /// Frames that were lost.
    Gap,
    /// What the analysis said of each frame: the columns of `frames.csv`.
    Observation,
    /// What was spotted: the columns of `events.csv`; the last message of a number counts.
    Event,
    /// Steps as they begin and end.
    Stimulus,
    /// What the operator or another program marked.
    Marker,
    /// Sound.
    Audio,
    /// Small pictures twice a second, for viewers that cannot show our codec; only where `/camera` has it.
    Preview,
}

impl Topic {
    /// All of them, in the order of their numbers in the file.
    pub const ALL: [Self; 8] = [
        Self::Camera,
        Self::Gap,
        Self::Observation,
        Self::Event,
        Self::Stimulus,
        Self::Marker,
        Self::Audio,
        Self::Preview,
    ];

    /// Its name in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Camera => "/camera",
            Self::Gap => "/gap",
            Self::Observation => "/observation",
            Self::Event => "/event",
            Self::Stimulus => "/stimulus",
            Self::Marker => "/marker",
            Self::Audio => "/audio",
            Self::Preview => "/camera/preview",
        }
    }

    /// The topic of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.name() == name)
    }

    pub(super) const fn form(self) -> Form {
        match self {
            Self::Camera | Self::Audio | Self::Preview => Form::Cdr,
            _ => Form::Json,
        }
    }

    /// Name of its schema.
    pub(super) const fn schema_name(self) -> &'static str {
        match self {
            Self::Camera | Self::Preview => "sensor_msgs/msg/CompressedImage",
            Self::Audio => "foxglove_msgs/msg/RawAudio",
            Self::Gap => "onset.Gap",
            Self::Observation => "onset.Observation",
            Self::Event => "onset.Event",
            Self::Stimulus => "onset.Stimulus",
            Self::Marker => "onset.Marker",
        }
    }

    /// Its schema: ROS 2 message definitions, or JSON Schema.
    pub(super) const fn schema(self) -> &'static str {
        match self {
            Self::Camera | Self::Preview => COMPRESSED_IMAGE,
            Self::Audio => RAW_AUDIO,
            Self::Gap => GAP,
            Self::Stimulus => STIMULUS,
            Self::Marker => MARKER,
            Self::Event => EVENT,
            Self::Observation => OBSERVATION,
        }
    }
}

/// ROS 2 common_interfaces, sensor_msgs/msg/CompressedImage.msg with what it refers to.
const COMPRESSED_IMAGE: &str = "std_msgs/Header header
string format
uint8[] data
================================================================================
MSG: std_msgs/Header
builtin_interfaces/Time stamp
string frame_id
================================================================================
MSG: builtin_interfaces/Time
int32 sec
uint32 nanosec
";

/// foxglove-sdk, schemas/ros2/RawAudio.msg.
const RAW_AUDIO: &str = "builtin_interfaces/Time timestamp
uint8[] data
string format
uint32 sample_rate
uint32 number_of_channels
================================================================================
MSG: builtin_interfaces/Time
int32 sec
uint32 nanosec
";

const GAP: &str = r#"{"type":"object","title":"Frames that were lost","properties":{
"t_s":{"type":"number","description":"when the first of them was captured, or should have been, in seconds from the session's start"},
"first_frame":{"type":"integer","description":"its number"},
"count":{"type":"integer","description":"how many were lost"},
"reason":{"type":"string","description":"overrun, driver, stalled, corrupt or recorder"}},"required":["t_s","first_frame","count","reason"]}"#;

const STIMULUS: &str = r#"{"type":"object","title":"A step of the protocol begins or ends","properties":{
"t_s":{"type":"number","description":"seconds from the session's start"},
"what":{"type":"string","enum":["begin","end"]},
"step":{"type":"integer","description":"position, from 0"},
"id":{"type":"string"},"kind":{"type":"string"},"target":{"type":"string"},"stimulus":{"type":"string"}},
"required":["t_s","what","step","id","kind"]}"#;

const MARKER: &str = r#"{"type":"object","title":"A moment that was marked","properties":{
"t_s":{"type":"number","description":"seconds from the session's start"},
"name":{"type":"string"},"origin":{"type":"string","description":"key, step or lsl"}},"required":["t_s","name","origin"]}"#;

const EVENT: &str = r#"{"type":"object","title":"What was spotted: the columns of events.csv (docs/outputs.md)","properties":{
"event":{"type":"integer","description":"its number; the last message of a number counts"},
"kind":{"type":"string"},"label":{"type":["string","null"]},"score":{"type":["number","null"]},
"onset_s":{"type":["number","null"]},"apex_s":{"type":["number","null"]},"offset_s":{"type":["number","null"]}},"required":["event","kind"]}"#;

const OBSERVATION: &str = r#"{"type":"object","title":"What the analysis said of a frame: the columns of frames.csv (docs/outputs.md)","properties":{
"frame":{"type":"integer"},"timestamp_s":{"type":["number","null"]},"status":{"type":"string"}},"required":["frame","status"]}"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_again_and_json_schemas_are_json() {
        for topic in Topic::ALL {
            assert_eq!(Topic::named(topic.name()), Some(topic));
            if topic.form() == Form::Json {
                serde_json::from_str::<serde_json::Value>(topic.schema()).unwrap();
            }
        }
        assert_eq!(Topic::named("/tf"), None);
    }
}
