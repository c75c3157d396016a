//! Reads JSON text from front to back.

#[cfg(test)]
mod tests;

use super::text::JsonText;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use hifijson::escape::{Lex as _, Lit};
use hifijson::num::Lex as _;
use hifijson::token::Lex as _;
use hifijson::{Read as _, SliceLexer};

/// Levels of lists and objects inside a value that is not looked into.
const MAX_DEPTH: u8 = 128;

/// Stands in front of a value, or behind the last one.
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> JsonText<'a> {
    /// Takes a text that is one JSON value, with or without space around it.
    ///
    /// # Errors
    /// Why it is none, and where.
    pub fn parse(text: &'a str) -> Result<Self, String> {
        let mut reader = Reader::new(text);
        let value = reader.value()?;
        reader.end()?;
        Ok(value)
    }
}

impl<'a> Reader<'a> {
    /// Stands in front of the text's first value.
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The first byte of the next value, which tells its kind.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = self.here()?;
            if !matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Reads an object: calls `entry` in front of every name, which it must read, and then the value.
    pub(crate) fn object(
        &mut self,
        entry: &mut dyn FnMut(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        self.take(b'{', "a JSON object")?;
        let mut first = true;
        while self.goes_on(b'}', &mut first)? {
            entry(self)?;
        }
        Ok(())
    }

    /// Reads a name, up to its value.
    pub(crate) fn name(&mut self) -> Result<Cow<'a, str>, String> {
        let name = self.string()?;
        self.take(b':', "a colon")?;
        Ok(name)
    }

    /// As [`Self::name`], and tells which of these it is, if any. Writers keep to one order, so the one that is expected
    /// is looked for first: that needs no look at where it ends.
    pub(crate) fn name_among(&mut self, names: &[&str], expected: usize) -> Result<Option<usize>, String> {
        self.peek();
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        if let (Some(name), [b'"', rest @ ..]) = (names.get(expected), rest)
            && let Some([b'"', ..]) = rest.strip_prefix(name.as_bytes())
        {
            self.at += name.len() + 2;
            self.take(b':', "a colon")?;
            return Ok(Some(expected));
        }
        let name = self.name()?;
        Ok(names.iter().position(|other| *other == name))
    }

    /// Reads a list: calls `item` in front of every value, which it must read.
    pub(crate) fn list(
        &mut self,
        item: &mut dyn FnMut(&mut Self) -> Result<(), String>,
    ) -> Result<(), String> {
        self.take(b'[', "a JSON list")?;
        let mut first = true;
        while self.goes_on(b']', &mut first)? {
            item(self)?;
        }
        Ok(())
    }

    /// Reads a string.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, String> {
        self.take(b'"', "a string")?;
        let plain = self.plain_text();
        if self.here() == Some(b'"') {
            // The usual string has no escapes and is borrowed as it stands.
            self.at += 1;
            return Ok(Cow::Borrowed(plain));
        }
        let mut text = String::from(plain);
        loop {
            match self.here() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(text));
                }
                Some(b'\\') => {
                    let read = self.lex(|lexer| {
                        let kind = lexer.discarded().take_next()?;
                        lexer.escape(kind).ok()
                    });
                    text.push(read.ok_or_else(|| self.no_character())?);
                }
                _ => return Err(self.fault("valid text")),
            }
            text.push_str(self.plain_text());
        }
    }

    /// Passes a value over and gives its text.
    pub(crate) fn value(&mut self) -> Result<JsonText<'a>, String> {
        self.peek();
        let from = self.at;
        self.pass(MAX_DEPTH)?;
        Ok(JsonText(self.text.get(from..self.at).unwrap_or_default()))
    }

    /// Demands that nothing is left but space.
    pub(crate) fn end(&mut self) -> Result<(), String> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.fault("the end")),
        }
    }

    fn pass(&mut self, depth: u8) -> Result<(), String> {
        match self.peek() {
            Some(b'"') => self.pass_string(),
            Some(b'-' | b'0'..=b'9') => self
                .lex(|lexer| lexer.num_ignore().validate().ok())
                .map(drop)
                .ok_or_else(|| self.fault("a digit")),
            Some(open @ (b'{' | b'[')) => {
                let depth = depth.checked_sub(1).ok_or_else(|| format!("more than {MAX_DEPTH} levels"))?;
                self.at += 1;
                let mut first = true;
                let close = if open == b'{' { b'}' } else { b']' };
                while self.goes_on(close, &mut first)? {
                    if open == b'{' {
                        self.pass_string()?;
                        self.take(b':', "a colon")?;
                    }
                    self.pass(depth)?;
                }
                Ok(())
            }
            _ => self.lex(|lexer| lexer.null_or_bool()).map(drop).ok_or_else(|| self.fault("a value")),
        }
    }

    fn pass_string(&mut self) -> Result<(), String> {
        self.take(b'"', "a string")?;
        loop {
            self.plain_text();
            match self.here() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.lex(pass_escape).ok_or_else(|| self.fault("an escape sequence"))?;
                }
                _ => return Err(self.fault("valid text")),
            }
        }
    }

    /// Reads up to the next byte of a string that is not simply part of its text.
    fn plain_text(&mut self) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let special = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
        let plain = rest.get(..special.unwrap_or(rest.len())).unwrap_or_default();
        self.at += plain.len();
        plain
    }

    /// Steps to the next entry or item, or over the closing bracket.
    fn goes_on(&mut self, close: u8, first: &mut bool) -> Result<bool, String> {
        if self.peek() == Some(close) {
            self.at += 1;
            return Ok(false);
        }
        if !core::mem::take(first) {
            self.take(b',', "a comma or the end of a list or object")?;
        }
        Ok(true)
    }

    fn take(&mut self, byte: u8, name: &str) -> Result<(), String> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(self.fault(name))
    }

    fn here(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Lets the lexer read on from here. Where it finds nothing, this stays in front.
    fn lex<T>(&mut self, read: impl FnOnce(&mut SliceLexer<'a>) -> Option<T>) -> Option<T> {
        let mut lexer = SliceLexer::new(self.text.as_bytes().get(self.at..)?);
        let found = read(&mut lexer)?;
        self.at = self.text.len().saturating_sub(lexer.as_slice().len());
        Some(found)
    }

    /// Names an escape sequence that is none, or one that stands for half of a character.
    #[cold]
    fn no_character(&mut self) -> String {
        let at = self.at;
        let expected = match self.lex(pass_escape) {
            Some(()) => "the other half of a surrogate pair",
            None => "an escape sequence",
        };
        self.at = at;
        self.fault(expected)
    }

    #[cold]
    fn fault(&self, expected: &str) -> String {
        match self.here() {
            None => format!("expected {expected}, but the text ends"),
            Some(_) => format!("expected {expected} at byte {}", self.at),
        }
    }
}

/// Passes an escape sequence. Whether two of them make up one character matters only to who reads the string.
fn pass_escape(lexer: &mut SliceLexer<'_>) -> Option<()> {
    match lexer.discarded().take_next()? {
        b'u' => lexer.hex::<u16>().ok().map(drop),
        kind => Lit::try_from(kind).map(drop),
    }
}
