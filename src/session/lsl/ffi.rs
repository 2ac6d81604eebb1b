//! liblsl's C interface behind safe types: the only unsafe code of the crate.
//!
//! Why here: liblsl is a C++ library that labs install by themselves; a build of ours could not link it everywhere, so
//! it is loaded while the program runs, and functions that are found by name can only be called as `unsafe`. Signatures
//! are those of `lsl_c.h` (liblsl 1.13 and later). Each type owns one object of the library and frees it when dropped.
//! The library is never unloaded: its own threads may outlive every object.
#![allow(unsafe_code)]

use std::ffi::{CStr, OsStr, c_char, c_void};
use std::ptr::NonNull;

/// An object of the library.
type Pointer = *mut c_void;

/// Seconds without an answer after which a stream counts as gone.
const FORGET_AFTER_S: f64 = 5.0;
/// Seconds of samples that an inlet holds before the oldest are lost: the library's default.
const INLET_BUFFER_S: i32 = 360;
/// `lsl_lost_error`.
const LOST: i32 = -2;
/// More values in a sample than a marker stream can have.
const MAX_CHANNELS: usize = 64;

/// Kinds of values (`lsl_channel_format_t`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub(super) enum ValueKind {
    Double = 2,
    Text = 3,
}

/// Declares the functions that are used and how they are found by name.
macro_rules! functions {
    ($($name:ident = $symbol:literal: fn($($argument:ty),*) $(-> $result:ty)?;)*) => {
        /// The library's functions.
        pub(super) struct Library {
            $($name: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
        }

        impl Library {
            fn from_loaded(loaded: &libloading::Library) -> Result<Self, libloading::Error> {
                // SAFETY: each symbol is a function of this signature in lsl_c.h. The copied pointers stay valid, as
                // the caller never unloads the library.
                unsafe { Ok(Self { $($name: *loaded.get($symbol)?,)* }) }
            }
        }
    };
}

functions! {
    local_clock = "lsl_local_clock": fn() -> f64;
    library_version = "lsl_library_version": fn() -> i32;
    create_info = "lsl_create_streaminfo":
        fn(*const c_char, *const c_char, i32, f64, i32, *const c_char) -> Pointer;
    destroy_info = "lsl_destroy_streaminfo": fn(Pointer);
    info_name = "lsl_get_name": fn(Pointer) -> *const c_char;
    info_source_id = "lsl_get_source_id": fn(Pointer) -> *const c_char;
    info_uid = "lsl_get_uid": fn(Pointer) -> *const c_char;
    info_channels = "lsl_get_channel_count": fn(Pointer) -> i32;
    info_description = "lsl_get_desc": fn(Pointer) -> Pointer;
    append_child = "lsl_append_child": fn(Pointer, *const c_char) -> Pointer;
    append_child_value = "lsl_append_child_value": fn(Pointer, *const c_char, *const c_char) -> Pointer;
    create_outlet = "lsl_create_outlet": fn(Pointer, i32, i32) -> Pointer;
    destroy_outlet = "lsl_destroy_outlet": fn(Pointer);
    have_consumers = "lsl_have_consumers": fn(Pointer) -> i32;
    push_texts = "lsl_push_sample_buft": fn(Pointer, *const *const c_char, *const u32, f64) -> i32;
    push_doubles = "lsl_push_sample_dt": fn(Pointer, *const f64, f64) -> i32;
    create_resolver = "lsl_create_continuous_resolver_byprop":
        fn(*const c_char, *const c_char, f64) -> Pointer;
    resolver_results = "lsl_resolver_results": fn(Pointer, *mut Pointer, u32) -> i32;
    destroy_resolver = "lsl_destroy_continuous_resolver": fn(Pointer);
    create_inlet = "lsl_create_inlet": fn(Pointer, i32, i32, i32) -> Pointer;
    destroy_inlet = "lsl_destroy_inlet": fn(Pointer);
    open_stream = "lsl_open_stream": fn(Pointer, f64, *mut i32);
    time_correction = "lsl_time_correction": fn(Pointer, f64, *mut i32) -> f64;
    pull_texts = "lsl_pull_sample_buf":
        fn(Pointer, *mut *mut c_char, *mut u32, i32, f64, *mut i32) -> f64;
    destroy_text = "lsl_destroy_string": fn(*mut c_char);
}

impl Library {
    /// Loads the library of this path or name; it stays loaded until the program ends.
    pub(super) fn load(name: &OsStr) -> Result<&'static Self, libloading::Error> {
        // SAFETY: runs the library's initialisers. The user installed it, or named it by `LSL_LIB`, as liblsl.
        let loaded = unsafe { libloading::Library::new(name)? };
        let library = Self::from_loaded(&loaded)?;
        std::mem::forget(loaded);
        Ok(Box::leak(Box::new(library)))
    }

    /// Seconds on the clock that all time stamps of this machine are on.
    pub(super) fn clock_s(&self) -> f64 {
        // SAFETY: takes nothing, and may be called from anywhere.
        unsafe { (self.local_clock)() }
    }

    /// Version as 100 times the major plus the minor number.
    pub(super) fn version(&self) -> i32 {
        // SAFETY: as above.
        unsafe { (self.library_version)() }
    }
}

/// A type that owns an object of the library and frees it.
macro_rules! owned {
    ($(#[$doc:meta])* $name:ident, $destroy:ident) => {
        $(#[$doc])*
        pub(super) struct $name {
            library: &'static Library,
            pointer: NonNull<c_void>,
        }

        // SAFETY: liblsl documents its objects as safe to use from any thread, one call at a time; `&mut self` or
        // ownership sees to that, as the type is not `Sync`.
        unsafe impl Send for $name {}

        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: the pointer came from the library's `create` function and is freed here only.
                unsafe { (self.library.$destroy)(self.pointer.as_ptr()) }
            }
        }
    };
}

owned! {
    /// What a stream says of itself.
    Info, destroy_info
}
owned! {
    /// The sending end of a stream.
    Outlet, destroy_outlet
}
owned! {
    /// Looks for streams in the background (on a thread of the library's own).
    Resolver, destroy_resolver
}
owned! {
    /// The receiving end of a stream.
    Inlet, destroy_inlet
}

impl Info {
    /// A stream of irregular rate; `None` where the library refuses.
    pub(super) fn new(
        library: &'static Library,
        name: &CStr,
        kind: &CStr,
        channels: &[&CStr],
        values: ValueKind,
        source_id: &CStr,
    ) -> Option<Self> {
        let count = i32::try_from(channels.len()).ok()?;
        // SAFETY: the strings end with NUL and live through the call; the library copies them.
        let pointer = unsafe {
            (library.create_info)(name.as_ptr(), kind.as_ptr(), count, 0.0, values as i32, source_id.as_ptr())
        };
        let info = Self { library, pointer: NonNull::new(pointer)? };
        // SAFETY: nodes of the description belong to the info and live as long; the strings are copied.
        unsafe {
            let description = (library.info_description)(info.pointer.as_ptr());
            let list = (library.append_child)(description, c"channels".as_ptr());
            for label in channels {
                let channel = (library.append_child)(list, c"channel".as_ptr());
                (library.append_child_value)(channel, c"label".as_ptr(), label.as_ptr());
            }
        }
        Some(info)
    }

    pub(super) fn name(&self) -> String {
        self.text(self.library.info_name)
    }

    /// Stays the same when the sending program is started again; may be empty.
    pub(super) fn source_id(&self) -> String {
        self.text(self.library.info_source_id)
    }

    /// Another one for each outlet.
    pub(super) fn uid(&self) -> String {
        self.text(self.library.info_uid)
    }

    fn text(&self, get: unsafe extern "C" fn(Pointer) -> *const c_char) -> String {
        // SAFETY: the string belongs to the info, ends with NUL, and is copied before the info can change.
        unsafe {
            let text = get(self.pointer.as_ptr());
            if text.is_null() { String::new() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
        }
    }
}

impl Outlet {
    pub(super) fn new(info: &Info) -> Option<Self> {
        let library = info.library;
        // SAFETY: the info lives through the call and is copied. 0: as many samples a chunk as are pushed.
        let pointer = unsafe { (library.create_outlet)(info.pointer.as_ptr(), 0, INLET_BUFFER_S) };
        Some(Self { library, pointer: NonNull::new(pointer)? })
    }

    /// Whether anyone receives.
    pub(super) fn has_consumers(&mut self) -> bool {
        // SAFETY: the outlet lives.
        unsafe { (self.library.have_consumers)(self.pointer.as_ptr()) != 0 }
    }

    /// One sample of one text; false where the library refuses.
    pub(super) fn push_text(&mut self, text: &str, stamp_s: f64) -> bool {
        let Ok(length) = u32::try_from(text.len()) else { return false };
        let data = text.as_ptr().cast::<c_char>();
        // SAFETY: the stream has one channel, so the library reads one pointer and one length; the text lives through
        // the call and is copied.
        unsafe {
            (self.library.push_texts)(self.pointer.as_ptr(), &raw const data, &raw const length, stamp_s) == 0
        }
    }

    /// One sample of `N` numbers, which must be the number of the stream's channels; false where the library refuses.
    pub(super) fn push_numbers<const N: usize>(&mut self, numbers: &[f64; N], stamp_s: f64) -> bool {
        // SAFETY: the caller made the stream with N channels; the numbers live through the call and are copied.
        unsafe { (self.library.push_doubles)(self.pointer.as_ptr(), numbers.as_ptr(), stamp_s) == 0 }
    }
}

impl Resolver {
    /// Looks for streams of which a property has this value.
    pub(super) fn new(library: &'static Library, property: &CStr, value: &CStr) -> Option<Self> {
        // SAFETY: the strings live through the call and are copied.
        let pointer = unsafe { (library.create_resolver)(property.as_ptr(), value.as_ptr(), FORGET_AFTER_S) };
        Some(Self { library, pointer: NonNull::new(pointer)? })
    }

    /// The streams that are there now, 32 at most.
    pub(super) fn found(&mut self) -> Vec<Info> {
        let mut pointers: [Pointer; 32] = [std::ptr::null_mut(); 32];
        // SAFETY: the library writes at most 32 pointers into the array; each info is ours to free.
        let count =
            unsafe { (self.library.resolver_results)(self.pointer.as_ptr(), pointers.as_mut_ptr(), 32) };
        let found = pointers.into_iter().take(usize::try_from(count).unwrap_or(0));
        found
            .filter_map(|pointer| Some(Info { library: self.library, pointer: NonNull::new(pointer)? }))
            .collect()
    }
}

/// Why an inlet gives no sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nothing {
    /// There is none yet.
    Yet,
    /// The stream has ended and cannot come back.
    Lost,
}

impl Inlet {
    /// Connects in the background.
    pub(super) fn new(info: &Info) -> Option<Self> {
        let library = info.library;
        // SAFETY: the info lives through the calls and is copied; `code` is written to. Opening with no time to wait
        // only starts the connection: its error, a timeout, means nothing.
        unsafe {
            let pointer = (library.create_inlet)(info.pointer.as_ptr(), INLET_BUFFER_S, 0, 1);
            let inlet = Self { library, pointer: NonNull::new(pointer)? };
            let mut code = 0;
            (library.open_stream)(inlet.pointer.as_ptr(), 0.0, &raw mut code);
            Some(inlet)
        }
    }

    /// Seconds to add to the sender's stamps to have them on this machine's clock; `None` until it has been measured.
    pub(super) fn time_correction_s(&mut self) -> Option<f64> {
        let mut code = 0;
        // SAFETY: the inlet lives; `code` is written to. It does not wait.
        let correction = unsafe { (self.library.time_correction)(self.pointer.as_ptr(), 0.0, &raw mut code) };
        (code == 0 && correction.is_finite()).then_some(correction)
    }

    /// The oldest sample that waits, as text (several values joined by `;`), and its stamp on the sender's clock.
    pub(super) fn pull_text(&mut self, info: &Info) -> Result<(String, f64), Nothing> {
        let mut texts: [*mut c_char; MAX_CHANNELS] = [std::ptr::null_mut(); MAX_CHANNELS];
        let mut lengths = [0u32; MAX_CHANNELS];
        let mut code = 0;
        // SAFETY: reads a number of a living info.
        let channels = unsafe { (info.library.info_channels)(info.pointer.as_ptr()) };
        let count = usize::try_from(channels).unwrap_or(0);
        if count == 0 || count > MAX_CHANNELS {
            return Err(Nothing::Lost);
        }
        // SAFETY: the library writes as many pointers and lengths as the stream has channels, which is checked to be
        // what it is told and what there is room for; strings are ours to free. It does not wait.
        let stamp_s = unsafe {
            (self.library.pull_texts)(
                self.pointer.as_ptr(),
                texts.as_mut_ptr(),
                lengths.as_mut_ptr(),
                channels,
                0.0,
                &raw mut code,
            )
        };
        if code == LOST {
            return Err(Nothing::Lost);
        }
        if code != 0 || stamp_s == 0.0 {
            return Err(Nothing::Yet);
        }
        let mut values = Vec::with_capacity(count);
        for (text, length) in texts.into_iter().zip(lengths).take(count) {
            if text.is_null() {
                continue;
            }
            // SAFETY: the library allocated `length` bytes at `text`; they are copied, then freed once.
            unsafe {
                let bytes = std::slice::from_raw_parts(text.cast::<u8>(), length as usize);
                values.push(String::from_utf8_lossy(bytes).into_owned());
                (self.library.destroy_text)(text);
            }
        }
        Ok((values.join(";"), stamp_s))
    }
}
