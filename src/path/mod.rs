//! JSONPath (RFC 9535): parsed once, evaluated often.
