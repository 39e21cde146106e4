//! The way back: a body of fields, for trying rules out.

use serde_json::Value;

/// The type of every body made here.
pub(in crate::payload) const CONTENT_TYPE: &str = "multipart/form-data; boundary=doorbell-boundary-4980";
const BOUNDARY: &str = "doorbell-boundary-4980";

/// One field for each member: texts and numbers as they are, lists and objects as JSON.
pub(in crate::payload) fn write(payload: &Value) -> Vec<u8> {
    let mut out = String::new();
    for (name, value) in payload.as_object().into_iter().flatten() {
        out.extend(["--", BOUNDARY, "\r\nContent-Disposition: form-data; name=\"", &quoted(name), "\"\r\n"]);
        if value.is_object() || value.is_array() {
            out.push_str("Content-Type: application/json\r\n");
        }
        out.extend(["\r\n", &value.as_str().map_or_else(|| value.to_string(), str::to_owned), "\r\n"]);
    }
    out.extend(["--", BOUNDARY, "--\r\n"]);
    out.into_bytes()
}

fn quoted(name: &str) -> String {
    name.replace('\\', "\\\\").replace('"', "\\\"").replace(['\r', '\n'], " ")
}
