//! What `worker/js/seam.js` offers.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/js/seam.js")]
extern "C" {
    pub(super) fn serve(request: JsValue, env: JsValue, context: JsValue) -> JsValue;
    pub(super) fn connect(url: &str, token: &str) -> JsValue;
    pub(super) fn post(
        call: &JsValue,
        op: u32,
        connection: &JsValue,
        path: u32,
        body: &JsValue,
        ms: u32,
        limit: u32,
    );
    pub(super) fn body(call: &JsValue, op: u32, limit: u32, drained: u32);
    pub(super) fn sleep(call: &JsValue, op: u32, ms: u32);
    pub(super) fn limit(call: &JsValue, op: u32, key: &str);
    pub(super) fn sha256(call: &JsValue, op: u32, bytes: &JsValue);
    #[wasm_bindgen(js_name = headersOf)]
    pub(super) fn headers_of(lines: &str) -> JsValue;
    pub(super) fn answer(call: &JsValue, status: u16, usual: &JsValue, lines: &str, bytes: Option<&[u8]>);
    pub(super) fn behind(call: &JsValue) -> JsValue;
    pub(super) fn end(call: &JsValue);
    #[wasm_bindgen(js_name = isGone)]
    pub(super) fn is_gone(call: &JsValue) -> bool;
    pub(super) fn header(call: &JsValue, name: &str) -> Option<String>;
    #[wasm_bindgen(js_name = urlParts)]
    pub(super) fn url_parts(text: &str) -> Option<String>;
    pub(super) fn environment(call: &JsValue) -> JsValue;
}

#[wasm_bindgen(module = "/js/streams.js")]
extern "C" {
    pub(super) fn stream(call: &JsValue, status: u16, usual: &JsValue, lines: &str);
    pub(super) fn write(call: &JsValue, op: u32, bytes: &[u8]);
    pub(super) fn close(call: &JsValue, is_whole: bool);
    pub(super) fn subscribe(call: &JsValue, op: u32, connection: &JsValue, channel: &str);
    pub(super) fn heard(call: &JsValue, op: u32);
    pub(super) fn unsubscribe(call: &JsValue);
}

/// What the platform calls. The name is the event's.
#[wasm_bindgen]
#[expect(unreachable_pub, reason = "wasm-bindgen exports public functions only")]
pub fn fetch(request: JsValue, env: JsValue, context: JsValue) -> JsValue {
    serve(request, env, context)
}
