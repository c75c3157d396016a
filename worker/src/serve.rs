//! One request from arrival to answer: settings, path table, handler, CORS, log line.

use crate::config::{ConfigError, Origins};
use crate::handlers;
use crate::handlers::streams::Opened;
use crate::http::{
    Answer, ApiError, Dispatch, Method, Path, check_query, dispatch, path_pattern, preflight_headers,
};
use crate::isolate::Isolate;
use crate::observe::{Answered, Level, Log, new_request_id};
use crate::request::{RequestContext, RequestLine, count_request};
use crate::seam::Call;

/// Answers one request. Every failure on the way becomes a JSON answer.
pub(crate) async fn respond(call: Call, method: Method, url: String) {
    match Isolate::of(&call) {
        Ok(isolate) => {
            let context = RequestContext::new(call, method, &url, isolate);
            match run(&context).await {
                Ok(Given::Answer(answer)) => close(&context, Ok(answer)),
                Err(error) => close(&context, Err(error)),
                Ok(Given::Stream(opened)) => {
                    close(&context, Ok(Answer::stream()));
                    if !context.is_head() {
                        handlers::streams::pump(&context, opened).await;
                    }
                }
            }
        }
        Err(error) => refuse(&call, method, error),
    }
}

/// What the log and the counters call a request whose client did not wait. Proxies use the same number.
const CLIENT_GONE: u16 = 499;

/// Lets in who carries one of the keys, where keys are set.
///
/// After the limit, so that nobody can try keys out faster than it allows. Never from the query: addresses end up in
/// logs and histories. A ticket may stand there: it opens one stream, and ends in a minute.
fn admit(context: &RequestContext, path: &Path) -> Result<(), ApiError> {
    let is_open = context.config().api_keys.is_none();
    if is_open || context.api_key().is_some() || handlers::streams::admits(context, path) {
        return Ok(());
    }
    Err(ApiError::unauthorized(
        "this service needs an API key, in the header X-API-Key or as a bearer token in Authorization",
    ))
}

/// What a request is given.
enum Given {
    Answer(Answer),
    /// An answer that begins now and goes on.
    Stream(Opened),
}

async fn run(context: &RequestContext) -> Result<Given, ApiError> {
    // Before the path table, which would tell a stranger that there is something.
    if context.path().starts_with(handlers::admin::PREFIX) {
        handlers::admin::admit(context)?;
    }
    match dispatch(context.method(), context.path()) {
        Dispatch::Run(path) => {
            if path.is_limited() {
                count_request(context).await?;
            }
            if path.needs_key() {
                admit(context, &path)?;
            }
            check_query(context.query_text())?;
            match path {
                Path::QuoteStream | Path::Changes => {
                    handlers::streams::open(&path, context).await.map(Given::Stream)
                }
                path => handlers::run(path, context).await.map(Given::Answer),
            }
        }
        Dispatch::Options { allow } => {
            let headers =
                preflight_headers(&context.config().allowed_origins, context.origin().as_deref(), allow);
            Ok(Given::Answer(Answer { headers, ..Answer::no_content() }))
        }
        Dispatch::Refuse(error) => Err(error),
    }
}

/// Adds what every answer carries, writes the log line and makes the response.
fn close(context: &RequestContext, result: Result<Answer, ApiError>) {
    let (answer, error) = match result {
        Ok(answer) => (answer, None),
        Err(error) => (Answer::error(&error, context.request_id()), Some(error)),
    };
    // The answer reaches nobody then, and what stopped the work is no fault.
    let error = error.filter(|_| !context.client_is_gone());
    let status = if context.client_is_gone() { CLIENT_GONE } else { answer.status };
    let spent = context.budget().spent();
    let ms = (context.now_ms() - context.arrived_ms()).max(0.0);
    // Whole milliseconds are all that the platform's clock has; numbers with a point take long to write.
    let timing = format!("redis;dur={}, total;dur={}", spent.waited_ms.get() as u64, ms as u64);
    let answered = Answered {
        path: path_pattern(context.path()),
        method: context.method().as_str(),
        status,
        code: error.as_ref().map(|error| error.code.as_str()),
        ms,
    };
    context.isolate().metrics().answered(&answered, spent);
    let line = RequestLine {
        method: context.method().as_str(),
        path: context.path(),
        status,
        ms: ms as u64,
        redis_requests: spent.requests.get(),
        redis_commands: spent.commands.get(),
        redis_bytes: spent.bytes_received.get(),
        ..RequestLine::of_error(error.as_ref())
    };
    context.log().write(line.level(), "request", &line);
    let of_request = (context.request_id(), timing.as_str());
    answer.send(context.call(), context.is_head(), of_request, &context.config().allowed_origins);
}

/// With settings that cannot be used nothing can be answered, so every path says which setting it is.
///
/// The answer goes to any origin: the list may be what is wrong, and the message holds no secret.
fn refuse(call: &Call, method: Method, error: ConfigError) {
    let log = Log::new(Level::Info, new_request_id());
    let error = ApiError::from(error);
    let answer = Answer::error(&error, log.request_id());
    let line = RequestLine { status: answer.status, ..RequestLine::of_error(Some(&error)) };
    log.write(line.level(), "request", &line);
    answer.send(call, method == Method::Head, (log.request_id(), ""), &Origins::Any);
}
