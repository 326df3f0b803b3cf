//! What a name says about its value: secret, personal, or harmless.

/// What a name says about the value under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A secret, with all that is below it.
    Secret,
    /// A personal datum, with all that is below it.
    Personal,
    /// A name that may be a person's or a thing's.
    AnyName,
    /// Somebody: a text is that person's name, an object describes them.
    Person,
    /// What somebody wrote.
    Prose,
    /// An identifier, a kind or a region, which is harmless below a personal datum too, unless it looks like one itself.
    Neutral,
    /// A time, an amount or a count: long numbers are what they should be.
    Measure,
    /// Nothing.
    Other,
}

/// Secrets, as whole names without signs.
const SECRETS: &[&str] = &[
    "appid",
    "appkey",
    "auth",
    "authorization",
    "bearer",
    "captcha",
    "cardnumber",
    "clientid",
    "codeverifier",
    "cookie",
    "credential",
    "credentials",
    "cvc",
    "cvc2",
    "cvv",
    "cvv2",
    "idempotencykey",
    "jwt",
    "key",
    "nonce",
    "otp",
    "passphrase",
    "passwd",
    "pin",
    "pwd",
    "sessionid",
    "setcookie",
    "sid",
    "sig",
    "sign",
    "sms",
    "ticket",
    "verificationcode",
    "verifycode",
];

/// How the names of all other secrets end, without signs.
const SECRET_ENDS: &[&str] = &[
    "accesskey",
    "accesskeyid",
    "apikey",
    "appkey",
    "encryptionkey",
    "password",
    "passcode",
    "privatekey",
    "secret",
    "secretkey",
    "session",
    "signature",
    "signingkey",
    "stringtosign",
    "token",
    "authorization",
    "cookie",
    "idempotencykey",
    "nonce",
];

/// Personal data, as parts of names without signs.
const PERSONAL_PARTS: &[&str] = &[
    "accountno",
    "accountnumber",
    "bankaccount",
    "bankcard",
    "cardholder",
    "cardno",
    "cellphone",
    "driverlicense",
    "emailaddress",
    "firstname",
    "fullname",
    "givenname",
    "iban",
    "idcard",
    "identitycard",
    "identityno",
    "identitynumber",
    "idno",
    "idnumber",
    "lastname",
    "licenseplate",
    "nationalid",
    "nickname",
    "openid",
    "passport",
    "plaintext",
    "postalcode",
    "postcode",
    "realname",
    "surname",
    "taxid",
    "taxno",
    "taxnumber",
    "unionid",
    "username",
    "zipcode",
    "姓名",
    "手机",
    "电话",
    "地址",
    "身份证",
    "邮箱",
];

/// Personal data, as words of names.
const PERSONAL_WORDS: &[&str] = &[
    "address",
    "birth",
    "birthdate",
    "birthday",
    "dob",
    "email",
    "fax",
    "ip",
    "lat",
    "latitude",
    "lng",
    "longitude",
    "mail",
    "mobile",
    "nick",
    "phone",
    "ssn",
    "street",
    "tel",
    "telephone",
    "wangwang",
    "wechat",
    "whatsapp",
    "zip",
];

/// People, as the last word of a name.
const PERSONS: &[&str] = &[
    "buyer",
    "consignee",
    "consigner",
    "contact",
    "customer",
    "owner",
    "payee",
    "payer",
    "person",
    "receiver",
    "recipient",
    "seller",
    "sender",
    "user",
];

/// What people write, as the last word of a name.
const PROSE: &[&str] = &["comment", "explanation", "memo", "note", "remark", "review"];

/// What else than a person has a name: the word before `name`.
const NAMED_THINGS: &[&str] = &[
    "activity",
    "attribute",
    "brand",
    "carrier",
    "category",
    "class",
    "country",
    "city",
    "coupon",
    "currency",
    "domain",
    "event",
    "field",
    "file",
    "host",
    "item",
    "method",
    "operation",
    "product",
    "promotion",
    "property",
    "province",
    "service",
    "shop",
    "sku",
    "spec",
    "status",
    "template",
    "type",
    "unit",
    "warehouse",
];

const NEUTRAL: &[&str] = &[
    "city", "code", "count", "country", "county", "district", "enabled", "flag", "format", "id", "kind", "method",
    "province", "region", "state", "status", "town", "type", "version",
];

const MEASURES: &[&str] = &[
    "amount",
    "at",
    "cents",
    "date",
    "expires",
    "fee",
    "from",
    "limit",
    "millis",
    "ms",
    "offset",
    "page",
    "price",
    "quantity",
    "seconds",
    "size",
    "time",
    "timestamp",
    "to",
    "total",
    "ts",
    "until",
    "weight",
];

/// What a name says about its value; `added` are the caller's, as [`bare`] writes them.
pub(super) fn meaning(name: &str, added: &[String]) -> Meaning {
    let bare = bare(name);
    let is_or_ends = |ends: &[&str]| ends.iter().any(|end| bare.ends_with(end));
    if added.contains(&bare) {
        return Meaning::Personal;
    }
    // What is encrypted may be seen by anyone, and a name for a token's kind is none.
    if SECRETS.contains(&bare.as_str()) || is_or_ends(SECRET_ENDS) {
        return Meaning::Secret;
    }
    if PERSONAL_PARTS.iter().any(|part| bare.contains(part)) {
        return Meaning::Personal;
    }
    let words = words(name);
    let last = words.last().map(String::as_str).unwrap_or_default();
    let is_in = |list: &[&str], word: &str| list.contains(&word) || singulars(word).any(|one| list.contains(&one));
    if last == "message" && words.len() > 1 {
        return Meaning::Prose;
    }
    if words.iter().any(|word| word == "birth") {
        return Meaning::Personal;
    }
    for (list, meaning) in
        [(NEUTRAL, Meaning::Neutral), (MEASURES, Meaning::Measure), (PERSONS, Meaning::Person), (PROSE, Meaning::Prose)]
    {
        if is_in(list, last) {
            return meaning;
        }
    }
    if last == "name" || last == "names" {
        return match words.len().checked_sub(2).map(|before| words[before].as_str()) {
            None => Meaning::AnyName,
            Some(thing) if NAMED_THINGS.contains(&thing) => Meaning::Other,
            Some(_) => Meaning::Personal,
        };
    }
    if words.iter().any(|word| is_in(PERSONAL_WORDS, word)) { Meaning::Personal } else { Meaning::Other }
}

/// A name in small letters without signs.
pub(super) fn bare(name: &str) -> String {
    name.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The words of a name, whatever its style: `receiver_phone`, `receiverPhone`, `Receiver-Phone`, `receiver[phone]`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for sign in name.chars() {
        if !sign.is_alphanumeric() || (sign.is_uppercase() && was_small) {
            words.push(String::new());
        }
        was_small = sign.is_lowercase() || sign.is_ascii_digit();
        if let Some(word) = words.last_mut().filter(|_| sign.is_alphanumeric()) {
            word.extend(sign.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn singulars(word: &str) -> impl Iterator<Item = &str> {
    ["s", "es"].into_iter().filter_map(|ending| word.strip_suffix(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_what_is_under_it_in_any_style() {
        for (name, expected) in [
            ("access_token", Meaning::Secret),
            ("clientSecret", Meaning::Secret),
            ("X-Api-Key", Meaning::Secret),
            ("x-ecloud-signature", Meaning::Secret),
            ("string_to_sign", Meaning::Secret),
            ("receiver_phone", Meaning::Personal),
            ("receiverPhones", Meaning::Personal),
            ("receiver[name]", Meaning::Personal),
            ("addresses", Meaning::Personal),
            ("bankCardNo", Meaning::Personal),
            ("birth_date", Meaning::Personal),
            ("收货人姓名", Meaning::Personal),
            ("NickName", Meaning::Personal),
            ("name", Meaning::AnyName),
            ("receiver", Meaning::Person),
            ("buyer_message", Meaning::Prose),
            ("address_id", Meaning::Neutral),
            ("modified_at", Meaning::Measure),
            ("carrier_name", Meaning::Other),
            ("message", Meaning::Other),
            ("order", Meaning::Other),
            ("", Meaning::Other),
        ] {
            assert_eq!(meaning(name, &[]), expected, "{name}");
        }
    }

    #[test]
    fn a_caller_adds_names() {
        assert_eq!(meaning("pet", &[]), Meaning::Other);
        assert_eq!(meaning("Pet-Food", &[bare("pet_food")]), Meaning::Personal);
    }
}
