//! The secret that a client sends, read from its headers.

/// The token of an `Authorization: Bearer` header.
///
/// The name of the scheme is read in any case, as RFC 9110 has it.
pub fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_token_is_found_in_every_spelling_of_the_scheme() {
        for header in ["Bearer abc", "bearer abc", "BEARER  abc ", " Bearer abc"] {
            assert_eq!(bearer(header), Some("abc"), "{header}");
        }
    }

    #[test]
    fn other_schemes_and_bare_tokens_are_none() {
        for header in ["", "abc", "Bearer", "Bearer ", "Basic abc", "Bearerabc", "Bearer\tabc"] {
            assert_eq!(bearer(header), None, "{header}");
        }
    }
}
