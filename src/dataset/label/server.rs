//! The server of the page: on this machine's own address, one coder, no thread of its own.

use std::future::{Future, IntoFuture, poll_fn};
use std::net::{Ipv4Addr, TcpListener};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, UNIX_EPOCH};

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};

use super::desk::MAX_BATCH;
use super::guard::{Guard, HEADERS, MAX_BODY};
use super::wire::{self, Batch};
use super::{Desk, LABELS, LabelError, Token};
use crate::capture::SessionClock;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
/// Onset, apex, offset.
const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#12171d"/><path d="M2 12 6 11 8 3 10 11 14 12" fill="none" stroke="#7fe3d3" stroke-width="1.6"/></svg>"##;
const SCRIPTS: [(&str, &str); 3] = [
    ("page.js", include_str!("page.js")),
    ("clip.js", include_str!("clip.js")),
    ("save.js", include_str!("save.js")),
];

/// How often the server looks whether it shall end.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long requests that are under way may take when it ends.
const GRACE: Duration = Duration::from_secs(1);

/// How to serve.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The port; 0 for any that is free.
    pub port: u16,
    /// Whether the spotter's proposals are hidden.
    pub is_blind: bool,
    /// Times of the journal's lines.
    pub clock: SessionClock,
}

/// A page that listens, but does not answer yet.
pub struct Server {
    listener: TcpListener,
    shared: Arc<Shared>,
}

/// What requests share.
struct Shared {
    desk: Mutex<Desk>,
    guard: Guard,
    options: Options,
    dataset: String,
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        // A request that broke off leaves the journal and the state of the line before.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_ms(&self) -> u64 {
        let clock = &self.options.clock;
        let since_start_ms = u64::try_from(clock.now().as_nanos() / 1_000_000).unwrap_or(0);
        let start = clock.wall_start().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(start.as_millis()).unwrap_or(0).saturating_add(since_start_ms)
    }
}

impl Server {
    /// Takes the port and makes the token; opens the coder's work on `dataset`.
    ///
    /// # Errors
    /// [`LabelError`]: see [`Desk::open`]; the port is taken; no randomness.
    pub fn bind(dataset: &std::path::Path, coder: &str, options: Options) -> Result<Self, LabelError> {
        let at_ms = options.clock.wall_start().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let desk = Desk::open(dataset, coder, options.is_blind, u64::try_from(at_ms).unwrap_or(0))?;
        let failed = |source| LabelError::Listen { port: options.port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let guard = Guard { port, token: Token::random()? };
        let name = std::path::absolute(dataset).unwrap_or_else(|_| dataset.to_owned());
        let dataset = name.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Self { listener, shared: Arc::new(Shared { desk: Mutex::new(desk), guard, options, dataset }) })
    }

    /// The page's address, with the token.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/{}/", self.shared.guard.port, self.shared.guard.token.as_str())
    }

    /// How many candidates have a label, and how many there are.
    pub fn progress(&self) -> (usize, usize) {
        let desk = self.shared.desk();
        (desk.labelled(), desk.candidates().all.len())
    }

    /// What was found amiss on opening.
    pub fn notices(&self) -> Vec<String> {
        self.shared.desk().notices().to_vec()
    }
}

/// Answers until `is_asked_to_end`; what is under way then gets a second.
///
/// # Errors
/// [`LabelError::Serve`] where the system refuses.
pub fn serve(server: &Server, is_asked_to_end: fn() -> bool) -> Result<(), LabelError> {
    let failed = |source| LabelError::Serve { source };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let listener = server.listener.try_clone().map_err(failed)?;
    let app = router(&server.shared);
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).map_err(failed)?;
        let asked = move || async move {
            while !is_asked_to_end() {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        let mut serving = pin!(axum::serve(listener, app).with_graceful_shutdown(asked()).into_future());
        let mut too_late = pin!(async {
            asked().await;
            tokio::time::sleep(GRACE).await;
        });
        poll_fn(|context| match (serving.as_mut().poll(context), too_late.as_mut().poll(context)) {
            (Poll::Ready(result), _) => Poll::Ready(result),
            (Poll::Pending, Poll::Ready(())) => Poll::Ready(Ok(())),
            (Poll::Pending, Poll::Pending) => Poll::Pending,
        })
        .await
        .map_err(failed)
    })
}

fn router(shared: &Arc<Shared>) -> Router {
    Router::new()
        .route("/{token}/", get(|| async { typed("text/html; charset=utf-8", PAGE) }))
        .route("/{token}/page.css", get(|| async { typed("text/css; charset=utf-8", STYLE) }))
        .route("/{token}/icon.svg", get(|| async { typed("image/svg+xml", ICON) }))
        .route("/{token}/script/{name}", get(script))
        .route("/{token}/state", get(state))
        .route("/{token}/clip/{id}", get(clip))
        .route("/{token}/frame/{id}/{file}", get(frame))
        .route("/{token}/edit", post(edit))
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(Arc::clone(shared), guarded))
        .with_state(Arc::clone(shared))
}

/// Refuses what the guard refuses, and puts the headers on every answer.
async fn guarded(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let mut response = match shared.guard.check(request.method(), request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    };
    response.headers_mut().extend(HEADERS);
    response
}

async fn nothing() -> Response {
    (StatusCode::NOT_FOUND, "There is nothing here.\n").into_response()
}

fn typed(kind: &'static str, body: impl IntoResponse) -> Response {
    let mut response = body.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    response
}

async fn script(Path((_, name)): Path<(String, String)>) -> Response {
    match SCRIPTS.iter().find(|(known, _)| *known == name) {
        Some((_, text)) => typed("text/javascript; charset=utf-8", *text),
        None => nothing().await,
    }
}

async fn state(State(shared): State<Arc<Shared>>) -> Response {
    let desk = shared.desk();
    let (undo, redo) = desk.workbook().undo_depth();
    let codings = desk.workbook().codings().iter().filter(|(id, _)| desk.candidates().get(id).is_some());
    let state = wire::State {
        coder: desk.coder(),
        dataset: &shared.dataset,
        is_blind: shared.options.is_blind,
        labels: &LABELS,
        ids: desk.candidates().all.iter().map(|candidate| candidate.id.as_str()).collect(),
        codings: codings.collect(),
        revision: desk.workbook().revision(),
        undo,
        redo,
        notices: desk.notices(),
    };
    Json(state).into_response()
}

async fn clip(State(shared): State<Arc<Shared>>, Path((_, id)): Path<(String, String)>) -> Response {
    let desk = shared.desk();
    match desk.candidates().get(&id) {
        Some(candidate) => Json(wire::Clip::of(candidate, shared.options.is_blind)).into_response(),
        None => (StatusCode::NOT_FOUND, "There is no such candidate.\n").into_response(),
    }
}

async fn frame(
    State(shared): State<Arc<Shared>>,
    Path((_, id, file)): Path<(String, String, String)>,
) -> Response {
    let path = shared.desk().candidates().get(&id).and_then(|candidate| candidate.picture(&file));
    let Some(path) = path else {
        return (StatusCode::NOT_FOUND, "There is no such picture.\n").into_response();
    };
    let kind = if file.to_ascii_lowercase().ends_with(".png") { "image/png" } else { "image/jpeg" };
    match std::fs::read(&path) {
        Ok(bytes) => typed(kind, bytes),
        Err(error) => {
            (StatusCode::NOT_FOUND, format!("cannot read {}: {error}\n", path.display())).into_response()
        }
    }
}

async fn edit(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let is_json = request.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if !is_json {
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Changes come as application/json.\n").into_response();
    }
    let body = match axum::body::to_bytes(request.into_body(), MAX_BODY).await {
        Ok(body) => body,
        Err(_) => return (StatusCode::PAYLOAD_TOO_LARGE, "A request has at most 64 KiB.\n").into_response(),
    };
    let batch = match parse(&body) {
        Ok(batch) => batch,
        Err(why) => return (StatusCode::BAD_REQUEST, why + "\n").into_response(),
    };
    let at_ms = shared.now_ms();
    match shared.desk().carry_out(&batch, at_ms) {
        Ok(answer) => {
            let status =
                if answer.refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
            (status, Json(answer)).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

fn parse(body: &Bytes) -> Result<Batch, String> {
    let batch: Batch = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    if batch.ops.len() > MAX_BATCH {
        return Err(format!("{} changes at once: at most {MAX_BATCH}", batch.ops.len()));
    }
    Ok(batch)
}
