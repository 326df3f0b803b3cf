//! Which properties hold what no log may show.

use super::gathered::Gathered;

/// Names of secrets, in small letters without signs.
const SECRETS: &[&str] = &["cardnumber", "cvc", "cvc2", "cvv", "cvv2", "passwd", "pin", "secret"];

/// How the names of all other secrets end.
const ENDINGS: &[&str] =
    &["accesstoken", "apikey", "clientsecret", "keysecret", "password", "privatekey", "refreshtoken", "secretkey"];

/// Whether a text property of a schema is a secret, by its name or by the company it is in.
pub(super) fn is_secret(owner: &str, gathered: &Gathered<'_>, wire: &str) -> bool {
    let bare = |text: &str| -> String {
        text.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let name = bare(wire);
    // What is encrypted may be seen by anyone.
    let ends = !name.starts_with("encrypted") && ENDINGS.iter().any(|ending| name.ends_with(ending));
    if ends || SECRETS.contains(&name.as_str()) {
        return true;
    }
    // `number` is a card's only where a card is described.
    let expires = || gathered.properties.iter().any(|(wire, _)| bare(wire).starts_with("exp"));
    name == "number" && owner.to_lowercase().contains("card") && expires()
}
