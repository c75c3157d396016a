//! What is known of tokens: symbol, decimals and asset by contract.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use dlmm_core::clarity::Principal;
use dlmm_core::units::Symbol;
use serde::Deserialize;

/// Most decimals that amounts can have.
pub(crate) const MAX_DECIMALS: u8 = 38;

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) contract: String,
    pub(crate) symbol: Symbol,
    pub(crate) decimals: u8,
    /// `<contract>::<asset>` or `STX`; `None` where nobody said it.
    pub(crate) asset: Option<String>,
}

/// Tokens by contract; no two have one symbol.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tokens {
    by_contract: BTreeMap<String, Arc<Token>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a token as {\"symbol\": \"BTC\", \"decimals\": 8}")]
struct Entry {
    symbol: String,
    decimals: u8,
    asset: Option<String>,
}

impl Tokens {
    /// Reads the tokens file.
    ///
    /// # Errors
    /// The file and what is wrong with it.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = crate::input::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let entries: BTreeMap<String, Entry> = serde_json::from_str(text)?;
        let mut tokens = Self::default();
        for (contract, entry) in entries {
            Principal::parse(&contract).with_context(|| contract.clone())?;
            let Entry { symbol, decimals, asset } = entry;
            let symbol =
                Symbol::new(&symbol).map_err(|wrong| anyhow::anyhow!("{contract}: symbol {wrong}"))?;
            anyhow::ensure!(decimals <= MAX_DECIMALS, "{contract}: decimals are above {MAX_DECIMALS}");
            let asset = match asset.as_deref() {
                None => None,
                Some("STX") => Some("STX".to_owned()),
                Some(name) => {
                    anyhow::ensure!(is_asset_name(name), "{contract}: asset is not the name of an asset");
                    Some(format!("{contract}::{name}"))
                }
            };
            let token = Token { contract, symbol, decimals, asset };
            if let Err(other) = tokens.add(token.clone()) {
                anyhow::bail!("{} and {other} have the same symbol {}", token.contract, token.symbol);
            }
        }
        Ok(tokens)
    }

    /// Adds a token, unless another contract has its symbol: anybody can deploy a second `USDC`.
    ///
    /// # Errors
    /// The other contract.
    pub(crate) fn add(&mut self, token: Token) -> Result<Arc<Token>, String> {
        let other = self.by_contract.values().find(|known| known.symbol == token.symbol);
        if let Some(other) = other.filter(|known| known.contract != token.contract) {
            return Err(other.contract.clone());
        }
        let token = Arc::new(token);
        self.by_contract.insert(token.contract.clone(), Arc::clone(&token));
        Ok(token)
    }

    pub(crate) fn get(&self, contract: &str) -> Option<&Arc<Token>> {
        self.by_contract.get(contract)
    }
}

/// Names as Clarity has them.
fn is_asset_name(name: &str) -> bool {
    name.len() <= 128
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_!?+<>=/*".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "ST1PQHQKV0RJXZFY1DGX8MNSNYVE3VGZJSRTPGZGM.a";

    fn refused(text: &str) -> String {
        format!("{:#}", Tokens::parse(text).unwrap_err())
    }

    #[test]
    fn assets_are_named_in_full() {
        let text = format!(
            r#"{{"{A}":{{"symbol":"A","decimals":8,"asset":"a-token"}},"{A}b":{{"symbol":"STX","decimals":6,"asset":"STX"}}}}"#
        );
        let tokens = Tokens::parse(&text).unwrap();
        let asset = |contract: &str| tokens.get(contract).unwrap().asset.clone().unwrap();
        assert_eq!((asset(A), asset(&format!("{A}b"))), (format!("{A}::a-token"), "STX".to_owned()));
    }

    #[test]
    fn two_contracts_never_share_a_symbol() {
        let text =
            format!(r#"{{"{A}":{{"symbol":"USDC","decimals":6}},"{A}b":{{"symbol":"USDC","decimals":6}}}}"#);
        assert!(refused(&text).contains("have the same symbol USDC"));
        let mut tokens = Tokens::parse(&format!(r#"{{"{A}":{{"symbol":"USDC","decimals":6}}}}"#)).unwrap();
        let token = Token { contract: format!("{A}b"), ..Token::clone(tokens.get(A).unwrap()) };
        assert_eq!(tokens.add(token), Err(A.to_owned()));
    }

    #[test]
    fn what_no_token_can_have_is_refused() {
        for entry in [
            r#"{"symbol":"A B","decimals":6}"#,
            r#"{"symbol":"A","decimals":39}"#,
            r#"{"symbol":"A","decimals":256}"#,
            r#"{"symbol":"A","decimals":6,"asset":"a\"b"}"#,
            r#"{"symbol":"A","decimals":6,"other":1}"#,
            r#"{"symbol":"A"}"#,
        ] {
            assert!(Tokens::parse(&format!(r#"{{"{A}":{entry}}}"#)).is_err(), "{entry}");
        }
        assert!(refused(r#"{"nobody":{"symbol":"A","decimals":6}}"#).contains("nobody"));
    }
}
